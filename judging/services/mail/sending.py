"""What a worker writes about a message: that an attempt begins, that the text goes out, and how the attempt ended.

A message is never lost: it stays queued until an attempt ends. It is never sent twice by itself: before the text goes
to the mail server, ``handed_over_at`` is committed. A worker that is killed before that point begins again; one that is
killed after it may have sent the message, which is then ``uncertain`` until a person decides.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.schemas.stored_messages import to_stored
from judging.services.mail.outbox import is_link_good
from judging.services.mail.returned import HELD, is_held
from judging.services.releases import letter_mail

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
"""After the first attempt, after the second, and so on; the last one is repeated."""
GIVEN_UP_AFTER = timedelta(days=3)
LINK_LIFETIME = timedelta(days=14)


def list_due(session: Session, *, at: datetime) -> Sequence[tables.OutboxMessage]:
    """Return the messages to send now, and those whose attempt has begun, oldest first."""
    table = tables.OutboxMessage
    return session.exec(
        select(table)
        .where(
            or_(
                col(table.state) == "sending",
                # Two-sided: after the clock was set back, no message waits longer than its longest pause.
                (col(table.state) == "queued")
                & or_(col(table.next_attempt_at) <= at, col(table.next_attempt_at) > at + 2 * PAUSES[-1]),
            )
        )
        .order_by(col(table.id))
    ).all()


def attempt_name(message: tables.OutboxMessage) -> str:
    """Return the name of the next attempt, or of the one in progress; it is the same after a restart."""
    number = message.attempts - (message.state == "sending")
    return f"mail-{message.pk}-{message.queued_at.timestamp():.6f}-{number}"


def begin_attempt(session: Session, message_id: int, *, at: datetime) -> tables.OutboxMessage | None:
    """Begin an attempt, or begin it again after its worker ended; None when nothing is to be sent."""
    message = session.get(tables.OutboxMessage, message_id, with_for_update={"key_share": True})
    if message is None or message.state not in ("queued", "sending"):
        return None
    if message.handed_over_at is not None:
        text = Message("The worker was interrupted while it sent this message. Perhaps it arrived.")
        _end(session, message, "uncertain", text, at=at)
        return None
    if message.link_id is not None and not is_link_good(session, message.link_id, at=at):
        text = Message("The link in this message was used, replaced or expired before the message was sent.")
        _end(session, message, "failed", text, at=at)
        return None
    if message.kind == letter_mail.KIND and not letter_mail.is_current(session, message):
        text = Message("A later release took the place of this letter, or the proposal was withdrawn.")
        _end(session, message, "failed", text, at=at)
        return None
    if is_held(session, message):
        _end(session, message, "failed", HELD, at=at)
        return None
    if message.state == "queued":
        message.attempts += 1
    message.state, message.claim = "sending", secrets.token_hex(16)
    session.add(message)
    session.flush()
    return message


def begin_handing_over(session: Session, message: tables.OutboxMessage, *, at: datetime) -> bool:
    """Store that the text goes out now; return False when another worker has taken over this message."""
    table = tables.OutboxMessage
    claimed = session.execute(
        update(table)
        .where(
            col(table.id) == message.pk,
            col(table.state) == "sending",
            col(table.claim) == message.claim,
            col(table.handed_over_at).is_(None),
        )
        .values(handed_over_at=at)
        .returning(col(table.id))
    )
    return claimed.scalar_one_or_none() is not None


def end_sent(session: Session, message: tables.OutboxMessage, _problem: str = "", *, at: datetime) -> None:
    """Store that the mail server has accepted the message; also when it was taken for uncertain meanwhile."""
    row = _own(session, message)
    if row is not None:
        _end(session, row, "sent", None, at=at)


def end_failed(session: Session, message: tables.OutboxMessage, problem: str, *, at: datetime) -> None:
    """Store that the mail server refuses this message for good."""
    row = _own(session, message)
    if row is not None:
        _end(session, row, "failed", problem, at=at)


def end_uncertain(session: Session, message: tables.OutboxMessage, problem: str, *, at: datetime) -> None:
    """Store that nobody knows whether the mail server has accepted the message."""
    row = _own(session, message)
    if row is not None:
        _end(session, row, "uncertain", problem, at=at)


def try_later(session: Session, message: tables.OutboxMessage, problem: str, *, at: datetime) -> None:
    """Store that the mail server has not accepted the message, and when to try again."""
    row = _own(session, message)
    if row is None:
        return
    if at >= row.queued_at + GIVEN_UP_AFTER:
        _end(session, row, "failed", problem, at=at)
        return
    row.state, row.claim, row.handed_over_at = "queued", "", None
    row.problem = to_stored(problem)
    row.next_attempt_at = at + PAUSES[min(row.attempts, len(PAUSES)) - 1]
    session.add(row)
    session.flush()


def end_lost(session: Session, message_id: int, name: str, *, at: datetime) -> None:
    """End a message whose attempt has ended elsewhere: its row comes from a copy of the database."""
    message = session.get(tables.OutboxMessage, message_id, with_for_update={"key_share": True})
    if message is None or message.state not in ("queued", "sending") or attempt_name(message) != name:
        return
    text = Message("The database was restored from a copy. Perhaps this message was sent before.")
    _end(session, message, "uncertain", text, at=at)


def delete_seeds(session: Session, *, at: datetime) -> None:
    """Delete what the links of messages are computed from, when these links are no longer valid."""
    link = tables.SignInLink
    dead = select(link.id).where(
        or_(col(link.used_at).is_not(None), col(link.revoked_at).is_not(None), col(link.expires_at) <= at)
    )
    table = tables.OutboxMessage
    # A link that confirms a change is valid as long as a sign-in link is.
    is_old = col(table.link_id).is_(None) & (col(table.created_at) < at - LINK_LIFETIME)
    session.execute(
        update(table)
        .where(col(table.token_seed).is_not(None), or_(col(table.link_id).in_(dead), is_old))
        .values(token_seed=None)
    )


def _own(session: Session, message: tables.OutboxMessage) -> tables.OutboxMessage | None:
    row = session.get(tables.OutboxMessage, message.pk, with_for_update={"key_share": True})
    return row if row is not None and row.claim == message.claim and row.state in ("sending", "uncertain") else None


def _end(session: Session, message: tables.OutboxMessage, state: str, problem: str | None, *, at: datetime) -> None:
    message.state, message.ended_at = state, at
    message.problem = None if problem is None else to_stored(problem)
    if state == "sent":
        message.token_seed = None
    session.add(message)
    session.flush()
