"""Our own static files, and what our pages use of Bootstrap's style sheet. No file comes from another host.

Pages name a file with ``asset('judging.css')``. The address contains a digest of the content, so that browsers may
cache the file for a year and still load a new version at once.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for
from flask.sessions import SessionMixin

from judging.publication.static_site import SHA256_MODULE
from judging.request_bodies import SessionCookies

bp = Blueprint("assets", __name__, url_prefix="/static")

_OURS = Path(__file__).parent / "static"
# One file for each subject, one request for all: later rules win over earlier ones, so the order counts.
_JOINED = {"judging.css": ("page.css", "tables.css", "chair.css", "pictures.css", "editor.css", "print.css")}
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes
    media_type: str
    digest: str


@cache
def _find(name: str) -> _File | None:
    """Return a file from memory. It is read and compressed once: the files are few and small."""
    if name in _JOINED:
        content = b"".join((_OURS / part).read_bytes() for part in _JOINED[name])
    else:
        path = next((file for file in _files() if file.name == name), None)
        if path is None:
            return None
        content = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, compresslevel=9, mtime=0)
    digest = _digest_of_scripts() if name.endswith(".js") else hashlib.sha256(content).hexdigest()
    return _File(content, packed, media_type, digest[:12])


def _files() -> list[Path]:
    """Return the files that may be sent by their names."""
    return [*_OURS.iterdir(), SHA256_MODULE]


@cache
def _digest_of_scripts() -> str:
    """Return one digest for all scripts: a module imports its neighbours by relative addresses, so these share it."""
    scripts = sorted(path for path in _files() if path.suffix == ".js")
    return hashlib.sha256(b"".join(path.read_bytes() for path in scripts)).hexdigest()


@bp.get("/<digest>/<name>")
def send(digest: str, name: str) -> Response:
    """Send one static file."""
    file = _find(name)
    if file is None or file.digest != digest:
        abort(404)
    is_packed = request.accept_encodings["gzip"] > 0 and len(file.packed) < len(file.content)
    response = Response(file.packed if is_packed else file.content, content_type=f"{file.media_type}; charset=utf-8")
    response.vary.add("Accept-Encoding")
    if is_packed:
        response.content_encoding = "gzip"
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


def content_of(name: str) -> bytes:
    """Return the content of a static file that is also sent by an address of its own."""
    file = _find(name)
    if file is None:
        raise LookupError(f"no static file named {name!r}")
    return file.content


def scripts() -> list[str]:
    """Return the addresses of all our scripts."""
    return sorted(asset(path.name) for path in _files() if path.suffix == ".js")


class _Sessions(SessionCookies):
    """The usual session cookie, except that a static file neither sets it nor depends on it.

    Otherwise Flask would renew the cookie with every file, a cache between browser and service could hand one person's
    cookie to another, and ``Vary: Cookie`` would make browsers load every file again after each renewal.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.blueprint != bp.name:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Let templates name static files, and keep sessions away from those files."""
    app.session_interface = _Sessions()
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["scripts"] = scripts
