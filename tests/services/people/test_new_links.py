"""New links of judges who have signed in before, without a mail server, and who must not be opened in this way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_competition_dict, load_definition
from judging.services import audit
from judging.services.access import Actor, load_actor, operator
from judging.services.authentication import sessions, sign_in
from judging.services.competitions import definitions
from judging.services.participation import judges
from judging.services.people import accounts, first_links, links, new_links, waiting
from tests.support.event import AT, COMPETITION, RUBRICS, Event
from tests.support.optional import present
from tests.support.sign_in.attempts import ADDRESS, MAILER, invite
from tests.support.sign_in.lone_organiser import LATER, PASSWORD, limits_at, make_own_event


@pytest.fixture
def event(session: Session) -> Event:
    return make_own_event(session)


@pytest.fixture
def organiser(session: Session, event: Event) -> Actor:
    return event.actor(session, "organiser")


@pytest.fixture
def judge(session: Session, event: Event) -> tables.Person:
    """Return the judge, who has signed in by a link of the command line."""
    person = session.get_one(tables.Person, event.people["judge"].pk)
    come_by_link(session, person, sign_in.create_link(session, person.pk, at=AT, channel="command")[1])
    return person


def come_by_link(session: Session, person: tables.Person, token: str) -> int:
    link = present(sign_in.find_link(session, token, at=AT))
    sign_in.use_link(session, token, at=AT)
    begun = sessions.begin(session, person, how="link", at=AT, address=ADDRESS, browser="", link_id=link.link_id)
    return begun.session_id


def set_password(session: Session, person: tables.Person) -> None:
    new = sign_in.check_new_password(person, new=PASSWORD, repeated=PASSWORD, current=None)
    sign_in.store_password(session, load_actor(session, person.pk), new, at=AT)


def open_sessions(session: Session, person: tables.Person) -> list[int | None]:
    table = tables.SignInSession
    rows = session.exec(select(table).where(table.person_id == person.pk))
    return [row.id for row in rows if row.ended_at is None]


def test_a_judge_gets_a_new_link_which_ends_what_was_open_and_is_recorded(
    session: Session, organiser: Actor, judge: tables.Person
) -> None:
    competition_id = next(iter(organiser.roles))
    assert len(open_sessions(session, judge)) == 1
    issued = accounts.issue_link(session, organiser, judge.pk, at=LATER, competition_id=competition_id)
    assert (issued.channel, issued.expires_at) == ("hand", LATER + sign_in.LINK_LIFETIME)
    assert open_sessions(session, judge) == []
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "link.shown_again")).one()
    assert (entry.subject, entry.competition_id, entry.detail) == (
        f"person {judge.pk}",
        competition_id,
        {"sessions": 1},
    )
    row = session.get_one(tables.SignInLink, present(sign_in.find_link(session, issued.token, at=LATER)).link_id)
    assert (row.channel, row.issued_by) == ("hand", organiser.person_id)
    assert list(audit.verify(session)) == []
    # Inviting the same account again is no way around what is recorded.
    _, token = invite(session, organiser, judge.email, "judge", mail=False)
    assert present(sign_in.find_link(session, issued.token, at=LATER)).state == "revoked"
    assert present(sign_in.find_link(session, token, at=LATER)).state == "good"
    entries = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "link.shown_again")).all()
    assert len(entries) == 2


def has_password(session: Session, judge: tables.Person) -> None:
    set_password(session, judge)


def had_a_password(session: Session, judge: tables.Person) -> None:
    set_password(session, judge)
    sign_in.reset_password(session, operator(), judge.pk, at=AT)


def has_a_passkey(session: Session, judge: tables.Person) -> None:
    session.add(tables.Passkey(person_id=judge.pk, credential_id="x", public_key=b"x", name="Phone", created_at=AT))


def has_an_app(session: Session, judge: tables.Person) -> None:
    session.add(tables.Authenticator(person_id=judge.pk, encrypted_secret="x", created_at=AT, confirmed_at=AT))


def signs_in_elsewhere(session: Session, judge: tables.Person) -> None:
    session.add(
        tables.SingleSignOnIdentity(person_id=judge.pk, issuer="https://id.example.org", subject="1", first_used_at=AT)
    )


def had_a_passkey(session: Session, judge: tables.Person) -> None:
    sessions.begin(session, judge, how="passkey", at=AT, address=ADDRESS, browser="")


def is_chair_elsewhere(session: Session, judge: tables.Person) -> None:
    invite(session, operator(), judge.email, "chair", competition=another(session))


def is_judge_of_somebody_else(session: Session, judge: tables.Person) -> None:
    session.add(tables.Role(person_id=judge.pk, competition_id=competition_of(session, another(session)), role="judge"))


def is_chair_here(session: Session, judge: tables.Person) -> None:
    session.add(tables.Role(person_id=judge.pk, competition_id=competition_of(session, COMPETITION), role="chair"))


def was_judge_of_somebody_else(session: Session, judge: tables.Person) -> None:
    event = another(session)
    _, token = invite(session, operator(), judge.email, "judge", competition=event)
    assert token
    row = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_of(session, event))).one()
    judges.deactivate_judge(session, operator(), event, row.key, reason="Moved away.", at=AT)


def was_removed_by_somebody_else(session: Session, judge: tables.Person) -> None:
    was_judge_of_somebody_else(session, judge)
    event = competition_of(session, "hksh-practice")
    row = session.exec(select(tables.Judge).where(tables.Judge.competition_id == event)).one()
    judges.put_back_judge(session, operator(), "hksh-practice", row.key, reason="Came back.", at=AT)
    accounts.deactivate(session, operator(), "hksh-practice", judge.pk, at=AT)
    # A later import gives the line of the roster to nobody.
    row.person_id = None
    session.add(row)


def is_judge_of_two_governments_too(session: Session, judge: tables.Person) -> None:
    row = session.exec(select(tables.Competition)).one()
    policies = {key: value for key, value in row.definition["policies"].items() if key != "appointments"}
    row.definition = {**row.definition, "policies": policies}
    row.digest = load_competition_dict(row.definition).digest
    session.add(row)


def another(session: Session) -> str:
    return definitions.store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT).key


def competition_of(session: Session, key: str) -> int:
    return session.exec(select(tables.Competition).where(tables.Competition.key == key)).one().pk


@pytest.mark.parametrize(
    "prepare",
    [
        has_password,
        had_a_password,
        has_a_passkey,
        had_a_passkey,
        has_an_app,
        signs_in_elsewhere,
        is_chair_elsewhere,
        is_judge_of_somebody_else,
        was_judge_of_somebody_else,
        was_removed_by_somebody_else,
        is_chair_here,
        is_judge_of_two_governments_too,
    ],
)
def test_an_organiser_sees_no_new_link_of_whoever_is_more_or_signs_in_alone(
    session: Session,
    organiser: Actor,
    judge: tables.Person,
    prepare: Callable[[Session, tables.Person], None],
) -> None:
    prepare(session, judge)
    session.flush()
    begun = open_sessions(session, judge)
    with pytest.raises(Conflict, match=r"command line.*judging people .* --link"):
        accounts.issue_link(session, organiser, judge.pk, at=LATER)
    with pytest.raises(Conflict):
        first_links.hand_over_all(session, organiser, None, COMPETITION, at=LATER, limits=limits_at(LATER))
    assert open_sessions(session, judge) == begun
    assert new_links.givers_of_links(session, judge.pk) == []


def test_an_organiser_removes_a_chair_and_asks_for_a_link_of_the_same_account_as_a_judges(
    session: Session, event: Event, organiser: Actor
) -> None:
    chair = session.get_one(tables.Person, event.people["chair"].pk)
    come_by_link(session, chair, sign_in.create_link(session, chair.pk, at=AT, channel="command")[1])
    accounts.deactivate(session, organiser, COMPETITION, chair.pk, at=AT)
    _, token = invite(session, organiser, chair.email, "judge", mail=False)
    assert token == ""
    with pytest.raises(Conflict, match="command line"):
        accounts.issue_link(session, organiser, chair.pk, at=LATER)


def test_a_program_of_the_organiser_sees_no_new_link(session: Session, organiser: Actor, judge: tables.Person) -> None:
    assert not links.may_hand_over(session, replace(organiser, token="1 script"), judge)
    assert links.may_hand_over(session, organiser, judge)


def test_a_link_that_an_organiser_has_seen_is_dead_once_the_judge_has_a_password(
    session: Session, organiser: Actor, judge: tables.Person
) -> None:
    seen = accounts.issue_link(session, organiser, judge.pk, at=AT).token
    _, own = sign_in.create_link(session, judge.pk, at=AT, channel="command")
    come_by_link(session, judge, own)
    set_password(session, judge)
    assert present(sign_in.find_link(session, seen, at=AT)).state == "revoked"
    with pytest.raises(Conflict):
        sign_in.use_link(session, seen, at=AT)


def test_the_table_has_judges_who_cannot_sign_in_and_signs_nobody_out(
    session: Session, organiser: Actor, judge: tables.Person
) -> None:
    def table() -> list[str]:
        made = first_links.hand_over_all(session, organiser, None, COMPETITION, at=LATER, limits=limits_at(LATER))
        return [one.person.email for one in made]

    with pytest.raises(Conflict, match="No judge waits for a link"):
        table()
    begun = open_sessions(session, judge)[0]
    sessions.sign_out(session, replace(load_actor(session, judge.pk), session_id=begun), at=AT)
    assert table() == [judge.email]
    # The link in the table counts as one: nobody ends it by a second press.
    with pytest.raises(Conflict, match="No judge waits for a link"):
        table()


def test_with_a_mail_server_nobody_is_shown_a_link(session: Session, organiser: Actor, judge: tables.Person) -> None:
    assert accounts.issue_link(session, organiser, judge.pk, at=LATER, mailer=MAILER).token == ""


def test_the_next_events_judges_wait_for_a_link_when_their_old_one_is_used_and_those_on_paper_do_not(
    session: Session, organiser: Actor, judge: tables.Person
) -> None:
    def n_waiting(*, at: datetime = LATER, has_mail: bool = False) -> int:
        known: dict[str, Any] = {"at": at, "limits": limits_at(at), "has_mail": has_mail}
        return waiting.n_waiting_for_link(session, organiser, competition_of(session, COMPETITION), **known)

    assert n_waiting() == 0
    # A browser that was not used for two weeks is signed out.
    assert n_waiting(at=AT + timedelta(days=13)) == 0
    assert n_waiting(at=AT + timedelta(days=15)) == 1
    sessions.touch(session, present(open_sessions(session, judge)[0]), at=AT + timedelta(days=10))
    assert n_waiting(at=AT + timedelta(days=15)) == 0
    # A year later the session has reached its longest lifetime.
    assert n_waiting(at=AT + timedelta(days=365)) == 1
    assert n_waiting(at=AT + timedelta(days=365), has_mail=True) == 0
    set_password(session, judge)
    assert n_waiting(at=AT + timedelta(days=365)) == 0
