"""Our own static files, and Bootstrap's style sheet from its package: no other host is ever asked.

Pages name a file with ``asset('judging.css')``; the address carries a digest of its content, so that browsers may keep
it for a year and still see a new version at once.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, send_file, url_for

bp = Blueprint("assets", __name__, url_prefix="/static")

_OURS = Path(__file__).parent / "static"
_BOOTSTRAP = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5"
_FROM_BOOTSTRAP = {"bootstrap.min.css": _BOOTSTRAP / "css" / "bootstrap.min.css"}
_YEAR = 365 * 24 * 3600


@cache
def _find(name: str) -> tuple[Path, str] | None:
    path = _FROM_BOOTSTRAP.get(name) or next((file for file in _OURS.iterdir() if file.name == name), None)
    return (path, hashlib.sha256(path.read_bytes()).hexdigest()[:12]) if path else None


@bp.get("/<digest>/<name>")
def send(digest: str, name: str) -> Response:
    """Send one static file."""
    found = _find(name)
    if found is None or found[1] != digest:
        abort(404)
    return send_file(found[0], max_age=_YEAR)


def asset(name: str) -> str:
    """Return the address of a static file; an unknown name fails the page, not the browser."""
    found = _find(name)
    if found is None:
        raise LookupError(f"no static file named {name!r}")
    return url_for("assets.send", digest=found[1], name=name)


def init_app(app: Flask) -> None:
    """Let templates name static files."""
    app.jinja_env.globals["asset"] = asset
