"""The organiser who tries to be a chair, a judge or an auditor: one test for each way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, NotAllowed, NotFound
from judging.services.access import Actor, load_actor, operator
from judging.services.authentication import sessions, sign_in
from judging.services.competitions import editing
from judging.services.people import account_changes, accounts, confirming
from judging.services.people.granting import was_handed_over
from tests.support.event import AT, COMPETITION, Event, make_event
from tests.support.files.imports import complaints_of, send
from tests.support.optional import present
from tests.support.sign_in.attempts import ADDRESS, MAILER, begin_session, invite, open_change, roles, token_to


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(session: Session, event: Event) -> Actor:
    return event.actor(session, "organiser")


@pytest.mark.parametrize("role", ["chair", "auditor", "judge"])
def test_gives_the_own_account_another_role(session: Session, event: Event, organiser: Actor, role: str) -> None:
    with pytest.raises(Conflict, match="cannot give yourself"):
        invite(session, organiser, event.people["organiser"].email, role)


@pytest.mark.parametrize("role", ["chair", "auditor"])
def test_appoints_a_second_mailbox_of_their_own(session: Session, organiser: Actor, role: str) -> None:
    person, token = invite(session, organiser, "second@example.org", role)
    assert (token, roles(session, person)) == ("", [])
    assert session.exec(select(tables.SignInLink)).all() == []
    with pytest.raises(Conflict, match="second organiser"):
        confirming.confirm(session, organiser, MAILER, COMPETITION, open_change(session), at=AT)


def test_appoints_the_own_mailbox_with_a_plus_sign(session: Session, organiser: Actor) -> None:
    with pytest.raises(Conflict, match="two people"):
        invite(session, organiser, "organiser+chair@example.org", "chair")
    with pytest.raises(Conflict, match="two people"):
        invite(session, operator(), "chair+sh@example.org", "chair")


def test_moves_one_chair_into_the_mailbox_of_another(session: Session, event: Event, organiser: Actor) -> None:
    second, _ = invite(session, operator(), "second@example.org", "chair")
    old = second.email
    account_changes.propose_for(
        session, organiser, MAILER, COMPETITION, second.pk, kind="address", value="chair+2@example.org", at=AT
    )
    confirming.answer_by_token(session, MAILER, token_to(session, old), agrees=True, at=AT, address=ADDRESS)
    with pytest.raises(Conflict, match="two people"):
        confirming.answer_by_token(
            session, MAILER, token_to(session, "chair+2@example.org"), agrees=True, at=AT, address=ADDRESS
        )


def test_confirms_with_an_organiser_whom_they_invited(session: Session, organiser: Actor) -> None:
    helper, _ = invite(session, organiser, "helper@example.org", "organiser")
    third, _ = invite(session, load_actor(session, helper.pk), "third@example.org", "organiser")
    invite(session, organiser, "second@example.org", "chair")
    for person in (helper, third):
        with pytest.raises(Conflict, match="second organiser"):
            confirming.confirm(
                session, load_actor(session, person.pk), MAILER, COMPETITION, open_change(session), at=AT
            )


def test_removes_the_helper_between_themselves_and_a_second_helper(session: Session, organiser: Actor) -> None:
    first, _ = invite(session, organiser, "helper-1@example.org", "organiser")
    second, _ = invite(session, load_actor(session, first.pk), "helper-2@example.org", "organiser")
    accounts.deactivate(session, organiser, COMPETITION, first.pk, at=AT)
    invite(session, organiser, "new@example.org", "auditor")
    with pytest.raises(Conflict, match="needs a second organiser"):
        confirming.confirm(session, load_actor(session, second.pk), MAILER, COMPETITION, open_change(session), at=AT)


def test_invites_the_own_mailbox_with_a_plus_sign_as_a_judge(session: Session, organiser: Actor) -> None:
    for address in ("organiser+judge@example.org", "organiser@example.org"):
        with pytest.raises(Conflict, match="cannot give yourself"):
            invite(session, organiser, address, "judge")


def test_lets_a_helper_propose_and_confirms(session: Session, organiser: Actor) -> None:
    helper, _ = invite(session, organiser, "helper@example.org", "organiser")
    invite(session, load_actor(session, helper.pk), "second@example.org", "chair")
    with pytest.raises(Conflict, match="second organiser"):
        confirming.confirm(session, organiser, MAILER, COMPETITION, open_change(session), at=AT)


def test_an_independent_second_person_confirms_and_the_link_goes_to_the_mailbox(
    session: Session, event: Event, organiser: Actor
) -> None:
    person, _ = invite(session, organiser, "new@example.org", "auditor")
    chair = event.actor(session, "chair")
    [waiting] = confirming.list_open(session, chair, COMPETITION, at=AT)
    assert (waiting.person.pk, waiting.may_confirm) == (person.pk, True)
    confirming.confirm(session, chair, MAILER, COMPETITION, waiting.row.pk, at=AT)
    assert roles(session, person) == ["auditor"]
    link = present(sign_in.find_link(session, token_to(session, "new@example.org"), at=AT))
    assert (link.person.pk, link.state) == (person.pk, "good")
    entries = session.exec(select(tables.AuditEntry.action).where(tables.AuditEntry.subject == f"person {person.pk}"))
    assert list(entries) == ["appointment.proposed", "appointment.confirmed", "person.appointed"]


def test_waits_for_the_second_person_to_forget(session: Session, event: Event, organiser: Actor) -> None:
    invite(session, organiser, "new@example.org", "auditor")
    with pytest.raises(Conflict, match="ended already"):
        confirming.confirm(
            session,
            event.actor(session, "chair"),
            MAILER,
            COMPETITION,
            open_change(session),
            at=AT + timedelta(days=14),
        )


def test_takes_both_sides_with_one_account(session: Session, event: Event, organiser: Actor) -> None:
    for who, role in (("chair", "organiser"), ("auditor", "chair"), ("judge", "auditor"), ("auditor", "organiser")):
        with pytest.raises(Conflict, match="one checks the other"):
            invite(session, organiser, event.people[who].email, role)


def test_makes_a_judge_of_a_mailbox_opens_it_and_then_appoints_it(session: Session, organiser: Actor) -> None:
    person, token = invite(session, organiser, "second@example.org", "judge", mail=False)
    used = sign_in.use_link(session, token, at=AT)
    begun = sessions.begin(session, used, how="link", at=AT, address=ADDRESS, browser="")
    for role, reason in (("chair", "handed over"), ("organiser", "handed over"), ("auditor", "one checks the other")):
        with pytest.raises(Conflict, match=reason):
            invite(session, organiser, "second@example.org", role, mail=False)
    invite(session, operator(), "second@example.org", "chair")
    assert (person.password_hash, was_handed_over(session, person.pk)) == (None, True)
    assert session.get_one(tables.SignInSession, begun.session_id).end_reason == "revoked"


def test_keeps_the_handed_over_link_unused_until_the_account_is_an_organisers(
    session: Session, organiser: Actor
) -> None:
    _, token = invite(session, organiser, "second@example.org", "judge", mail=False)
    invite(session, organiser, "second@example.org", "organiser", mail=False)
    assert present(sign_in.find_link(session, token, at=AT)).state == "revoked"


@pytest.mark.parametrize("role", ["judge", "chair", "auditor", "organiser"])
def test_asks_for_the_link_of_an_account_in_use(session: Session, event: Event, organiser: Actor, role: str) -> None:
    person = session.get_one(tables.Person, event.people[role].pk)
    begin_session(session, person.pk)
    with pytest.raises(Conflict, match="command line"):
        accounts.issue_link(session, organiser, person.pk, at=AT)
    assert accounts.issue_link(session, organiser, person.pk, at=AT, mailer=MAILER).token == ""


def test_revokes_and_issues_again(session: Session, event: Event, organiser: Actor) -> None:
    judge = event.people["judge"]
    begin_session(session, judge.pk)
    accounts.revoke_links(session, organiser, judge.pk, at=AT)
    with pytest.raises(Conflict, match="command line"):
        accounts.issue_link(session, organiser, judge.pk, at=AT)


def test_removes_a_judge_and_invites_another_address_for_the_same_line(
    session: Session, event: Event, organiser: Actor
) -> None:
    judge = event.people["judge"]
    begin_session(session, judge.pk)
    accounts.deactivate(session, organiser, COMPETITION, judge.pk, at=AT)
    with pytest.raises(Conflict, match="already belongs to somebody else"):
        accounts.invite(
            session, organiser, COMPETITION, email="x@example.org", name="x", role="judge", judge_key="J01", at=AT
        )
    assert complaints_of(session, event, "judges", "key,email\nJ01,x@example.org\n") == {
        "row 2, column email": [
            f"judge J01 uses the account {judge.email}; another address needs this person's consent: page People"
        ]
    }


def test_removes_a_judge_and_invites_the_same_address_again(session: Session, event: Event, organiser: Actor) -> None:
    judge = event.people["judge"]
    begin_session(session, judge.pk)
    accounts.deactivate(session, organiser, COMPETITION, judge.pk, at=AT)
    _, token = invite(session, organiser, judge.email, "judge", mail=False)
    assert token == ""


def test_imports_a_roster_with_another_address_or_name(session: Session, event: Event) -> None:
    judge = event.people["judge"]
    begin_session(session, judge.pk)
    complaints = complaints_of(session, event, "judges", "key,name,email\nJ01,Somebody Else,x@example.org\n")
    assert sorted(complaints) == ["row 2, column email", "row 2, column name"]
    # The same address and name, and other columns, are imported as before.
    send(session, event, "judges", f"key,name,email,max_load\nJ01,Judge 01,{judge.email},9\n")


def test_imports_their_own_address_as_a_judge(session: Session, event: Event) -> None:
    with pytest.raises(Conflict, match="cannot give yourself"):
        send(session, event, "judges", f"key,email\nJ02,{event.people['organiser'].email}\n")


def test_imports_another_address_for_an_account_that_nobody_has_used(session: Session, event: Event) -> None:
    send(session, event, "judges", "key,email\nJ02,first@example.org\n")
    first = session.exec(select(tables.Person).where(tables.Person.email == "first@example.org")).one()
    _, token = sign_in.create_link(session, first.pk, at=AT, channel="hand")
    send(session, event, "judges", "key,email\nJ02,second@example.org\n")
    assert (roles(session, first), present(sign_in.find_link(session, token, at=AT)).state) == ([], "revoked")


def test_proposes_another_address_and_confirms_from_the_new_mailbox_alone(
    session: Session, event: Event, organiser: Actor
) -> None:
    chair = session.get_one(tables.Person, event.people["chair"].pk)
    old = chair.email
    account_changes.propose_for(
        session, organiser, MAILER, COMPETITION, chair.pk, kind="address", value="x@example.org", at=AT
    )
    confirming.answer_by_token(session, MAILER, token_to(session, "x@example.org"), agrees=True, at=AT, address=ADDRESS)
    assert chair.email == old
    confirming.answer_by_token(session, MAILER, token_to(session, old), agrees=True, at=AT, address=ADDRESS)
    assert chair.email == "x@example.org"
    told = session.exec(select(tables.OutboxMessage.recipient).where(tables.OutboxMessage.kind == "address_changed"))
    assert sorted(told) == sorted([old, "x@example.org"])
    changed = select(tables.AuditEntry).where(tables.AuditEntry.action == "account.address_changed")
    assert len(session.exec(changed).all()) == 1


def test_two_organisers_together_replace_a_lost_mailbox(session: Session, event: Event, organiser: Actor) -> None:
    second, _ = invite(session, operator(), "second@example.org", "organiser")
    judge = session.get_one(tables.Person, event.people["judge"].pk)
    account_changes.propose_for(
        session, organiser, MAILER, COMPETITION, judge.pk, kind="address", value="new@example.org", at=AT
    )
    number, old = open_change(session), judge.email
    confirming.confirm(session, load_actor(session, second.pk), MAILER, COMPETITION, number, at=AT)
    assert judge.email == old
    confirming.answer_by_token(
        session, MAILER, token_to(session, "new@example.org"), agrees=True, at=AT, address=ADDRESS
    )
    assert judge.email == "new@example.org"


def test_the_old_mailbox_refuses(session: Session, event: Event, organiser: Actor) -> None:
    judge = session.get_one(tables.Person, event.people["judge"].pk)
    account_changes.propose_for(
        session, organiser, MAILER, COMPETITION, judge.pk, kind="address", value="new@example.org", at=AT
    )
    new = token_to(session, "new@example.org")
    confirming.answer_by_token(session, MAILER, token_to(session, judge.email), agrees=False, at=AT, address=ADDRESS)
    with pytest.raises(NotFound):
        confirming.answer_by_token(session, MAILER, new, agrees=True, at=AT, address=ADDRESS)


def test_renames_a_judge(session: Session, event: Event, organiser: Actor) -> None:
    judge = session.get_one(tables.Person, event.people["judge"].pk)
    account_changes.propose_for(session, organiser, MAILER, COMPETITION, judge.pk, kind="name", value="Other", at=AT)
    with pytest.raises(Conflict, match="Only the person"):
        confirming.confirm(session, event.actor(session, "chair"), MAILER, COMPETITION, open_change(session), at=AT)
    assert judge.name != "Other"
    confirming.answer_by_token(session, MAILER, token_to(session, judge.email), agrees=True, at=AT, address=ADDRESS)
    assert judge.name == "Other"


def test_changes_an_address_without_a_mail_server(session: Session, event: Event, organiser: Actor) -> None:
    with pytest.raises(Conflict, match="whoever runs the server"):
        account_changes.propose_for(
            session, organiser, None, COMPETITION, event.people["judge"].pk, kind="address", value="x@e.org", at=AT
        )


def test_another_account_has_the_address(session: Session, event: Event, organiser: Actor) -> None:
    judge = session.get_one(tables.Person, event.people["judge"].pk)
    taken = event.people["auditor"].email
    account_changes.propose_for(session, organiser, MAILER, COMPETITION, judge.pk, kind="address", value=taken, at=AT)
    confirming.answer_by_token(session, MAILER, token_to(session, judge.email), agrees=True, at=AT, address=ADDRESS)
    with pytest.raises(Conflict, match="Another account"):
        confirming.answer_by_token(session, MAILER, token_to(session, taken), agrees=True, at=AT, address=ADDRESS)


def test_only_organisers_and_chairs_confirm(session: Session, event: Event, organiser: Actor) -> None:
    invite(session, organiser, "new@example.org", "auditor")
    for role in ("judge", "auditor"):
        with pytest.raises(NotAllowed):
            confirming.confirm(session, event.actor(session, role), MAILER, COMPETITION, open_change(session), at=AT)


def before_the_first_opening(session: Session) -> None:
    for row in session.exec(select(tables.Round)):
        row.state, row.opened_at = "draft", None
    session.flush()


def with_policy(session: Session, organiser: Actor, appointments: str | None) -> None:
    stored = editing.get_editable(session, organiser, COMPETITION).definition
    policies = replace(stored.competition.policies, appointments=appointments)
    changed = replace(stored, competition=replace(stored.competition, policies=policies))
    editing.change_definition(session, organiser, COMPETITION, changed, instead_of=None, at=AT)


def test_appoints_alone_and_takes_the_policy_back_before_a_round_is_opened(session: Session, organiser: Actor) -> None:
    before_the_first_opening(session)
    with_policy(session, organiser, "organiser-alone")
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "competition.changed")).one()
    assert entry.detail["appointments"] == [None, "organiser-alone"]
    person, _ = invite(session, organiser, "second@example.org", "chair")
    assert roles(session, person) == ["chair"]
    with pytest.raises(Conflict, match="One organiser alone has appointed second"):
        with_policy(session, organiser, None)
    accounts.deactivate(session, organiser, COMPETITION, person.pk, at=AT)
    with_policy(session, organiser, None)


def test_a_chair_whom_a_second_person_confirmed_does_not_keep_the_policy(
    session: Session, event: Event, organiser: Actor
) -> None:
    before_the_first_opening(session)
    invite(session, organiser, "new@example.org", "auditor")
    chair = event.actor(session, "chair")
    confirming.confirm(session, chair, MAILER, COMPETITION, open_change(session), at=AT)
    with_policy(session, organiser, "organiser-alone")
    with_policy(session, organiser, None)
