"""Access tokens: with one, a program does by the API what its person may do, within the scopes of the token.

The text of a token contains the person, is signed, and is shown once; the database has its SHA-256. Each token has a
session of its own, so that what it stores names it, and revoking it ends the session. A person's password, second
factor and other sessions cannot be changed with it, and nothing can be decided or signed with it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import case, update
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.access_tokens import load_new_token
from judging.services import audit
from judging.services.access import Actor, Claim, require_confirmed, require_person
from judging.services.authentication import sessions
from judging.services.authentication.tokens import hash_of
from judging.tables.types import metadata

PREFIX = "judging_"
"""How a token begins, so that programs which look for leaked secrets recognise it."""
MOST_TOKENS = 20
WINDOW = timedelta(minutes=1)
REQUESTS_PER_WINDOW = 300
_LONGEST = 400
_NO_TOKENS = Message("The command line has no access tokens.")
_table = metadata.tables["access_token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUse:
    """A token that was presented and counts.

    Attributes
    ----------
    claim : Claim
    scopes : tuple of str
    n_left : int
        Requests that are left in this window; negative when there are too many.
    seconds_left : int
        Until the next window begins.
    """

    claim: Claim
    scopes: tuple[str, ...]
    n_left: int
    seconds_left: int


def person_in(text: str, *, secret_key: str) -> int | None:
    """Return whose token a text is according to its signature, without asking the database; None for no token."""
    if not text.startswith(PREFIX) or len(text) > _LONGEST:
        return None
    try:
        person_id, _ = _signer(secret_key).loads(text.removeprefix(PREFIX))
    except (BadData, ValueError, TypeError):
        return None
    return person_id if isinstance(person_id, int) else None


def make(
    session: Session, actor: Actor, typed: dict[str, Any], *, secret_key: str, browser: str, at: datetime
) -> tuple[tables.AccessToken, str]:
    """Store a new token of the actor; return it with its text, which is stored nowhere.

    Raises
    ------
    InvalidInput
        When name, scopes or days are not as ``judging.schemas.access_tokens`` says.
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately: a token outlives the session that makes it.
    Conflict
        When the actor has one of this name, or ``MOST_TOKENS`` already.
    """
    person_id = require_person(actor, _NO_TOKENS)
    require_confirmed(actor)
    asked = load_new_token(typed)
    present = list_own(session, actor, at=at)
    if any(row.name == asked.name for row in present):
        # A form that is sent twice makes one token.
        raise Conflict(Message("You have an access token with this name already: {name}.", name=asked.name))
    if len(present) >= MOST_TOKENS:
        raise Conflict(Message("You have {n} access tokens. Revoke one first.", n=MOST_TOKENS))
    text = PREFIX + str(_signer(secret_key).dumps([person_id, secrets.token_urlsafe(32)]))
    session_id = sessions.begin_for_token(
        session, person_id, token_hash=hash_of(text), at=at, address=actor.address, browser=browser
    )
    row = tables.AccessToken(
        person_id=person_id,
        sign_in_session_id=session_id,
        name=asked.name,
        scopes=list(asked.scopes),
        created_at=at,
        expires_at=at + timedelta(days=asked.days),
        window_began_at=at,
    )
    session.add(row)
    session.flush()
    detail = {"number": row.pk, "name": row.name, "scopes": row.scopes, "expires_at": row.expires_at.isoformat()}
    audit.record(session, actor, "token.made", f"person {person_id}", at=at, detail=detail)
    return row, text


def list_own(session: Session, actor: Actor, *, at: datetime) -> list[tables.AccessToken]:
    """Return the actor's tokens that can still be used, newest first."""
    person_id = require_person(actor, _NO_TOKENS)
    token, begun = tables.AccessToken, tables.SignInSession
    return list(
        session.exec(
            select(token)
            .join(begun, col(begun.id) == col(token.sign_in_session_id))
            .where(token.person_id == person_id, col(begun.ended_at).is_(None), col(token.expires_at) > at)
            .order_by(col(token.id).desc())
        )
    )


def revoke(session: Session, actor: Actor, number: int, *, at: datetime) -> None:
    """End one of the actor's own tokens; NotFound for any other, and for one that has ended."""
    row = next((row for row in list_own(session, actor, at=at) if row.id == number), None)
    if row is None:
        raise NotFound
    sessions.end_for_token(session, row.sign_in_session_id, at=at)
    detail = {"number": row.pk, "name": row.name}
    audit.record(session, actor, "token.revoked", f"person {row.person_id}", at=at, detail=detail)


def use(session: Session, text: str, person_id: int, *, address: str, at: datetime) -> TokenUse | None:
    """Count one more request with a token, in one statement; None when it is unknown, has expired or was revoked."""
    begun = metadata.tables["sign_in_session"]
    token_hash = hash_of(text)
    # Two-sided: after the clock was set back, nobody waits until it is where it was.
    in_window = sqlalchemy.and_(_table.c.window_began_at > at - WINDOW, _table.c.window_began_at < at + WINDOW)
    live = (
        sqlalchemy.select(begun.c.id)
        .where(begun.c.token_hash == token_hash, begun.c.person_id == person_id, begun.c.ended_at.is_(None))
        .scalar_subquery()
    )
    row = (
        session.connection()
        .execute(
            update(_table)
            .where(_table.c.sign_in_session_id == live, _table.c.expires_at > at)
            .values(
                last_used_at=at,
                window_began_at=case((in_window, _table.c.window_began_at), else_=at),
                n_in_window=case((in_window, _table.c.n_in_window + 1), else_=1),
            )
            .returning(_table.c.id, _table.c.name, _table.c.scopes, _table.c.window_began_at, _table.c.n_in_window)
        )
        .one_or_none()
    )
    if row is None:
        return None
    left = (row.window_began_at + WINDOW - at).total_seconds()
    return TokenUse(
        claim=Claim(
            person_id=person_id,
            token_hash=token_hash,
            # A token ends at its own time, whatever the longest lifetime of a session in a browser is.
            earliest=datetime.min.replace(tzinfo=UTC),
            address=address,
            token=f"{row.id} {row.name}",
        ),
        scopes=tuple(row.scopes),
        n_left=REQUESTS_PER_WINDOW - row.n_in_window,
        seconds_left=max(1, int(left + 0.999)),
    )


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="judging access token", signer_kwargs={"digest_method": sha256})
