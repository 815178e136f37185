"""Convert errors to problem details (RFC 9457), in the language of the request.

A problem has a ``type``, which programs compare, a ``title``, the ``status``, and a ``detail`` in the words of a page.
``errors`` names each place of the input that was refused, with its complaints.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, jsonify, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, SecurityError

from judging import db, errors
from judging import request as this
from judging.errors import Message
from judging.logs import route
from judging.request import status_of, stop_asking
from judging.request_language import current_language, translate
from judging.schemas.answers.problems import CSRF_TYPE, MEDIA_TYPE, TYPES
from judging.schemas.library_messages import in_own_words

log = structlog.get_logger()

_CONFIRM = Message(
    "This needs a fresh confirmation with your second factor: POST a code to /api/v1/session/confirmation, or confirm "
    "on a page of the same session, then send this again."
)
_CSRF = Message("Send the csrf_token of GET /api/v1/session as header X-CSRFToken, with the same cookie.")
_DATA = Message("A text with a NUL character or a number too large stands in this request.")
_CRASH = Message("Something went wrong on our side. Nothing was stored; please try again.")
_HTTP = {
    400: Message("This request cannot be read: send what the document of the API describes."),
    404: Message("There is no such address in this API, or it is not open to you."),
    405: Message("This address does not know this method; the header Allow names those it knows."),
    413: Message("This request is too large."),
    415: Message("Send JSON, with Content-Type: application/json."),
}
_API = re.compile(r"/api(/|$)")


def init_app(app: Flask) -> None:
    """Let every address below ``/api`` that no route has answer with a problem, too."""
    app.before_request(_refuse_unknown)


def guard(blueprint: Blueprint) -> None:
    """Make every error of a blueprint a problem."""
    blueprint.register_error_handler(errors.JudgingError, _on_judging_error)
    blueprint.register_error_handler(CSRFError, _on_csrf_error)
    blueprint.register_error_handler(HTTPException, _on_http_error)
    blueprint.register_error_handler(errors.Unavailable, _on_unavailable)
    blueprint.register_error_handler(DataError, _on_data_error)
    blueprint.register_error_handler(SQLAlchemyError, _on_database_error)
    blueprint.register_error_handler(Exception, _on_crash)


def problem(status: int, detail: str, *, kind: str = "about:blank", **more: Any) -> Response:
    """Return the answer for an error.

    Parameters
    ----------
    status : int
        Of HTTP.
    detail : str
        What is wrong and what to do; a Message is translated.
    kind : str
        The ``type``, which programs compare: one of ``TYPES``, or ``about:blank`` when the status says everything.
    **more
        Further members; empty ones are left out.
    """
    body = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": translate(detail)}
    answer = jsonify(body | {name: value for name, value in more.items() if value})
    answer.status_code = status
    answer.mimetype = MEDIA_TYPE
    answer.headers["Content-Language"] = current_language()
    answer.vary.add("Accept-Language")
    return answer


def problem_of(error: errors.JudgingError, **more: Any) -> Response:
    """Return the answer for one of our own errors."""
    kind = next(name for known, name in TYPES if isinstance(error, known))
    if isinstance(error, errors.InvalidInput):
        more["errors"] = {place: [translate(text) for text in texts] for place, texts in error.messages.items()}
    if isinstance(error, errors.NotLinked):
        more["linked_sets"] = [list(judges) for judges in error.linked_sets]
    is_plain = isinstance(error, errors.ConfirmationNeeded) and error.message == error.default
    detail = _CONFIRM if is_plain else error.message
    return problem(status_of(error), detail, kind=kind, **more)


def _refuse_unknown() -> Response | None:
    """Refuse an address or method that no route has. Elsewhere than below ``/api``, a page says so."""
    refused = request.routing_exception
    if not isinstance(refused, NotFound | MethodNotAllowed | SecurityError) or not _API.match(request.path):
        return None
    if isinstance(refused, SecurityError):
        return None
    answer = _on_http_error(refused)
    if isinstance(refused, MethodNotAllowed):
        answer.allow.update(refused.valid_methods or ())
    return answer


def _on_judging_error(error: errors.JudgingError) -> Response:
    if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("calibration failed", error=str(error), path=request.path)
    return problem_of(error)


def _on_csrf_error(_error: CSRFError) -> Response:
    try:
        this.actor()
    except errors.NotSignedIn as nobody:
        return problem_of(nobody)
    return problem(403, _CSRF, kind=CSRF_TYPE)


def _on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    # Webargs stores the complaints about a query or body, by location and field, on the exception.
    complaints = (getattr(error, "data", None) or {}).get("messages")
    if complaints is None:
        return problem(status, _HTTP.get(status) or error.description or HTTPStatus(status).phrase)
    places: dict[str, list[str]] = {}
    for located in complaints.values():
        _collect(places, "", located)
    return problem_of(errors.InvalidInput({place: list(texts) for place, texts in places.items()}))


def _collect(places: dict[str, list[str]], place: str, complaints: Any) -> None:
    """Flatten complaints of marshmallow: ``{"scores": {"need": [...]}}`` becomes ``{"scores.need": [...]}``."""
    if isinstance(complaints, dict):
        for name, inner in complaints.items():
            # An entry of a mapping has its complaints below "key" and "value", which nobody has sent.
            is_entry = place != "" and name in ("key", "value") and not isinstance(inner, dict)
            part = "" if is_entry or name == "_schema" else str(name)
            _collect(places, f"{place}.{part}".strip("."), inner)
    else:
        texts = complaints if isinstance(complaints, list) else [complaints]
        places.setdefault(place, []).extend(in_own_words(text) for text in texts)


def _on_unavailable(error: errors.Unavailable) -> Response:
    log.warning("unavailable", route=route(), error=str(error), cause=str(error.__cause__ or ""))
    stop_asking()
    response = problem_of(error)
    response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _on_database_error(error: SQLAlchemyError) -> Response:
    if not db.is_outage(error):
        return _on_crash(error)
    unavailable = errors.Unavailable()
    unavailable.__cause__ = error
    return _on_unavailable(unavailable)


def _on_data_error(_error: DataError) -> Response:
    return problem(400, _DATA)


def _on_crash(error: Exception) -> Response:
    log.exception("unexpected error", route=route(), exc_info=error)
    return problem(500, _CRASH)
