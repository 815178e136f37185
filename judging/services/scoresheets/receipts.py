"""Receipts of submitted scoresheets: the digest of what is stored, on the page and by e-mail.

The digest is that of the audit log: whoever keeps a receipt can show later that the stored scoresheet is another one.

A worker calls ``queue_receipts`` now and then. A judge gets one message for all scoresheets that were submitted since
the last one, after ``QUIET`` without a further one: not a message for each. How far the receipts of a judge go stands
in the newest message of this kind, so nothing is sent twice, however many workers there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import moment
from judging.displaying import receipt_code
from judging.services.access import Actor
from judging.services.audit import stored_rows
from judging.services.competitions.definitions import definition_of
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.scoresheets.versions import IMPORTED

QUIET = timedelta(minutes=10)
WINDOW = timedelta(days=2)
"""Older submissions get no message: a worker that was stopped for long does not send what nobody waits for."""
KIND = "receipt"
_SERVICE = Actor(person_id=None, name="service")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The name of a version of a scoresheet in the audit log, such as ``scoresheet 17/3``, and its SHA-256."""

    name: str
    digest: str

    @property
    def number(self) -> str:
        """Return the name without the word, which is English in the audit log."""
        return self.name.rpartition(" ")[2]

    @property
    def code(self) -> str:
        """Return what a judge writes down."""
        return receipt_code(self.digest)


@dataclass(frozen=True, slots=True)
class _DueReceipt:
    person_id: int
    competition_id: int
    # The key of the newest scoresheet of the last receipt, and of the newest one now.
    after: int
    newest: int


def receipt_of(session: Session, scoresheet_id: int) -> Receipt:
    """Return the receipt of a stored version of a scoresheet, computed from its rows."""
    sheet = tables.metadata.tables["scoresheet"]
    name, digest = next(stored_rows.digests(session.connection(), sheet, sheet.c.id == scoresheet_id))
    return Receipt(name, digest)


def is_due(session: Session, *, at: datetime) -> bool:
    """Return whether ``queue_receipts`` would find something to send; a reading session is enough."""
    return bool(_due(session, at=at))


def queue_receipts(session: Session, mailer: Mailer, *, at: datetime) -> int:
    """Queue the receipts that are due; return how many messages were queued."""
    # Another worker waits here, and then finds nothing due.
    session.exec(select(tables.AuditHead).with_for_update()).one()
    all_due = _due(session, at=at)
    for due in all_due:
        person = session.get_one(tables.Person, due.person_id)
        content = {"newest": due.newest, "sheets": _lines(session, due, at=at)}
        queue_message(
            session, mailer, _SERVICE, KIND, person, at=at, competition_id=due.competition_id, content=content
        )
    return len(all_due)


def _due(session: Session, *, at: datetime) -> list[_DueReceipt]:
    sheet = tables.Scoresheet
    rows = session.exec(
        select(sheet.saved_by, tables.Round.competition_id, func.max(sheet.id))
        .join(tables.Assignment, col(tables.Assignment.id) == col(sheet.assignment_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .join(tables.Person, col(tables.Person.id) == col(sheet.saved_by))
        .where(
            sheet.state == "submitted",
            sheet.source != IMPORTED,
            col(sheet.saved_at) > at - WINDOW,
            col(tables.Person.is_active),
        )
        .group_by(col(sheet.saved_by), col(tables.Round.competition_id))
        .having(func.max(sheet.saved_at) <= at - QUIET)
    ).all()
    found = [
        _DueReceipt(person_id, competition_id, _last_receipt(session, person_id, competition_id), newest)
        for person_id, competition_id, newest in rows
        if person_id is not None and newest is not None
    ]
    return [due for due in found if due.newest > due.after]


def _last_receipt(session: Session, person_id: int, competition_id: int) -> int:
    message = tables.OutboxMessage
    content = session.exec(
        select(message.content)
        .where(message.kind == KIND, message.person_id == person_id, message.competition_id == competition_id)
        .order_by(col(message.id).desc())
        .limit(1)
    ).first()
    return int(content["newest"]) if content else 0


def _lines(session: Session, due: _DueReceipt, *, at: datetime) -> Sequence[Sequence[str]]:
    """Return key, title, time and digest of the newest submitted version of each scoresheet, in the order of time."""
    sheet = tables.Scoresheet
    rows = session.exec(
        select(sheet, tables.Proposal.key, tables.Proposal.title)
        .join(tables.Assignment, col(tables.Assignment.id) == col(sheet.assignment_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            sheet.saved_by == due.person_id,
            tables.Round.competition_id == due.competition_id,
            sheet.state == "submitted",
            sheet.source != IMPORTED,
            col(sheet.id) > due.after,
            col(sheet.saved_at) > at - WINDOW,
        )
        .order_by(col(sheet.id))
    ).all()
    newest = {row.assignment_id: (row, key, title) for row, key, title in rows}
    zone = definition_of(session.get_one(tables.Competition, due.competition_id)).zone
    lines = []
    for row, key, title in sorted(newest.values(), key=lambda found: found[0].pk):
        time = moment(row.saved_at, zone, seconds=True)
        lines.append((key, title, time, receipt_of(session, row.pk).digest))
    return lines
