"""Convert errors to JSON: code, status, message, and the complaints of each field."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from judging import db, errors
from judging.logs import route
from judging.request import status_of, stop_asking

log = structlog.get_logger()

_CONFIRM = (
    "This needs a fresh confirmation with your second factor: POST a code to /api/v1/session/confirmation, or confirm "
    "on a page of the same session, then send this again."
)

bp = Blueprint("api_faults", __name__)

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@bp.route("/", defaults={"address": ""}, methods=_METHODS)
@bp.route("/<path:address>", methods=_METHODS)
def unknown(address: str) -> Response:
    """Respond in JSON for addresses that match no other route."""
    raise errors.NotFound(errors.Message("There is no {address} in this API.", address=address or "/"))


def guard(blueprint: Blueprint) -> None:
    """Make every error of a blueprint a JSON response."""
    blueprint.register_error_handler(errors.JudgingError, _on_judging_error)
    blueprint.register_error_handler(CSRFError, _on_csrf_error)
    blueprint.register_error_handler(HTTPException, _on_http_error)
    blueprint.register_error_handler(errors.Unavailable, _on_unavailable)
    blueprint.register_error_handler(DataError, _on_data_error)
    blueprint.register_error_handler(SQLAlchemyError, _on_database_error)
    blueprint.register_error_handler(Exception, _on_crash)


def problem(code: int, message: str, complaints: Any = None, *, reason: str = "") -> Response:
    """Return the JSON of an error."""
    body: dict[str, Any] = {"code": code, "status": HTTPStatus(code).phrase, "message": message}
    if reason:
        body["reason"] = reason
    if complaints:
        body["errors"] = complaints
    response = jsonify(body)
    response.status_code = code
    return response


def _on_judging_error(error: errors.JudgingError) -> Response:
    code = status_of(error)
    if code == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("calibration failed", error=str(error), path=request.path)
    complaints: dict[str, Any] | None = error.messages if isinstance(error, errors.InvalidInput) else None
    if isinstance(error, errors.NotLinked):
        complaints = {"linked_sets": [list(judges) for judges in error.linked_sets]}
    if isinstance(error, errors.ConfirmationNeeded):
        return problem(code, _CONFIRM, reason="confirmation_needed")
    return problem(code, error.message, complaints)


def _on_csrf_error(error: CSRFError) -> Response:
    return problem(400, "Send the csrf_token of GET /api/v1/session as header X-CSRFToken, with the same cookie.")


def _on_http_error(error: HTTPException) -> Response:
    code = error.code or 500
    # Webargs stores the complaints about a query or body, by location and field, on the exception.
    data = getattr(error, "data", None) or {}
    return problem(code, error.description or HTTPStatus(code).phrase, data.get("messages"))


def _on_unavailable(error: errors.Unavailable) -> Response:
    log.warning("unavailable", route=route(), error=str(error), cause=str(error.__cause__ or ""))
    stop_asking()
    response = problem(status_of(error), error.message)
    response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _on_database_error(error: SQLAlchemyError) -> Response:
    if not db.is_outage(error):
        return _on_crash(error)
    unavailable = errors.Unavailable()
    unavailable.__cause__ = error
    return _on_unavailable(unavailable)


def _on_data_error(_error: DataError) -> Response:
    return problem(400, "A text with a NUL character or a number too large stands in this request.")


def _on_crash(error: Exception) -> Response:
    log.exception("unexpected error", route=route(), exc_info=error)
    return problem(500, "Something went wrong on our side. Nothing was stored; please try again.")
