"""The host of uploaded files, when it has a name of its own (``JUDGING_FILES_URL``).

A stranger's file must not be able to act as a page of ours. So it comes from another origin, where nobody is signed in:
the main host checks who asks and sends the reader on to a signed address. The application below serves these addresses
and nothing else. It knows no session, no cookie and no database.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer
from werkzeug.wsgi import get_host

from judging import logs
from judging import request as this
from judging.errors import NotFound
from judging.file_parts import send_part
from judging.media.file_store import FileStore
from judging.media.signed_addresses import (
    PICTURE_SECONDS,
    VIDEO_SECONDS,
    GrantedFile,
    end_of_validity,
    granted_in,
    token_of,
)
from judging.media.video_container import MP4, WEBM

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def send_file(path: Path, *, media_type: str, digest: str, name: str = "") -> Answer:
    """Return a file whose reader was checked, or, where files have a host of their own, the way there."""
    files_url = str(current_app.config["FILES_URL"])
    if not files_url:
        return send_part(path, media_type=media_type, digest=digest, name=name)
    seconds = VIDEO_SECONDS if media_type in (MP4, WEBM) else PICTURE_SECONDS
    granted = GrantedFile(
        page=request.path,
        path=path.relative_to(_store(current_app).folder).as_posix(),
        media_type=media_type,
        digest=digest,
        name=name,
        person=this.actor().person_id,
        until=end_of_validity(this.now().timestamp(), seconds=seconds),
    )
    return redirect(f"{files_url}/{token_of(granted, _key(current_app))}", code=303)


def init_app(app: Flask) -> None:
    """Answer requests for the host of files, if it has a name of its own, by an application that does nothing else."""
    files_url = app.config["FILES_URL"]
    app.jinja_env.globals["files_url"] = files_url
    if files_url:
        # Flask documents the replacement of wsgi_app by a wrapper; mypy reports an assignment to a method.
        app.wsgi_app = _ByHost(str(urlsplit(files_url).hostname), _files_app(app), app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it


class _ByHost:
    """Two applications behind one address: files under their host, pages under every other."""

    def __init__(self, host: str, files: Flask, pages: WSGIApplication) -> None:
        self._host, self._files, self._pages = host, files, pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Without the port: a proxy may leave it out.
        name = get_host(environ).partition(":")[0].rstrip(".").lower()
        chosen = self._files if name == self._host else self._pages
        return chosen(environ, start_response)


def _files_app(pages: Flask) -> Flask:
    app = Flask("judging.files_host", static_folder=None, template_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    base = urlsplit(pages.config["BASE_URL"])
    main_origin = f"{base.scheme}://{base.netloc}"
    logs.init_app(app)

    @app.get("/<token>")
    def file(token: str) -> Answer:
        """Send the file of a signed address; when its time is over, send the reader back to where it was asked for."""
        granted = granted_in(token, _key(pages))
        if granted is None:
            raise NotFound
        if granted.until < time.time():
            return redirect(f"{main_origin}{granted.page}", code=303)
        path = _store(pages).folder / granted.path
        answer = send_part(path, media_type=granted.media_type, digest=granted.digest, name=granted.name)
        # Nobody comes here without having asked the main host.
        answer.headers["Cache-Control"] = f"private, max-age={PICTURE_SECONDS}"
        return answer

    @app.errorhandler(NotFound)
    @app.errorhandler(HTTPException)
    def nothing(_error: Exception) -> Response:
        """Say that there is nothing else, in plain text: a page of ours has no place here."""
        return Response("There is no such file. Open it from the page of its proposal.\n", 404, mimetype="text/plain")

    @app.after_request
    def add_headers(answer: Response) -> Response:
        # Only pages of the main host may read files, and only by asking without cookies.
        answer.headers["Access-Control-Allow-Origin"] = main_origin
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
        answer.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answer

    return app


def _store(app: Flask) -> FileStore:
    return cast(FileStore, app.extensions["judging.files"])


def _key(app: Flask) -> str:
    return str(app.config["SECRET_KEY"])
