"""People, their links and passwords."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.schemas.definitions.definition_files import load_definition
from judging.schemas.invitations import load_password
from judging.services import audit
from judging.services.access import Actor, load_actor, operator
from judging.services.authentication import sessions, sign_in
from judging.services.competitions import definitions
from judging.services.people import accounts, members
from tests.support.event import AT, COMPETITION, RUBRICS, Event, make_event
from tests.support.optional import present

ADDRESS = "192.0.2.1"
WORDS = ["Hong Kong/Shanghai Co-operation Open Data Challenge", "Hong Kong", "Shanghai", "2023", "judge"]
GOOD = "eleven tall trees"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(session: Session, event: Event) -> Actor:
    return event.actor(session, "organiser")


def invited(session: Session, actor: Actor, **changed: str) -> tuple[tables.Person, str]:
    given = {"email": "New@Example.org", "name": "Judge 20", "role": "judge", "city": "hk", **changed}
    person, issued = accounts.invite(session, actor, COMPETITION, at=AT, **given)  # type: ignore[arg-type]  # texts only
    return person, issued.token


def test_an_invitation_makes_person_role_roster_line_and_link(session: Session, organiser: Actor) -> None:
    person, token = invited(session, organiser)
    assert (person.email, person.name) == ("new@example.org", "Judge 20")
    member = next(one for one in members.list_people(session, organiser, COMPETITION, at=AT) if one.person is person)
    assert [role.role for role in member.roles] == ["judge"]
    assert (present(member.judge).key, present(member.judge).city, member.has_open_link) == ("J07", "hk", True)
    assert sign_in.use_link(session, token, at=AT) is person


def test_two_spellings_of_an_address_are_one_person(session: Session, organiser: Actor) -> None:
    first, _ = invited(session, organiser, email="ｎew@example.org")
    second, _ = invited(session, organiser, email=" NEW@EXAMPLE.ORG ")
    assert first is second


def test_an_organiser_cannot_become_a_chair_alone(session: Session, event: Event, organiser: Actor) -> None:
    own = event.people["organiser"].email
    with pytest.raises(Conflict, match="You cannot give yourself a role"):
        invited(session, organiser, email=own, role="chair", city="hk")
    invited(session, operator(), email=own, role="chair", city="hk")


def test_only_a_judge_is_connected_to_the_roster(session: Session, organiser: Actor) -> None:
    person, _ = invited(session, organiser, judge_key="J03")
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J03")).one()
    assert judge.person_id == person.id
    with pytest.raises(Conflict, match="J03"):
        invited(session, organiser, email="other@example.org", judge_key="J03")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("J\u0405", "is not a letter A-Z"),
        ("a b/c", "cannot be a key"),
        ("x" * 41, "40"),
        ("jO3", "easily taken for `J03`"),
        ("\u202eJ7", "turns"),
    ],
)
def test_a_key_that_no_roster_would_have_is_refused(session: Session, organiser: Actor, key: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        invited(session, organiser, judge_key=key)
    assert reason in str(refused.value.messages["judge"])
    assert invited(session, organiser, judge_key="Ｊ０９")[0].name == "Judge 20"
    assert session.exec(select(tables.Judge.key).where(tables.Judge.name == "Judge 20")).one() == "J09"


@pytest.mark.parametrize(
    "changed",
    [
        {"email": "nobody"},
        {"name": " \x00 "},
        {"name": "Command  Line"},
        {"role": "king"},
        {"city": "atlantis"},
        {"role": "chair", "city": ""},
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    session: Session, organiser: Actor, changed: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        invited(session, organiser, **changed)


@pytest.mark.parametrize("role", ["judge", "chair", "auditor"])
def test_only_the_organiser_invites_links_and_removes(session: Session, event: Event, role: str) -> None:
    actor = event.actor(session, role)
    judge_id = event.people["judge"].pk
    with pytest.raises(NotAllowed):
        invited(session, actor)
    with pytest.raises(NotFound):
        accounts.issue_link(session, actor, judge_id, at=AT)
    with pytest.raises(NotFound):
        accounts.revoke_links(session, actor, judge_id, at=AT)
    with pytest.raises(NotAllowed):
        accounts.deactivate(session, actor, COMPETITION, judge_id, at=AT)


def test_a_second_invitation_elsewhere_leaves_the_first_link_alone(session: Session, organiser: Actor) -> None:
    other = definitions.store_definitions(session, operator(), load_definition(RUBRICS / "diving-2000"), at=AT)
    colleague, first = accounts.invite(
        session, operator(), other.key, email="c@example.org", name="Colleague", role="organiser", at=AT
    )
    person, token = invited(session, organiser, email="c@example.org", role="judge")
    assert (person is colleague, token) == (True, "")
    assert present(sign_in.find_link(session, first.token, at=AT)).state == "good"
    with pytest.raises(Conflict, match="command line"):
        accounts.issue_link(session, organiser, person.pk, at=AT)
    assert present(sign_in.find_link(session, first.token, at=AT)).state == "good"


def test_a_link_signs_in_once(session: Session, organiser: Actor) -> None:
    person, token = invited(session, organiser)
    sign_in.use_link(session, token, at=AT)
    with pytest.raises(Conflict):
        sign_in.use_link(session, token, at=AT)
    found = present(sign_in.find_link(session, token, at=AT))
    assert (found.person, found.state) == (person, "used")


def test_a_link_expires_to_the_second(session: Session, organiser: Actor) -> None:
    _, token = invited(session, organiser)
    end = AT + sign_in.LINK_LIFETIME
    states = [sign_in.find_link(session, token, at=at) for at in (end - timedelta(seconds=1), end)]
    assert [found.state if found else None for found in states] == ["good", "expired"]


def test_a_new_link_replaces_the_old_and_neither_is_stored(session: Session, organiser: Actor) -> None:
    person, old = invited(session, organiser)
    new = accounts.issue_link(session, organiser, person.pk, at=AT).token
    states = [sign_in.find_link(session, token, at=AT) for token in (old, new)]
    assert [found.state if found else None for found in states] == ["revoked", "good"]
    stored = [row.token_hash for row in session.exec(select(tables.SignInLink))]
    assert not {old, new} & set(stored)
    written = " ".join(str(entry.detail) + entry.subject for entry in session.exec(select(tables.AuditEntry)))
    assert old not in written
    assert new not in written


def test_who_is_removed_cannot_come_back_by_link_or_session(session: Session, organiser: Actor) -> None:
    person, token = invited(session, organiser)
    begun = sessions.begin(session, person, how="password", at=AT, address=ADDRESS, browser="")
    accounts.deactivate(session, organiser, COMPETITION, person.pk, at=AT)
    row = session.get_one(tables.SignInSession, begun.session_id)
    assert (person.is_active, row.ended_at, row.end_reason) == (False, AT, "deactivated")
    assert sign_in.find_link(session, token, at=AT) is None
    again, _ = invited(session, organiser)
    assert again.is_active
    assert list(audit.verify(session)) == []


def test_an_organiser_does_not_remove_himself(session: Session, event: Event, organiser: Actor) -> None:
    with pytest.raises(Conflict):
        accounts.deactivate(session, organiser, COMPETITION, event.people["organiser"].pk, at=AT)


def test_a_password_is_set_asked_for_and_ends_other_sessions(session: Session, event: Event) -> None:
    person = session.get_one(tables.Person, event.people["judge"].id)
    actor = load_actor(session, person.pk)
    new_password = sign_in.check_new_password(person, new=GOOD, repeated=GOOD, current=None)
    begun = [
        sessions.begin(session, person, how="password", at=AT, address=ADDRESS, browser="").session_id for _ in range(2)
    ]
    sign_in.store_password(session, replace(actor, session_id=begun[0]), new_password, at=AT)
    rows = [session.get_one(tables.SignInSession, number) for number in begun]
    assert [row.end_reason for row in rows] == [None, "password"]
    found, password_hash = sign_in.find_password(session, person.email)
    assert found == person.id
    assert present(password_hash).startswith("scrypt:")
    assert sign_in.password_matches(present(password_hash), GOOD)
    assert not sign_in.password_matches(present(password_hash), GOOD + "x")
    with pytest.raises(InvalidInput) as caught:
        sign_in.check_new_password(person, new="short", repeated="other", current="wrong")
    assert sorted(caught.value.messages) == ["current", "new", "repeated"]
    with pytest.raises(Conflict):
        sign_in.store_password(session, actor, new_password, at=AT)


def test_nobodys_password_never_matches() -> None:
    assert not sign_in.password_matches(None, "")


@pytest.mark.parametrize(
    "password",
    [
        "eleven long",
        "x" * 1001,
        "judge.twenty@example.org",
        "Judge.Twenty",
        "password12345",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcdefghijklm",
        "Hongkonghongkong!",
        "１２３４５６７８９０１２",
        "hongkong2023!",
        "HongKong-Shanghai-2023",
        "OpenDataChallenge2023",
        "judge.twenty2023",
        "qwertyuiopasdf",
        "correct-judge-twenty",
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        load_password(password, email="judge.twenty@example.org", name="Judge Twenty", words=WORDS)
