"""Our own static files, and Bootstrap's style sheet from its package. No file comes from another host.

Pages name a file with ``asset('judging.css')``. The address contains a digest of the content, so that browsers may
cache the file for a year and still load a new version at once.
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
    """Return a file from memory. It is read once: the files are few and small, and no file handle stays open."""
    path = _FROM_BOOTSTRAP.get(name) or next((file for file in _OURS.iterdir() if file.name == name), None)
    if path is None:
        return None
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return _File(content, media_type, hashlib.sha256(content).hexdigest()[:12])


@bp.get("/<digest>/<name>")
def send(digest: str, name: str) -> Response:
    """Send one static file."""
    file = _find(name)
    if file is None or file.digest != digest:
        abort(404)
    response = Response(file.content, content_type=f"{file.media_type}; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True
    return response


def asset(name: str) -> str:
    """Return the address of a static file; an unknown name raises an error while the page is rendered."""
    file = _find(name)
    if file is None:
        raise LookupError(f"no static file named {name!r}")
    return url_for("assets.send", digest=file.digest, name=name)


def init_app(app: Flask) -> None:
    """Let templates name static files."""
    app.jinja_env.globals["asset"] = asset
