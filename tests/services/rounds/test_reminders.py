"""Reminders: whom they reach, never two within twenty hours, and by themselves once for each hour of the schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services.competitions.definitions import definition_of
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS
from judging.services.mail.mailer import Mailer, mailer_of
from judging.services.rounds import deadlines, reminders
from judging.services.rounds.closing_cost import ClosingCost
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event

CLOSES = AT + timedelta(days=10)


@pytest.fixture
def mailer() -> Mailer:
    return mailer_of(
        secret_key="for tests only, for tests only..", sender="x@example.org", base_url="https://example.org"
    )


@pytest.fixture
def event(session: Session) -> Event:
    """Return an open round of six judges, of whom one has an account, with a deadline in ten days."""
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    row = session.get_one(tables.Round, event.round_row.pk)
    row.closes_at = CLOSES
    session.commit()
    return event


def sent(session: Session) -> list[tables.OutboxMessage]:
    return list(session.exec(select(tables.OutboxMessage).order_by(col(tables.OutboxMessage.id))))


def remind(session: Session, event: Event, mailer: Mailer, at: datetime) -> int:
    return reminders.remind(session, event.actor(session, "organiser"), COMPETITION, ROUND, mailer=mailer, at=at)


def test_a_press_reaches_those_who_have_not_finished_and_no_one_twice(
    session: Session, event: Event, mailer: Mailer
) -> None:
    assert remind(session, event, mailer, AT) == 1
    message = sent(session)[0]
    assert (message.kind, message.person_id, message.link_id is not None) == (
        "reminder",
        event.people["judge"].pk,
        True,
    )
    assert remind(session, event, mailer, AT + timedelta(hours=19)) == 0
    assert remind(session, event, mailer, AT + timedelta(hours=21)) == 1
    late = {
        found.judge.key: found.obstacle
        for found in reminders.list_unfinished(
            session, event.actor(session, "organiser"), COMPETITION, ROUND, at=AT + timedelta(hours=22)
        )
    }
    assert str(late.pop("J01")) == "was reminded less than 20 hours ago"
    assert {str(obstacle) for obstacle in late.values()} == {
        "has no account and scores on paper: ask for the paper, or enter the e-mail address on the roster"
    }


def test_the_letter_names_round_number_and_deadline(session: Session, event: Event, mailer: Mailer) -> None:
    remind(session, event, mailer, AT)
    message = sent(session)[0]
    name = definition_of(session.exec(select(tables.Competition)).one()).name
    letter = LETTERS[message.kind](Facts(competition=name, content=message.content))
    told = " ".join(str(paragraph) for paragraph in letter.paragraphs)
    assert f"{message.content['n_open']} of your scoresheets are not submitted yet" in told
    assert "The round closes 2023-07-13 14:00 (UTC+8)." in told


def test_only_organisers_remind_and_only_while_the_round_is_open(
    session: Session, event: Event, mailer: Mailer
) -> None:
    with pytest.raises(NotAllowed):
        reminders.remind(session, event.actor(session, "chair"), COMPETITION, ROUND, mailer=mailer, at=AT)
    with pytest.raises(Conflict, match="No mail server"):
        reminders.remind(session, event.actor(session, "organiser"), COMPETITION, ROUND, mailer=None, at=AT)
    row = session.get_one(tables.Round, event.round_row.pk)
    row.state, row.closed_at = "closed", AT
    session.flush()
    with pytest.raises(Conflict, match="is not open"):
        remind(session, event, mailer, AT)


def test_a_schedule_reminds_once_at_each_hour_however_often_it_is_asked(
    session: Session, event: Event, mailer: Mailer
) -> None:
    organiser = event.actor(session, "organiser")
    reminders.change_schedule(session, organiser, COMPETITION, ROUND, text="24, 72", at=AT)
    assert reminders.list_due(session, at=CLOSES - timedelta(hours=73)) == []
    counted = []
    for hours in (72, 71, 30, 24, 23, 1):
        at = CLOSES - timedelta(hours=hours)
        counted += [
            (hours, reminders.remind_due(session, mailer, round_id, due, at=at))
            for round_id, due in reminders.list_due(session, at=at)
        ]
    assert counted == [(72, 1), (24, 1)]
    # Another deadline is another schedule.
    row = session.get_one(tables.Round, event.round_row.pk)
    row.closes_at = CLOSES + timedelta(days=5)
    session.flush()
    assert reminders.list_due(session, at=CLOSES + timedelta(days=3)) == [(row.pk, 72)]


@pytest.mark.parametrize("text", ["soon", "0", "721", "1.5", "-3", "1,2,3,4,5,6"])
def test_hours_that_are_none_are_refused(session: Session, event: Event, text: str) -> None:
    organiser = event.actor(session, "organiser")
    with pytest.raises(InvalidInput) as caught:
        reminders.change_schedule(session, organiser, COMPETITION, ROUND, text=text, at=AT)
    assert list(caught.value.messages) == ["hours"]


def test_a_round_that_closes_by_itself_tells_chairs_and_organisers(
    session: Session, event: Event, mailer: Mailer
) -> None:
    assert event.round_row.pk is not None
    cost: ClosingCost | None = None
    assert deadlines.close_due(session, event.round_row.pk, cost, mailer=mailer, at=CLOSES + timedelta(minutes=1))
    messages = sent(session)
    assert {message.kind for message in messages} == {"round_closed"}
    assert {message.person_id for message in messages} == {event.people[role].pk for role in ("chair", "organiser")}
    content = messages[0].content
    assert (content["submitted"], content["unfinished"]) == (0, 6)
    assert not deadlines.close_due(session, event.round_row.pk, cost, mailer=mailer, at=CLOSES + timedelta(minutes=2))
    assert len(sent(session)) == 2
