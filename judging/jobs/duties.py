"""What a worker looks for now and then, beside jobs: rounds to close, people to write to, decks to render.

Each asks by a reading session first, and opens a write transaction only when there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine

from judging import db
from judging.services.mail import heads, report_reading
from judging.services.mail.mailer import Mailer
from judging.services.people import links
from judging.services.proposal_files import renderings
from judging.services.rounds import deadlines, reminders
from judging.services.scoresheets import receipts

log = structlog.get_logger()


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


@dataclass(frozen=True, eq=False)
class Duties:
    """The duties of one worker; without a mail server nobody is written to."""

    engine: Engine
    mailer: Mailer | None = None

    def answer_link_requests(self) -> None:
        """Queue the sign-in links that people have asked for."""
        if self.mailer is None:
            return
        with db.transaction(self.engine, read_only=True) as session:
            is_any_asked = links.is_any_asked(session)
        if is_any_asked:
            with db.transaction(self.engine) as session:
                links.answer_requests(session, self.mailer, at=now())

    def queue_heads(self) -> None:
        """Queue signed heads of the audit log as e-mail, when they are due."""
        if self.mailer is None:
            return
        with db.transaction(self.engine, read_only=True) as session:
            is_due = heads.is_due(session, at=now())
        if is_due:
            with db.transaction(self.engine) as session:
                number = heads.queue_heads(session, self.mailer, at=now())
            if number:
                log.info("heads of the audit log are queued", messages=number)

    def queue_receipts(self) -> None:
        """Queue receipts of submitted scoresheets as e-mail, when they are due."""
        if self.mailer is None:
            return
        with db.transaction(self.engine, read_only=True) as session:
            is_due = receipts.is_due(session, at=now())
        if is_due:
            with db.transaction(self.engine) as session:
                number = receipts.queue_receipts(session, self.mailer, at=now())
            if number:
                log.info("receipts of scoresheets are queued", messages=number)

    def close_due_rounds(self) -> None:
        """Close the rounds whose deadline has passed."""
        with db.transaction(self.engine, read_only=True) as session:
            due = deadlines.costs_of_closing(session, at=now())
        for round_id, cost in due:
            with db.transaction(self.engine) as session:
                is_closed = deadlines.close_due(session, round_id, cost, mailer=self.mailer, at=now())
            if is_closed:
                log.info("a round is closed at its deadline", round=round_id)

    def remind_judges(self) -> None:
        """Queue the reminders that the schedule of a round asks for."""
        if self.mailer is None:
            return
        with db.transaction(self.engine, read_only=True) as session:
            due = reminders.list_due(session, at=now())
        for round_id, hours in due:
            with db.transaction(self.engine) as session:
                number = reminders.remind_due(session, self.mailer, round_id, hours, at=now())
            log.info("judges are reminded before a deadline", round=round_id, messages=number)

    def request_reports(self, every: timedelta) -> None:
        """Ask for a reading of the mailbox with delivery reports."""
        with db.transaction(self.engine, read_only=True) as session:
            is_due = report_reading.is_due(session, at=now(), every=every)
        if is_due:
            with db.transaction(self.engine) as session:
                report_reading.request_reading(session, at=now(), every=every)

    def request_decks(self) -> None:
        """Ask for the pages of decks that have none."""
        with db.transaction(self.engine, read_only=True) as session:
            is_any_unasked = bool(renderings.list_unasked(session, at=now()))
        if is_any_unasked:
            with db.transaction(self.engine) as session:
                renderings.request_missing(session, at=now())
