"""The access token of a request to the API: who presents one, and how often.

A request with a token is a request of its session, whatever cookie comes with it. Only the API takes tokens.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app, g, request
from sqlalchemy import Engine

from judging import db
from judging.errors import Message, NotSignedIn, TooFast
from judging.services.authentication import access_tokens
from judging.services.authentication.access_tokens import TokenUse

_API = "/api/"
_SCHEME = "bearer "
_UNKNOWN = Message("This access token is not known, has expired, or was revoked.")
_TOO_MANY = Message("This access token has sent too many requests. Please wait.")


def presented() -> str | None:
    """Return the text of the token that this request presents, known or not; None without one."""
    header = request.headers.get("Authorization", "")
    is_operation = request.routing_exception is None and request.path.startswith(_API)
    if not is_operation or not header.lower().startswith(_SCHEME):
        return None
    return header[len(_SCHEME) :].strip()


def person_in_header(app: Flask, header: str) -> str | None:
    """Return whose token an ``Authorization`` header contains, by its signature only: use it for limits."""
    if not header.lower().startswith(_SCHEME):
        return None
    person_id = access_tokens.person_in(header[len(_SCHEME) :].strip(), secret_key=str(app.secret_key))
    return None if person_id is None else str(person_id)


def count_use(engine: Engine, text: str, *, address: str, at: datetime) -> TokenUse:
    """Count this request, and return what its token is for.

    This is written before anything is answered, also for a GET: the limit holds for all processes together.

    Raises
    ------
    NotSignedIn
        When the token is not known, has expired, or was revoked.
    TooFast
        When it has used up the requests of this minute.
    """
    person_id = access_tokens.person_in(text, secret_key=str(current_app.secret_key))
    used = None
    if person_id is not None:
        g.judging_counts_use = True
        try:
            with db.transaction(engine, in_one_statement=True) as own:
                used = access_tokens.use(own, text, person_id, address=address, at=at)
        finally:
            del g.judging_counts_use
    if used is None:
        raise NotSignedIn(_UNKNOWN)
    g.judging_token = used
    if used.n_left < 0:
        raise TooFast(_TOO_MANY, retry_after_seconds=used.seconds_left)
    return used


def here() -> TokenUse | None:
    """Return the token that this request was counted for; None for a browser."""
    used: TokenUse | None = g.get("judging_token")
    return used
