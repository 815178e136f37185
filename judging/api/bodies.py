"""How the API reads JSON bodies: every one by `judging.schemas.strict_json`, whichever view asks."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Request, request
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import UnsupportedMediaType

from judging.schemas.strict_json import parse_json

WRITES: dict[str, Any] = {"security": [{"session": [], "csrf": []}]}
"""What the API's description says of a request that writes: it carries the cookie and the token."""


class _StrictParser(FlaskParser):
    """Webargs' parser with our JSON."""

    def _raw_load_json(self, req: Request) -> Any:
        return parse_json(req.get_data()) if is_json_request(req) else missing


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A blueprint whose bodies are read strictly."""

    ARGUMENTS_PARSER = _StrictParser()


def json_body() -> Any:
    """Return the JSON of this request, for a view that reads it by itself; 415 when it says that it is something else.

    Raises
    ------
    InvalidInput
        When it is not JSON, too large, too deep, or names a key twice.
    """
    if not is_json_request(request):
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    return parse_json(request.get_data())
