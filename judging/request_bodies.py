"""How much of a body is read, before any transaction begins; and who sends it, as far as the cookie says."""

import re
import time
from hashlib import sha256
from typing import IO, Any, cast

from flask import Flask, Request, current_app, request
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_cookie

from judging.media.file_store import FileStore
from judging.media.media_limits import MediaLimits

SMALL_BODY = 64_000
"""Longest body, in bytes, of somebody who has not signed in."""
MOST_TEXT = 2_000_000
"""Longest body, in bytes, that is no file; a scoresheet with the longest comments in Chinese has 900 KB as a form."""
MOST_FIELDS = 2_000
_UPLOADS = re.compile(r"/organiser/[^/]+/files|/api/v1/competitions/[^/]+/files")
_FORM_ROOM = 100_000
"""Bytes of an upload's form beside the file."""
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
_SIGNED_IN = "_user_id"
# A cookie lasts for days after the last visit; to sign it again for every save takes a tenth of the save.
_RENEW_SECONDS = 600


def is_upload(path: str) -> bool:
    """Return whether decks and videos are uploaded at an address: only there a body may be longer than others."""
    return _UPLOADS.fullmatch(path) is not None


class ReceivingRequest(Request):
    """Flask's request, whose uploaded decks and videos are written straight to the folder of files."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if not is_upload(self.path):
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        store: FileStore = current_app.extensions["judging.files"]
        limits: MediaLimits = current_app.config["MEDIA_LIMITS"]
        store.require_room(total_content_length or 0, limits.least_free_bytes)
        return cast(IO[bytes], store.receive())


class _Signer(TimestampSigner):
    """Accepts what was signed in the future: after the clock was set back, everybody would be signed out otherwise."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        content, signed_at = super().unsign(signed_value, max_age=None, return_timestamp=True)
        if max_age is not None and self.get_timestamp() - signed_at.timestamp() > max_age:
            raise SignatureExpired("too old", payload=content, date_signed=signed_at)
        return (content, signed_at) if return_timestamp else content


class _Cookie(SecureCookieSession):
    """The content of a session cookie, and when it was signed (seconds since 1970)."""

    signed_at = 0.0


class SessionCookies(SecureCookieSessionInterface):
    """Flask's session cookie, signed with SHA-256, which does not depend on a clock that only goes forward.

    It is renewed when it has changed, or was signed more than ten minutes ago.
    """

    digest_method = staticmethod(sha256)
    session_class = _Cookie

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the content of the cookie; an empty one when there is none, or its signature or age is wrong."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            return _Cookie()
        try:
            content, signed_at = signer.loads(
                value, max_age=int(app.permanent_session_lifetime.total_seconds()), return_timestamp=True
            )
        except BadSignature:
            return _Cookie()
        opened = _Cookie(content)
        opened.signed_at = signed_at.timestamp()
        return opened

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Return whether the answer sends the cookie."""
        if session.modified or not isinstance(session, _Cookie):
            return super().should_set_cookie(app, session)
        return session.permanent and abs(time.time() - session.signed_at) > _RENEW_SECONDS

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and checks the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer


def person_in_cookie(app: Flask, header: str) -> str | None:
    """Return who is signed in according to a ``Cookie`` header, without asking the database.

    The signature and the age are checked. Whether the person may still sign in is not: use it for limits only.
    """
    signer = SessionCookies().get_signing_serializer(app)
    try:
        value = parse_cookie(header).get(app.config["SESSION_COOKIE_NAME"])
    except UnicodeDecodeError:
        return None
    if signer is None or value is None:
        return None
    try:
        content = signer.loads(value, max_age=int(app.permanent_session_lifetime.total_seconds()))
    except BadData:
        return None
    person = content.get(_SIGNED_IN) if isinstance(content, dict) else None
    # Without the token: all browsers of a person are one caller.
    return person.partition(".")[0] if isinstance(person, str) else None


def body_limit(app: Flask, *, is_signed_in: bool, path: str) -> int:
    """Return the length of the longest body that is read at an address, in bytes."""
    largest: int = app.config["MAX_CONTENT_LENGTH"]
    if is_upload(path):
        limits: MediaLimits = app.config["MEDIA_LIMITS"]
        largest = max(largest, limits.max_deck_bytes, limits.max_video_bytes) + _FORM_ROOM
    return largest if is_signed_in else min(SMALL_BODY, largest)


def read() -> None:
    """Read the body of this request; 413 when it is too long or has too many fields."""
    if request.method in _WITHOUT_BODY:
        return
    limit = body_limit(current_app, is_signed_in=_SIGNED_IN in cookie, path=request.path)
    if request.mimetype == "multipart/form-data":
        request.max_content_length = limit
        request.form  # noqa: B018 - reading the attribute reads the body
        return
    request.max_content_length = min(limit, MOST_TEXT)
    data = request.get_data()
    # Werkzeug limits the number of parts of a multipart form, not of this one: five million fields took a gigabyte.
    if request.mimetype == "application/x-www-form-urlencoded" and data.count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
