"""A removal of personal data waits, is stopped by a chair or auditor, or confirmed by somebody independent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.services.access import operator
from judging.services.competitions import archiving
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from judging.services.personal_data import removal_requests, removing
from tests.support.event import AT, COMPETITION, Event, make_event

WAIT = timedelta(days=7)
MAILER = mailer_of(secret_key="x" * 32, sender="judging@example.org", base_url="https://judging.example.org")


@pytest.fixture
def event(session: Session) -> Event:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    for one in session.exec(select(tables.Round).where(tables.Round.state == "open")):
        one.state, one.closed_at = "closed", AT
    session.flush()
    archiving.archive(session, event.actor(session, "organiser"), COMPETITION, reason="It is over.", at=AT)
    return event


def ask(session: Session, event: Event) -> tables.Competition:
    return removal_requests.ask(
        session, event.actor(session, "organiser"), COMPETITION, typed=COMPETITION, wait=WAIT, at=AT, mailer=MAILER
    )


def test_it_waits_its_time_and_chairs_and_auditors_are_told(session: Session, event: Event) -> None:
    ask(session, event)
    organiser = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="asked for already"):
        ask(session, event)
    told = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "removal_asked")).all()
    witnesses = {event.people[role].pk for role in ("chair", "auditor")}
    assert witnesses <= {one.person_id for one in told}
    for message in told:
        message.state, message.ended_at = "sent", AT
    session.flush()
    for at, is_admitted in ((AT + WAIT - timedelta(seconds=1), False), (AT + WAIT, True)):
        if is_admitted:
            removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=at)
        else:
            with pytest.raises(Conflict, match="waits until"):
                removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=at)
    # Whoever has the command line has the database anyway.
    removing.prepare_removal(session, operator(), COMPETITION, typed=COMPETITION, at=AT)


def test_an_objection_ends_it_and_it_may_be_asked_for_again(session: Session, event: Event) -> None:
    ask(session, event)
    auditor = event.actor(session, "auditor")
    with pytest.raises(InvalidInput):
        removal_requests.object_to(session, auditor, COMPETITION, reason=" ", at=AT)
    for role in ("organiser", "judge"):
        with pytest.raises(NotAllowed):
            removal_requests.object_to(session, event.actor(session, role), COMPETITION, reason="No.", at=AT)
    row = removal_requests.object_to(session, auditor, COMPETITION, reason="An appeal is open.", at=AT)
    assert (row.removal_due_at, row.removal_objection) == (None, "An appeal is open.")
    organiser = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="Ask for the removal first"):
        removing.prepare_removal(session, organiser, COMPETITION, typed=COMPETITION, at=AT + WAIT)
    with pytest.raises(Conflict, match="No removal"):
        removal_requests.confirm(session, auditor, COMPETITION, at=AT)
    assert ask(session, event).removal_objection is None
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id))).all()
    assert [one for one in actions if one.startswith("removal.")] == [
        "removal.asked",
        "removal.stopped",
        "removal.asked",
    ]


def test_a_second_person_confirms_who_was_not_brought_in_by_the_first(session: Session, event: Event) -> None:
    ask(session, event)
    auditor, organiser = event.actor(session, "auditor"), event.people["organiser"]
    role = session.exec(select(tables.Role).where(tables.Role.person_id == auditor.person_id)).one()
    role.given_by = organiser.pk
    session.flush()
    with pytest.raises(Conflict, match="not independent"):
        removal_requests.confirm(session, auditor, COMPETITION, at=AT)
    role.given_by = None
    session.flush()
    job = removal_requests.confirm(session, auditor, COMPETITION, at=AT)
    # It is done for the organiser, who keeps the account.
    assert (job.kind, job.person_id) == ("removal", organiser.pk)
    with pytest.raises(Conflict, match="has begun already"):
        removal_requests.object_to(session, auditor, COMPETITION, reason="No.", at=AT)


def test_taken_out_of_the_archive_nothing_waits_any_more(session: Session, event: Event) -> None:
    row = ask(session, event)
    archiving.put_back(session, event.actor(session, "organiser"), COMPETITION, reason="An appeal.", at=AT)
    assert (row.removal_due_at, row.removal_asked_by) == (None, None)
    with pytest.raises(Conflict, match="Archive the competition first"):
        ask(session, event)


def test_an_event_of_which_a_removal_has_begun_is_not_taken_out_of_the_archive(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    removal = removing.prepare_removal(session, operator(), COMPETITION, typed=COMPETITION, at=AT)
    removing.replace_in_entries(session, operator(), removal, after=0, at=AT)
    assert session.exec(select(tables.RemovedPersonalData)).first() is not None
    with pytest.raises(Conflict, match="stays archived"):
        archiving.put_back(session, organiser, COMPETITION, reason="A mistake.", at=AT)


def test_nobody_keeps_those_who_may_object_from_their_pages(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    ask(session, event)
    for role in ("chair", "auditor"):
        number = event.people[role].pk
        with pytest.raises(Conflict, match="may stop a removal"):
            accounts.revoke_links(session, organiser, number, at=AT)
        with pytest.raises(Conflict, match="may stop a removal"):
            accounts.deactivate(session, organiser, COMPETITION, number, at=AT)
        accounts.revoke_links(session, operator(), number, at=AT)
    accounts.revoke_links(session, organiser, event.people["judge"].pk, at=AT)
    removal_requests.object_to(session, event.actor(session, "auditor"), COMPETITION, reason="No.", at=AT)
    # Nothing waits any more; the next removal is asked for with the same people.
    accounts.revoke_links(session, organiser, event.people["chair"].pk, at=AT)
    with pytest.raises(Conflict, match="may stop a removal"):
        accounts.deactivate(session, organiser, COMPETITION, event.people["chair"].pk, at=AT)
    accounts.deactivate(session, operator(), COMPETITION, event.people["chair"].pk, at=AT)
