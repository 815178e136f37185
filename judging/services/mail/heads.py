"""Signed heads of the audit log by e-mail: to chairs and auditors, once a day and whenever something is sealed.

A worker calls ``queue_heads`` now and then. What was queued is a row of ``sent_head`` in the transaction of its
messages: a head is queued once, however many workers there are and whenever one of them is killed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, exists, select

from judging import tables
from judging.services.access import Actor
from judging.services.audit import signed_heads
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message

SEALINGS = ("round.opened", "round.closed", "rules.sealed", "release.signed", "release.in_force")
"""Actions after which a head is sent at once: what they fix must not be changed later without a trace."""
RECIPIENTS = ("chair", "auditor")
ACTIVE_FOR = timedelta(days=30)
"""Nobody gets a daily head for a competition in which nothing has happened for so long."""
KEPT = timedelta(days=30)
"""How long the rows of messages that were sent remain; the recipients keep the messages."""
_CLOCK_WAS_WRONG = timedelta(days=7)
_MOST_NAMED = 20
_SERVICE = Actor(person_id=None, name="service")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A head that is to be sent, and why."""

    head: signed_heads.SignedHead
    is_daily: bool
    # Competition -> the entries of sealings since the last head, oldest first.
    sealed: Mapping[int, Sequence[tables.AuditEntry]]


def is_due(session: Session, *, at: datetime) -> bool:
    """Return whether ``queue_heads`` would find something to send; a reading session is enough."""
    due = _due(session, at=at)
    return due is not None and bool(_recipients(session, due, at=at))


def queue_heads(session: Session, mailer: Mailer, *, at: datetime) -> int:
    """Queue the head of the audit log to whom it is due; return how many messages were queued.

    Whoever gets the head of the day and that of a sealing at the same moment gets one message.
    """
    # Whoever writes an entry holds this lock until the commit: another worker waits here, and then finds nothing due.
    session.exec(select(tables.AuditHead).with_for_update()).one()
    due = _due(session, at=at)
    if due is None:
        return 0
    recipients = _recipients(session, due, at=at)
    if not recipients:
        return 0
    for person, competition_id in recipients:
        entries = due.sealed.get(competition_id, ())[-_MOST_NAMED:]
        content = {"head": due.head.text, "sealed": [[entry.action, entry.subject] for entry in entries]}
        queue_message(
            session, mailer, _SERVICE, "audit_head", person, at=at, competition_id=competition_id, content=content
        )
    session.add(
        tables.SentHead(
            position=due.head.position,
            hash=due.head.hash,
            day=at.date().isoformat() if due.is_daily else None,
            queued_at=at,
        )
    )
    session.flush()
    return len(recipients)


def delete_old(session: Session, *, at: datetime) -> None:
    """Delete the rows of heads that were sent long ago, so that the other messages can be found."""
    table = tables.OutboxMessage
    session.execute(
        delete(table).where(
            col(table.kind) == "audit_head", col(table.state) == "sent", col(table.ended_at) < at - KEPT
        )
    )


def _due(session: Session, *, at: datetime) -> _Due | None:
    head = signed_heads.newest_head(session, at=at)
    if head is None:
        return None
    last = session.exec(select(tables.SentHead).order_by(col(tables.SentHead.id).desc()).limit(1)).first()
    if last is not None and last.hash == head.hash:
        return None
    # Before the first head there is nothing to compare with: it covers everything.
    sealed = {} if last is None else _sealed_since(session, last.position)
    is_daily = _is_new_day(session, at=at)
    return _Due(head=head, is_daily=is_daily, sealed=sealed) if is_daily or sealed else None


def _is_new_day(session: Session, *, at: datetime) -> bool:
    table = tables.SentHead
    newest = session.exec(
        select(table.day).where(col(table.day).is_not(None)).order_by(col(table.id).desc()).limit(1)
    ).first()
    if newest is None:
        return True
    ahead = date.fromisoformat(newest) - at.date()
    # A clock that was set back repeats days, for which nothing is sent again. A day that is far ahead is that of a
    # clock that was wrong when it was written.
    return ahead < timedelta(0) or ahead > _CLOCK_WAS_WRONG


def _sealed_since(session: Session, position: int) -> dict[int, list[tables.AuditEntry]]:
    entry = tables.AuditEntry
    sealed: dict[int, list[tables.AuditEntry]] = {}
    for row in session.exec(
        select(entry).where(col(entry.id) > position, col(entry.action).in_(SEALINGS)).order_by(col(entry.id))
    ):
        if row.competition_id is not None:
            sealed.setdefault(row.competition_id, []).append(row)
    return sealed


def _recipients(session: Session, due: _Due, *, at: datetime) -> list[tuple[tables.Person, int]]:
    """Return whom to send the head, each person once, with the competition that the message is about."""
    role, entry = tables.Role, tables.AuditEntry
    query = (
        select(tables.Person, role.competition_id)
        .join(role, col(role.person_id) == col(tables.Person.id))
        .where(col(tables.Person.is_active), col(role.role).in_(RECIPIENTS))
        .order_by(col(tables.Person.id), col(role.competition_id))
    )
    if due.is_daily:
        is_active = exists().where(
            col(entry.competition_id) == col(role.competition_id), col(entry.at) >= at - ACTIVE_FOR
        )
        query = query.where(is_active | col(role.competition_id).in_(due.sealed))
    else:
        query = query.where(col(role.competition_id).in_(due.sealed))
    chosen: dict[int, tuple[tables.Person, int]] = {}
    for person, competition_id in session.exec(query):
        # Of several competitions, one in which something was sealed, otherwise the newest.
        known = chosen.get(person.pk)
        if known is None or known[1] not in due.sealed or competition_id in due.sealed:
            chosen[person.pk] = (person, competition_id)
    return list(chosen.values())
