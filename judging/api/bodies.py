"""Parse the JSON bodies of the API, always with `judging.schemas.strict_json`."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Request, request
from webargs import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import UnsupportedMediaType

from judging.api import idempotency
from judging.api.scopes import security_of
from judging.schemas.answers.problems import MEDIA_TYPE, ProblemSchema
from judging.schemas.strict_json import parse_json


class _StrictParser(FlaskParser):
    """The parser of webargs with our JSON parser."""

    def _raw_load_json(self, req: Request) -> Any:
        return parse_json(req.get_data()) if is_json_request(req) else missing


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """A blueprint with strict parsing of bodies."""

    ARGUMENTS_PARSER = _StrictParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks += [_with_request_key, _with_if_match]

    def alt_response(self, status_code: int, *args: Any, **kwargs: Any) -> Any:
        """Document another answer of a view; a refusal is a problem unless it says otherwise."""
        if status_code >= 400:
            kwargs = {"schema": ProblemSchema, "content_type": MEDIA_TYPE} | kwargs
        return super().alt_response(status_code, *args, **kwargs)

    def register_views_in_doc(self, *args: Any, name: str, **kwargs: Any) -> None:
        """Document each operation, with who may call it."""
        for endpoint, operations in self._docs.items():
            for method, operation in operations.items():
                if method != "parameters":
                    security = security_of(f"{name}.{endpoint}", method)
                    operation.setdefault("manual_doc", {})["security"] = security
        super().register_views_in_doc(*args, name=name, **kwargs)


def _with_request_key(doc: dict[str, Any], _info: dict[str, Any], *, method: str, **_more: Any) -> dict[str, Any]:
    """Document the header Idempotency-Key of what must not happen twice."""
    if method.upper() in idempotency.METHODS:
        doc.setdefault("parameters", []).append(idempotency.parameter())
    return doc


def _with_if_match(doc: dict[str, Any], _info: dict[str, Any], *, method: str, **_more: Any) -> dict[str, Any]:
    """Document the header If-Match where the answer may be 412."""
    if method.upper() != "GET" and "412" in {str(code) for code in doc.get("responses", {})}:
        about = "The ETag of the state that is changed. When the state is another one by now: 412."
        doc.setdefault("parameters", []).append(
            {"name": "If-Match", "in": "header", "required": False, "description": about, "schema": {"type": "string"}}
        )
    return doc


def json_body() -> Any:
    """Return the JSON of this request, for a view without a schema; 415 when its content type is not JSON.

    Raises
    ------
    InvalidInput
        When it is not JSON, too large, nested too deeply, or has a duplicate key.
    """
    if not is_json_request(request):
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    return parse_json(request.get_data())
