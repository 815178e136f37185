"""A page with the API's OpenAPI document: Swagger UI's own files and two of ours, without inline scripts."""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from judging.api.faults import guard

bp = Blueprint("api_docs", __name__)
guard(bp)

_OURS = Path(__file__).parent / "docs_page"
_DIST = Path(str(files("flask_swagger_ui"))) / "dist"
_FILES = {
    "index.html": _OURS / "index.html",
    "start.js": _OURS / "start.js",
    "swagger-ui.css": _DIST / "swagger-ui.css",
    "swagger-ui-bundle.js": _DIST / "swagger-ui-bundle.js",
}


@bp.get("/")
def index() -> AnyResponse:
    """Redirect to the page."""
    return redirect(url_for("api_docs.send", name="index.html"))


@bp.get("/<name>")
def send(name: str) -> Response:
    """Send one file of the page."""
    path = _FILES.get(name)
    if path is None:
        abort(404)
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), content_type=f"{media_type}; charset=utf-8")
