"""An archived competition: read by all who could, changed by nobody, and taken out again for a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services import audit
from judging.services.access import Actor, operator
from judging.services.competitions import archiving
from judging.services.competitions.definitions import definition_of, list_own_competitions
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS
from judging.services.personal_data import removal_requests, removing
from judging.services.rounds import opening
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, make_event
from tests.support.released import make_calibrated
from tests.support.sign_in.attempts import MAILER
from tests.support.webhooks import add_webhook


@pytest.fixture
def organiser(session: Session) -> Actor:
    return make_calibrated(session).actor(session, "organiser")


def archived(session: Session, organiser: Actor) -> None:
    archiving.archive(session, organiser, COMPETITION, reason="The event is over.", at=AT)
    session.commit()


def test_nothing_is_changed_in_the_archive_whoever_asks(session: Session, organiser: Actor) -> None:
    archived(session, organiser)
    person = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    chair = Actor(person_id=person.pk, name="Chair", roles={1: frozenset({"chair"})}, cities={1: "hk"})
    for refused in (
        lambda: opening.reopen_round(session, organiser, COMPETITION, ROUND, reason="More.", at=AT),
        lambda: opening.reopen_round(session, operator(), COMPETITION, ROUND, reason="More.", at=AT),
        lambda: add_webhook(session, organiser, "https://receiver.example.org/"),
        lambda: calibrating.request_calibration(session, chair, COMPETITION, ROUND, at=AT),
    ):
        with pytest.raises(Conflict, match="archived: nothing in it is changed"):
            refused()
        session.rollback()
    assert list(audit.verify(session)) == []


def test_it_is_taken_out_for_a_reason_and_goes_on(session: Session, organiser: Actor) -> None:
    archived(session, organiser)
    assert [one.is_archived for one in list_own_competitions(session, organiser)] == [True]
    with pytest.raises(Conflict, match="archived already"):
        archiving.archive(session, organiser, COMPETITION, reason="Again.", at=AT)
    with pytest.raises(InvalidInput):
        archiving.put_back(session, organiser, COMPETITION, reason="  ", at=AT)
    archiving.put_back(session, organiser, COMPETITION, reason="An appeal.", at=AT)
    opening.reopen_round(session, organiser, COMPETITION, ROUND, reason="An appeal.", at=AT)
    session.commit()
    with pytest.raises(Conflict, match="not archived"):
        archiving.put_back(session, organiser, COMPETITION, reason="Again.", at=AT)
    recorded = session.exec(
        select(tables.AuditEntry).where(col(tables.AuditEntry.action).startswith("competition."))
    ).all()
    assert [(one.action, one.detail.get("reason")) for one in recorded][-2:] == [
        ("competition.archived", "The event is over."),
        ("competition.put_back", "An appeal."),
    ]


def test_an_open_round_is_closed_first_and_only_organisers_archive(session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6)
    with pytest.raises(Conflict, match="A round is open"):
        archived(session, event.actor(session, "organiser"))
    for role in ("chair", "judge", "auditor"):
        with pytest.raises(NotAllowed):
            archived(session, event.actor(session, role))


def test_chairs_and_auditors_are_told_before_anything_can_be_removed(session: Session, organiser: Actor) -> None:
    archiving.archive(session, organiser, COMPETITION, reason="The event is over.", at=AT, mailer=MAILER)
    table = tables.OutboxMessage
    messages = session.exec(select(table).where(table.kind == "archived")).all()
    role = tables.Role
    witnesses = session.exec(select(role.person_id).where(col(role.role).in_(("chair", "auditor"))).distinct()).all()
    told = [message.person_id for message in messages if message.person_id is not None]
    assert sorted(told) == sorted(witnesses) != []
    name = definition_of(session.exec(select(tables.Competition)).one()).name
    letter = LETTERS["archived"](Facts(competition=name, content=messages[0].content))
    assert "Reason: The event is over." in [str(text) for text in letter.paragraphs]
    removal_requests.ask(session, organiser, COMPETITION, typed=COMPETITION, wait=timedelta(0), at=AT)
    with pytest.raises(Conflict, match="are being told"):
        removing.request_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT)
    for message in messages:
        message.state, message.ended_at = "sent", AT
    session.flush()
    assert removing.request_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT).kind == "removal"
