"""Our own static files, and Bootstrap's style sheet from its package: no other host is ever asked.

Pages name a file with ``asset('judging.css')``; the address carries a digest of its content, so that browsers may keep
it for a year and still see a new version at once.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, url_for

bp = Blueprint("assets", __name__, url_prefix="/static")

_OURS = Path(__file__).parent / "static"
_BOOTSTRAP = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5"
_FROM_BOOTSTRAP = {"bootstrap.min.css": _BOOTSTRAP / "css" / "bootstrap.min.css"}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    digest: str


@cache
def _find(name: str) -> _File | None:
    """Return a file, read once: few and small, they stay in memory, and no handle is left open by who hangs up."""
    path = _FROM_BOOTSTRAP.get(name) or next((file for file in _OURS.iterdir() if file.name == name), None)
    if path is None:
        return None
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, media_type, hashlib.sha256(content).hexdigest()[:12])


@bp.get("/<digest>/<name>")
def send(digest: str, name: str) -> Response:
    """Send one static file."""
    found = _find(name)
    if found is None or found.digest != digest:
        abort(404)
    response = Response(found.content, content_type=f"{found.media_type}; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True
    return response


def asset(name: str) -> str:
    """Return the address of a static file; an unknown name fails the page, not the browser."""
    found = _find(name)
    if found is None:
        raise LookupError(f"no static file named {name!r}")
    return url_for("assets.send", digest=found.digest, name=name)


def init_app(app: Flask) -> None:
    """Let templates name static files."""
    app.jinja_env.globals["asset"] = asset
