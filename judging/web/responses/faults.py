"""Error pages: what failed, and what the reader can do."""

import structlog
from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, SecurityError

from judging import db, errors
from judging.logs import route
from judging.media.media_limits import MediaLimits
from judging.request import status_of, stop_asking
from judging.request_bodies import is_upload
from judging.request_language import translate

log = structlog.get_logger()

_WITH_FORM = ("organiser.import_file", "organiser.upload_files")


def fault_page(status: int, message: str, details: list[str] | None = None) -> Response:
    """Return the error page."""
    # A file that is too large is refused before its page runs: the way back to that page is offered.
    page = request.path if status == 413 and request.endpoint in _WITH_FORM else ""
    return make_response(
        render_template("fault.html", status=status, message=message, details=details or [], page=page), status
    )


def init_app(app: Flask) -> None:
    """Register a handler for every error. The blueprints of the API have their own handlers."""
    app.register_error_handler(errors.JudgingError, _on_judging_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(SecurityError, _on_other_host)
    app.register_error_handler(errors.Unavailable, _on_unavailable)
    app.register_error_handler(DataError, _on_data_error)
    app.register_error_handler(SQLAlchemyError, _on_database_error)
    app.register_error_handler(Exception, _on_crash)


def _on_judging_error(error: errors.JudgingError) -> Response:
    status = status_of(error)
    if status == 500:
        log.error("calibration failed", error=str(error))
    if isinstance(error, errors.SecondFactorMissing) and request.method == "GET":
        return make_response(redirect(url_for("second_factor.show")))
    if isinstance(error, errors.NotSignedIn):
        # Return to this address only after a GET: the data of a POST is lost during sign-in.
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return make_response(redirect(url_for("auth.sign_in", next=back)))
    details = (
        [f"{place}: {translate(text)}" for place, texts in error.messages.items() for text in texts]
        if isinstance(error, errors.InvalidInput)
        else []
    )
    return fault_page(status, translate(error.message), details)


def _on_csrf_error(error: CSRFError) -> Response:
    text = _(
        "This form was opened before you signed in, or in another browser. Go back, reload the page and send it again."
    )
    return fault_page(400, text)


def _on_http_error(error: HTTPException) -> Response:
    texts = {
        404: _("There is no such page, or it is not open to you."),
        405: _("This page cannot be used that way."),
        413: _(
            "This is too large: a file may have %(limit)s MB.",
            limit=f"{_largest_file() / 1_000_000:g}",
        ),
    }
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    page = fault_page(error.code or 500, texts.get(error.code or 500, _("This request cannot be answered.")))
    if isinstance(error, MethodNotAllowed):
        page.allow.update(error.valid_methods or ())
    return page


def _largest_file() -> int:
    """Return the size that a file may have at this address, in bytes."""
    limits: MediaLimits = current_app.config["MEDIA_LIMITS"]
    largest: int = current_app.config["MAX_CONTENT_LENGTH"]
    return max(limits.max_deck_bytes, limits.max_video_bytes) if is_upload(request.path) else largest


def _on_other_host(_error: SecurityError) -> Response:
    """Answer a request under a name that is not ours: in plain text, because a page cannot make its links there."""
    text = (
        f"This service answers under {current_app.config['BASE_URL']}. "
        "Whoever runs it can add names with JUDGING_TRUSTED_HOSTS.\n"
    )
    return Response(text, 400, mimetype="text/plain")


def _on_unavailable(error: errors.Unavailable) -> Response:
    """Return a page that loses nothing: what was typed is in it, and one button sends it again."""
    log.warning("unavailable", error=str(error), cause=str(error.__cause__ or ""))
    stop_asking()
    page = render_template(
        "unavailable.html",
        message=translate(error.message),
        seconds=error.retry_after_seconds,
        typed=_typed(),
        # The same scoresheet that is sent twice is stored once. Of other forms this is not certain.
        by_itself=request.endpoint == "judge.save",
    )
    response = make_response(page, status_of(error))
    response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _typed() -> list[tuple[str, str]]:
    """Return the fields of a form that can be sent again from a page: no file, and nothing of a sign-in."""
    if request.method != "POST" or request.files or request.blueprint == "auth":
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _on_database_error(error: SQLAlchemyError) -> Response:
    if not db.is_outage(error):
        return _on_crash(error)
    unavailable = errors.Unavailable()
    unavailable.__cause__ = error
    return _on_unavailable(unavailable)


def _on_data_error(_error: DataError) -> Response:
    # PostgreSQL takes no NUL character and no number larger than its column; no browser sends either by itself.
    return fault_page(400, _("This request cannot be answered."))


def _on_crash(error: Exception) -> Response:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        error = error.original_exception
    log.exception("unexpected error", method=request.method, route=route(), exc_info=error)
    return fault_page(500, _("Something went wrong on our side. Nothing was stored; please try again."))
