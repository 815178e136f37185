"""Receipts of submitted scoresheets by e-mail: once for all, after a while, with the digests of the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS
from judging.services.mail.mailer import mailer_of
from judging.services.scoresheets import receipts, scoring
from judging.services.scoresheets.versions import NewVersion, append
from judging.tables.row_digests import sheet_key
from tests.support.event import Event, make_event

BEGIN = datetime(2026, 7, 3, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAILER = mailer_of(secret_key="a secret of the tests", sender="judging@example.org", base_url="https://j.example.org")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def own_assignments(session: Session, event: Event) -> list[int]:
    found = session.exec(
        select(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].pk)
        .order_by(col(tables.Assignment.id))
    )
    return [row.pk for row in found]


def submit(session: Session, event: Event, number: int, *, value: float = 5, base: int = 0, at: datetime) -> None:
    rubric = rules_of(session.get_one(tables.Round, event.round_row.pk)).rubric
    sheet = SheetContent(scores=dict.fromkeys(rubric.keys, value), justification="All alike.")
    incoming = IncomingSheet(sheet=sheet, base_version=base, submit=True)
    assignment_id = own_assignments(session, event)[number]
    scoring.save_scoresheet(session, event.actor(session, "judge"), assignment_id, incoming, source="form", at=at)
    session.commit()


def queue(engine: Engine, at: datetime) -> int:
    """Do what a worker does every minute."""
    with db.transaction(engine, read_only=True) as session:
        if not receipts.is_due(session, at=at):
            return 0
    with db.transaction(engine) as session:
        return receipts.queue_receipts(session, MAILER, at=at)


def queued(engine: Engine) -> list[tables.OutboxMessage]:
    with db.transaction(engine, read_only=True) as session:
        messages = session.exec(select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id))).all()
        session.expunge_all()
    return list(messages)


def test_one_message_for_all_sheets_ten_minutes_after_the_last(engine: Engine, session: Session, event: Event) -> None:
    submit(session, event, 0, at=BEGIN)
    assert queue(engine, BEGIN + 9 * MINUTE) == 0
    submit(session, event, 1, at=BEGIN + 9 * MINUTE)
    # The first one again, with other scores: its newest version is named.
    submit(session, event, 0, value=6, base=1, at=BEGIN + 9 * MINUTE)
    assert [queue(engine, BEGIN + minutes * MINUTE) for minutes in (18, 19, 20, 60)] == [0, 1, 0, 0]
    message = queued(engine)[0]
    assert (message.kind, message.person_id) == ("receipt", event.people["judge"].pk)
    ids = own_assignments(session, event)
    stored: dict[str, str | None] = {}
    for bound in session.exec(select(tables.AuditEntry.stored)):
        stored |= bound or {}
    digests = [digest for _key, _title, _time, digest in message.content["sheets"]]
    assert digests == [stored[sheet_key(ids[1], 1)], stored[sheet_key(ids[0], 2)]]
    assert message.content["sheets"][0][2] == "2026-07-03 14:09:00 (UTC+8)"
    session.rollback()
    # Only what is new.
    submit(session, event, 2, at=BEGIN + 70 * MINUTE)
    assert queue(engine, BEGIN + 80 * MINUTE) == 1
    assert len(queued(engine)[1].content["sheets"]) == 1


def test_drafts_imports_and_old_submissions_have_no_receipt(engine: Engine, session: Session, event: Event) -> None:
    ids = own_assignments(session, event)
    sheet = SheetContent(scores={"value": 3.0})
    draft = NewVersion(assignment_id=ids[0], version=1, state="draft", sheet=sheet)
    entered = NewVersion(assignment_id=ids[1], version=1, state="submitted", sheet=sheet)
    append(session, [draft], source="form", at=BEGIN, saved_by=event.people["judge"].pk)
    append(session, [entered], source="import", at=BEGIN, saved_by=event.people["organiser"].pk)
    session.commit()
    submit(session, event, 2, at=BEGIN - timedelta(days=3))
    assert queue(engine, BEGIN + 30 * MINUTE) == 0


def test_the_letter_has_no_score_and_names_each_sheet(engine: Engine, session: Session, event: Event) -> None:
    submit(session, event, 0, at=BEGIN)
    queue(engine, BEGIN + 10 * MINUTE)
    content = queued(engine)[0].content
    competition = session.get_one(tables.Competition, event.round_row.competition_id)
    letter = LETTERS["receipt"](Facts(competition=definition_of(competition).name, content=content))
    key, title, time, digest = content["sheets"][0]
    code = f"{digest[:4]}-{digest[4:8]}-{digest[8:12]}".upper()
    assert str(letter.paragraphs[1]) == f"{key} {title}: submitted {time}. Receipt: {code} (in full: {digest})"
    assert letter.link_words is None
    session.rollback()
