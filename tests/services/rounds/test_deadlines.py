"""A round closes by itself at its deadline, once; the deadline is moved in the competition's zone; chairs are told."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.errors import Conflict, InvalidInput
from judging.jobs.duties import Duties
from judging.schemas.local_times import load_local_time
from judging.services.access import operator
from judging.services.mail.mailer import mailer_of
from judging.services.rounds import opening
from judging.services.rounds.deadlines import change_deadline, close_due, costs_of_closing
from tests.support.event import AT, COMPETITION, ROUND, add_chairs, make_event

HERE = (COMPETITION, ROUND)
BEFORE, AFTER = AT + timedelta(hours=1), AT + timedelta(hours=3)


def set_deadline(session: Session, closes_at: datetime | None) -> tables.Round:
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.closes_at = closes_at
    session.add(row)
    session.commit()
    return row


def closings(session: Session) -> list[tables.AuditEntry]:
    found = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.closed")).all()
    session.rollback()
    return list(found)


def test_a_round_closes_at_its_deadline_and_says_what_is_missing(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6)
    open_one = session.exec(select(tables.Assignment)).all()[0]
    session.add(
        tables.Assignment(
            round_id=open_one.round_id,
            judge_id=open_one.judge_id,
            proposal_id=_unread(session, open_one.judge_id),
            assigned_at=AT,
        )
    )
    row = set_deadline(session, AT + timedelta(hours=2))
    assert costs_of_closing(session, at=BEFORE) == []
    ((number, cost),) = costs_of_closing(session, at=AFTER)
    assert cost is not None
    assert cost.error_now is not None
    assert cost.error_all is not None
    assert cost.error_now > cost.error_all
    assert close_due(session, number, cost, at=AFTER)
    session.commit()
    assert (row.state, row.closed_at) == ("closed", AFTER)
    (entry,) = closings(session)
    assert entry.detail["by_itself"]
    assert list(entry.detail["unfinished"].values()) == [1]
    assert entry.detail["precision"] == {"now": round(cost.error_now, 3), "complete": round(cost.error_all, 3)}
    assert not close_due(session, number, cost, at=AFTER)


def test_workers_at_the_same_moment_close_a_round_once(engine: Engine, session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6)
    set_deadline(session, AT + timedelta(hours=2))
    together = threading.Barrier(3)
    errors: list[BaseException] = []

    def work() -> None:
        duties = Duties(engine)
        together.wait()
        try:
            duties.close_due_rounds()
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(closings(session)) == 1
    with db.transaction(engine, read_only=True) as reading:
        assert reading.exec(select(tables.Round.state).where(tables.Round.key == ROUND)).one() == "closed"


def test_a_round_that_was_opened_after_its_deadline_stays_open(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6)
    set_deadline(session, AT - timedelta(hours=1))
    assert costs_of_closing(session, at=AFTER) == []


def test_an_extension_is_in_the_zone_of_the_competition_and_told_to_every_chair(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6)
    chairs = add_chairs(session, event)
    set_deadline(session, AT + timedelta(hours=2))
    mailer = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
    organiser = event.actor(session, "organiser")
    row = change_deadline(session, organiser, *HERE, text="2023-07-20T18:00", mailer=mailer, at=AT)
    assert row.closes_at == datetime(2023, 7, 20, 10, 0, tzinfo=UTC)
    told = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "deadline_changed")).all()
    people = {event.people["chair"].pk, *(person.pk for person in chairs.values())}
    assert {message.person_id for message in told} == people
    assert len(told) == len(people)
    assert told[0].content["after"] == "2023-07-20 18:00 (UTC+8)"
    assert costs_of_closing(session, at=AFTER) == []


def test_reopening_drops_a_deadline_that_has_passed_or_sets_another(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6)
    row = set_deadline(session, AT + timedelta(hours=2))
    ((number, cost),) = costs_of_closing(session, at=AFTER)
    close_due(session, number, cost, at=AFTER)
    opening.reopen_round(session, operator(), *HERE, reason="A deck was missing.", at=AFTER)
    assert row.closes_at is None
    assert costs_of_closing(session, at=AFTER + timedelta(days=400)) == []
    opening.close_round(session, operator(), *HERE, at=AFTER)
    opening.reopen_round(session, operator(), *HERE, reason="Once more.", deadline="2023-07-20T18:00", at=AFTER)
    assert row.closes_at == datetime(2023, 7, 20, 10, 0, tzinfo=UTC)
    opening.close_round(session, operator(), *HERE, at=AFTER)
    with pytest.raises(Conflict, match="reopen it first"):
        change_deadline(session, operator(), *HERE, text="2023-07-21T18:00", mailer=None, at=AFTER)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-10-25T01:30", 1), ("2026-10-25T02:30", 2), ("2026-03-29T00:30", 0), ("2026-03-29T02:00", 1)],
)
def test_an_hour_that_exists_twice_is_the_later_one(text: str, hour: int) -> None:
    # In London clocks are set back at 02:00 on 25 October 2026, and forward at 01:00 on 29 March.
    assert load_local_time(text, ZoneInfo("Europe/London"), at=AT).hour == hour


@pytest.mark.parametrize(
    "text", ["2026-03-29T01:30", "2026-12-14", "soon", "", "2026-12-14T10:00+08:00", "2020-01-01T10:00"]
)
def test_a_time_that_does_not_exist_or_has_passed_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        load_local_time(text, ZoneInfo("Europe/London"), at=AT)
    assert list(refused.value.messages) == ["deadline"]


def _unread(session: Session, judge_id: int) -> int:
    read = select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == judge_id)
    proposal = session.exec(select(tables.Proposal).where(col(tables.Proposal.id).not_in(read))).first()
    assert proposal is not None
    return proposal.pk
