"""Sessions: one row for each sign-in of a person in a browser, which can be listed and ended.

The cookie contains a random token, the database its SHA-256. A session is over when it was ended, when it has reached
its longest lifetime, or when the signed cookie is older than the idle limit; Flask renews the cookie at each answer.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Message, NotFound
from judging.incoming_text import normalised
from judging.services import audit
from judging.services.access import Actor, operator, require_person
from judging.services.audit import stored_rows
from judging.services.authentication.tokens import hash_of
from judging.tables.row_digests import digest_of_row, key_of
from judging.tables.types import metadata

USE_INTERVAL = timedelta(minutes=1)
"""The time of the last use is stored at most this often."""
MOST_LISTED = 50
_table = metadata.tables["sign_in_session"]
_NOT_SIGNED_IN = Message("The command line has no session of its own.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """What a session must have to be open still.

    Attributes
    ----------
    begun_after : datetime
        Earlier ones have reached their longest lifetime.
    used_after : datetime
        The cookie of earlier ones is older than the idle limit, unless its person has only read since.
    """

    begun_after: datetime
    used_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A session that has begun, for the cookie of the browser; the token is stored nowhere else."""

    person: tables.Person
    session_id: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """A session as its person sees it.

    Attributes
    ----------
    row : tables.SignInSession
    link_issued_at : datetime or None
        When the link that began it was issued.
    link_channel : str or None
        One of ``tables.LINK_CHANNELS``, how that link reached the person.
    link_issuer : str or None
        Who asked for that link; None for the person, and for the command line.
    last_used_at : datetime
        The last write in it, scoresheets included.
    is_here : bool
        Whether it is the session of this request.
    """

    row: tables.SignInSession
    link_issued_at: datetime | None
    link_channel: str | None
    link_issuer: str | None
    last_used_at: datetime
    is_here: bool


def begin(
    session: Session,
    person: tables.Person,
    *,
    how: str,
    at: datetime,
    address: str,
    browser: str,
    link_id: int | None = None,
    confirmed_by: str | None = None,
    id_token: str | None = None,
    instead_of: int | None = None,
) -> Begun:
    """Begin a session of a person who has just been authenticated; the sign-in is recorded in the audit log.

    Parameters
    ----------
    session : Session
    person : tables.Person
    how : str
        One of ``tables.BEGINNINGS``.
    at : datetime
    address, browser : str
        Where the request came from, and what the browser calls itself.
    link_id : int, optional
        The link that began it.
    confirmed_by : str, optional
        The second factor that was part of the sign-in.
    id_token : str, optional
        What the provider of a single sign-on issued.
    instead_of : int, optional
        The session of the same browser that ends with this sign-in, whoever it belonged to.
    """
    token = secrets.token_urlsafe(32)
    row = tables.SignInSession(
        person_id=person.pk,
        token_hash=hash_of(token),
        began_at=at,
        how=how,
        sign_in_link_id=link_id,
        address=address[:64],
        browser=normalised(browser, "NFKC", limit=300)[:300],
        last_used_at=at,
        confirmed_at=at if confirmed_by else None,
        confirmed_by=confirmed_by,
        id_token=id_token,
    )
    if person.first_signed_in_at is None:
        person.first_signed_in_at = at
        session.add(person)
    if instead_of is not None:
        _end(session, at, "replaced", col(tables.SignInSession.id) == instead_of)
    session.add(row)
    session.flush()
    _note(session, {column.name: getattr(row, column.name) for column in _table.columns})
    actor = Actor(person_id=person.pk, name=person.name, address=address)
    detail = {"how": how, "session": row.pk, "link": link_id, "confirmed_by": confirmed_by}
    audit.record(session, actor, "signed_in", f"person {person.pk}", at=at, detail=detail)
    return Begun(person=person, session_id=row.pk, token=token)


def begin_for_token(
    session: Session, person_id: int, *, token_hash: str, at: datetime, address: str, browser: str
) -> int:
    """Begin the session of an access token and return its key; the caller writes the audit log."""
    row = tables.SignInSession(
        person_id=person_id,
        token_hash=token_hash,
        began_at=at,
        how="token",
        address=address[:64],
        browser=normalised(browser, "NFKC", limit=300)[:300],
        last_used_at=at,
    )
    session.add(row)
    session.flush()
    _note(session, {column.name: getattr(row, column.name) for column in _table.columns})
    return row.pk


def end_for_token(session: Session, session_id: int, *, at: datetime) -> None:
    """End the session of an access token; the caller writes the audit log."""
    _end(session, at, "revoked", col(tables.SignInSession.id) == session_id)


def touch(session: Session, session_id: int, *, at: datetime) -> None:
    """Store that a session is used, unless that was stored a minute ago."""
    session.execute(
        update(tables.SignInSession)
        .where(col(tables.SignInSession.id) == session_id, col(tables.SignInSession.last_used_at) < at - USE_INTERVAL)
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )


def sign_out(session: Session, actor: Actor, *, at: datetime) -> tables.SignInSession | None:
    """End the session of the actor; a copy of its cookie is worthless from then on."""
    if actor.session_id is None:
        return None
    _end(session, at, "signed_out", col(tables.SignInSession.id) == actor.session_id)
    audit.record(session, actor, "signed_out", f"person {actor.person_id}", at=at, detail={"session": actor.session_id})
    return session.get(tables.SignInSession, actor.session_id)


def sign_out_everywhere(session: Session, actor: Actor, *, at: datetime) -> None:
    """End every session of the actor, including this one."""
    person_id = require_person(actor, _NOT_SIGNED_IN)
    count = end_all(session, person_id, "signed_out_everywhere", at=at)
    audit.record(session, actor, "signed_out_everywhere", f"person {person_id}", at=at, detail={"count": count})


def end_own(session: Session, actor: Actor, session_id: int, *, at: datetime) -> None:
    """End one of the actor's own sessions; NotFound for any other, and for one that has ended."""
    person_id = require_person(actor, _NOT_SIGNED_IN)
    own = (col(tables.SignInSession.id) == session_id, col(tables.SignInSession.person_id) == person_id)
    if not _end(session, at, "ended", *own):
        raise NotFound
    audit.record(session, actor, "session.ended", f"person {person_id}", at=at, detail={"session": session_id})


def end_all(session: Session, person_id: int, reason: str, *, at: datetime, besides: int | None = None) -> int:
    """End every session of a person, perhaps besides one; return their number. The caller writes the audit log."""
    conditions = [col(tables.SignInSession.person_id) == person_id]
    if besides is not None:
        conditions.append(col(tables.SignInSession.id) != besides)
    return _end(session, at, reason, *conditions)


def end_everybodys(session: Session, *, at: datetime) -> tuple[int, int]:
    """End all sessions and revoke all unused links, after a restore; return the number of each.

    A back-up contains sessions that have been ended since, and links that have been used or revoked since.
    """
    sessions = _end(session, at, "restored")
    unused = select(tables.SignInLink).where(
        col(tables.SignInLink.used_at).is_(None), col(tables.SignInLink.revoked_at).is_(None)
    )
    links = session.exec(unused).all()
    for link in links:
        link.revoked_at = at
        session.add(link)
    detail = {"sessions": sessions, "links": len(links)}
    audit.record(session, operator(), "restored", "everybody", at=at, detail=detail)
    return sessions, len(links)


def list_own(session: Session, actor: Actor, *, earliest: datetime) -> list[OwnSession]:
    """Return the actor's sessions that have not ended and began after ``earliest``, the latest first."""
    person_id = require_person(actor, _NOT_SIGNED_IN)
    begun, link, sheet = tables.SignInSession, tables.SignInLink, tables.Scoresheet
    rows = session.exec(
        select(begun, col(link.created_at), col(link.channel), tables.Person.name)
        .outerjoin(link, col(link.id) == col(begun.sign_in_link_id))
        .outerjoin(tables.Person, col(tables.Person.id) == col(link.issued_by))
        .where(
            begun.person_id == person_id,
            col(begun.ended_at).is_(None),
            col(begun.began_at) > earliest,
            begun.how != "token",
        )
        .order_by(col(begun.began_at).desc(), col(begun.id).desc())
        .limit(MOST_LISTED)
    ).all()
    saves = session.exec(
        select(sheet.sign_in_session_id, func.max(sheet.saved_at))
        .where(col(sheet.sign_in_session_id).in_([row.id for row, *_ in rows]))
        .group_by(col(sheet.sign_in_session_id))
    )
    last_save = dict(saves.all())
    return [
        OwnSession(
            row=row,
            link_issued_at=issued_at,
            link_channel=channel,
            link_issuer=issuer,
            last_used_at=max(row.last_used_at, last_save.get(row.id) or row.last_used_at),
            is_here=row.id == actor.session_id,
        )
        for row, issued_at, channel, issuer in rows
    ]


def _end(session: Session, at: datetime, reason: str, *conditions: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(tables.SignInSession)
        .where(col(tables.SignInSession.ended_at).is_(None), *conditions)
        .values(ended_at=at, end_reason=reason)
        .returning(*_table.columns)
    )
    rows = ended.mappings().all()
    for row in rows:
        _note(session, dict(row))
    return len(rows)


def _note(session: Session, values: Mapping[str, Any]) -> None:
    """Let the next entry bind a session: with a session of their own making, somebody would act as this person."""
    stored_rows.note(session, {key_of(_table, values): digest_of_row(_table, values)})
