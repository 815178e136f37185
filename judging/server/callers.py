"""Who sends a request, known from its head alone: a signed-in person, or a network."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Flask

from judging.bearer_tokens import person_in_header
from judging.media.file_store import FileStore
from judging.media.signed_addresses import granted_in
from judging.request_bodies import body_limit, person_in_cookie
from judging.server.heads import Head
from judging.server.turns import Key
from judging.services.authentication.attempts import network_of


class Callers:
    """The callers of one application.

    The signature of the session cookie or access token is checked, so that nobody can use up the turns of another
    person. Whether the person may still sign in is the application's question.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._files: FileStore = app.extensions["judging.files"]
        self._proxies = int(app.config["PROXY_COUNT"])
        self._person = lru_cache(maxsize=2_000)(self._person_in)
        self._token_person = lru_cache(maxsize=2_000)(self._person_of_token)
        has_files_host = bool(app.config["FILES_URL"])
        self._reader = lru_cache(maxsize=2_000)(self._reader_of) if has_files_host else _nobody

    def key(self, head: Head, address: str) -> Key:
        """Return the person of the access token or session cookie, otherwise the network of the address."""
        if head.authorization:
            person = self._token_person(head.authorization)
        else:
            person = self._person(head.cookie) if head.cookie else self._reader(head.path)
        return ("person", person) if person else ("network", network_of(self._client(head, address)))

    def body_limit(self, key: Key, path: str) -> int:
        """Return how long a body this caller may send to an address, in bytes."""
        return body_limit(self._app, is_signed_in=key[0] == "person", path=path)

    def require_room(self, n_bytes: int) -> None:
        """Raise NoRoom unless an upload fits on the disk twice: as it arrives, and as the file in it."""
        self._files.require_room(2 * n_bytes, self._app.config["MEDIA_LIMITS"].least_free_bytes)

    def spool_folder(self) -> Path:
        """Return the folder for bodies that are too long for memory."""
        self._files.arriving.mkdir(parents=True, exist_ok=True)
        return self._files.arriving

    def _client(self, head: Head, address: str) -> str:
        """Return the address that the outermost of our proxies reported."""
        if not self._proxies:
            return address
        reported = [text.strip() for text in head.forwarded_for.split(",") if text.strip()]
        return reported[-self._proxies] if len(reported) >= self._proxies else address

    def _reader_of(self, path: str) -> str | None:
        """Return who asks for a file on the host of files, where there are no cookies.

        So judges behind the same conference network do not wait for each other's slides.
        """
        granted = granted_in(path.removeprefix("/"), self._app.config["SECRET_KEY"])
        return str(granted.person) if granted is not None and granted.person else None

    def _person_in(self, cookie: str) -> str | None:
        return person_in_cookie(self._app, cookie)

    def _person_of_token(self, authorization: str) -> str | None:
        return person_in_header(self._app, authorization)


def _nobody(_path: str) -> None:
    """Name no reader: files have no host of their own."""
