"""The mark of a browser in which a person has signed in before.

It opens nothing. It only lets the failures of this browser be counted apart from those of strangers, so that whoever
enters wrong passwords elsewhere does not lock the person out here.
"""

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

_COOKIE = "judging_browser"
_LIFETIME_SECONDS = 400 * 24 * 3600
_MOST_PEOPLE = 8
"""People who share a browser; the one who has not signed in for the longest time is forgotten."""


def mark_for(person_id: int | None) -> str:
    """Return the mark of this browser if the person has signed in here before, otherwise an empty text."""
    secret, people = _read()
    return hashlib.sha256(secret.encode()).hexdigest() if person_id in people else ""


def remember(person_id: int) -> None:
    """Let the answer to this request tell the browser that the person has signed in here."""
    secret, people = _read()
    people = [*(number for number in people if number != person_id), person_id][-_MOST_PEOPLE:]
    value = _signer().dumps([secret or secrets.token_urlsafe(24), people])

    @after_this_request
    def send(response: Response) -> Response:
        response.set_cookie(
            _cookie(),
            str(value),
            max_age=_LIFETIME_SECONDS,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _read() -> tuple[str, list[int]]:
    try:
        content = _signer().loads(request.cookies.get(_cookie(), "")[:1000])
    except BadData:
        return "", []
    secret, people = content
    return str(secret), [int(number) for number in people]


def _cookie() -> str:
    """Return the name of the cookie, with the prefix of the session cookie."""
    return f"__Host-{_COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else _COOKIE


def _signer() -> URLSafeSerializer:
    settings = {"digest_method": hashlib.sha256}
    return URLSafeSerializer(str(current_app.secret_key), salt="judging known browser", signer_kwargs=settings)
