"""The organiser who uses names, other competitions and the removal of witnesses: one test for each way."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import Actor, load_actor, operator
from judging.services.competitions import definitions
from judging.services.people import account_changes, accounts, confirming
from tests.support.event import AT, COMPETITION, RUBRICS, Event, make_event
from tests.support.files.imports import complaints_of, send
from tests.support.sign_in.attempts import ADDRESS, MAILER, begin_session, invite, open_change, roles, token_to


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(session: Session, event: Event) -> Actor:
    return event.actor(session, "organiser")


def test_uses_a_competition_of_their_own_to_gain_rights_over_a_person(session: Session, event: Event) -> None:
    other = definitions.store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT)
    person, _ = invite(session, operator(), "own@example.org", "organiser", competition=other.key)
    own = load_actor(session, person.pk)
    judge, chair = event.people["judge"], event.people["chair"]
    _, token = invite(session, own, judge.email, "judge", mail=False, competition=other.key)
    assert token == ""
    for target in (judge, chair):
        with pytest.raises((NotAllowed, NotFound)):
            accounts.deactivate(session, own, COMPETITION, target.pk, at=AT)
        with pytest.raises((NotAllowed, NotFound)):
            account_changes.propose_for(
                session, own, MAILER, COMPETITION, target.pk, kind="address", value="x@example.org", at=AT
            )
    # In the own competition it can be proposed; without the mailbox or an independent second person, nothing happens.
    account_changes.propose_for(session, own, MAILER, other.key, judge.pk, kind="address", value="x@example.org", at=AT)
    with pytest.raises(Conflict, match="second organiser"):
        confirming.confirm(session, own, MAILER, other.key, open_change(session), at=AT)


def test_signs_a_chair_of_another_competition_out(session: Session, event: Event) -> None:
    other = definitions.store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT)
    person, _ = invite(session, operator(), "own@example.org", "organiser", competition=other.key)
    own, chair = load_actor(session, person.pk), event.people["chair"]
    invite(session, own, chair.email, "judge", competition=other.key)
    begin_session(session, chair.pk)
    with pytest.raises(Conflict, match="of another competition"):
        accounts.revoke_links(session, own, chair.pk, at=AT)
    with pytest.raises(Conflict, match="of another competition"):
        accounts.issue_link(session, own, chair.pk, at=AT, mailer=MAILER)
    accounts.deactivate(session, own, other.key, chair.pk, at=AT)
    assert session.exec(select(tables.SignInSession.ended_at)).all() == [None]
    assert roles(session, chair) == ["chair"]


def test_two_organisers_of_another_competition_take_over_an_account(
    session: Session, event: Event, organiser: Actor
) -> None:
    other = definitions.store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT)
    first, second = (
        load_actor(session, invite(session, operator(), email, "organiser", competition=other.key)[0].pk)
        for email in ("one@example.org", "two@example.org")
    )
    chair = event.people["chair"]
    invite(session, first, chair.email, "judge", competition=other.key)
    begin_session(session, chair.pk)
    account_changes.propose_for(
        session, first, MAILER, other.key, chair.pk, kind="address", value="one.b@example.org", at=AT
    )
    with pytest.raises(Conflict, match="another competition too"):
        confirming.confirm(session, second, MAILER, other.key, open_change(session), at=AT)
    [shown] = confirming.list_open(session, second, other.key, at=AT)
    assert shown.may_confirm is False
    # Nor when the second person has agreed before the account got its other role.
    row = session.get_one(tables.AccountChange, open_change(session))
    row.confirmed_by, row.confirmed_at = second.person_id, AT
    session.add(row)
    confirming.answer_by_token(
        session, MAILER, token_to(session, "one.b@example.org"), agrees=True, at=AT, address=ADDRESS
    )
    assert session.get_one(tables.Person, chair.pk).email == chair.email


def test_removes_the_witness_and_all_others_are_told(session: Session, event: Event, organiser: Actor) -> None:
    auditor, chair = event.people["auditor"], event.people["chair"]
    accounts.deactivate(session, organiser, COMPETITION, auditor.pk, at=AT, mailer=MAILER)
    table = tables.OutboxMessage
    told = session.exec(select(table.recipient).where(table.kind == "role_removed").order_by(col(table.id))).all()
    assert told == [auditor.email, chair.email]


def test_removes_another_organiser_and_chairs_and_auditors_are_told(
    session: Session, event: Event, organiser: Actor
) -> None:
    auditor, chair = event.people["auditor"], event.people["chair"]
    other, _ = invite(session, organiser, "other@example.org", "organiser")
    accounts.deactivate(session, organiser, COMPETITION, other.pk, at=AT, mailer=MAILER)
    table = tables.OutboxMessage
    told = session.exec(select(table.recipient).where(table.kind == "role_removed").order_by(col(table.id))).all()
    assert told == [other.email, chair.email, auditor.email]


def test_gives_an_account_with_the_name_of_a_chair_another_role(
    session: Session, event: Event, organiser: Actor
) -> None:
    session.add(tables.Person(email="second@example.org", name="The Chair", created_at=AT))
    session.flush()
    with pytest.raises(InvalidInput, match="has this name"):
        invite(session, organiser, "second@example.org", "organiser")


@pytest.mark.parametrize("name", ["The Chair", "the \u200bchair", "The\u00a0Chair\ufe0f"])
def test_gives_a_judge_of_the_roster_the_name_of_a_chair(session: Session, event: Event, name: str) -> None:
    said = "is the name of an organiser, chair or auditor; add something by which people can be told apart"
    for row in (f"J91,{name},hk,second@example.org", f"J02,{name},,second@example.org"):
        found = complaints_of(session, event, "judges", f"key,name,city,email\n{row}\n")
        assert [text.endswith(said) for text in found["row 2, column name"]] == [True], found
    # An account that is there keeps its name, and the chair may be a judge.
    session.add(tables.Person(email="third@example.org", name=name, created_at=AT))
    session.flush()
    found = complaints_of(session, event, "judges", "key,name,city,email\nJ92,Somebody,hk,third@example.org\n")
    assert list(found) == ["row 2, column email"]
    chair = event.people["chair"]
    send(session, event, "judges", f"key,name,city,email\nJ93,{chair.name},hk,{chair.email}\n")


@pytest.mark.parametrize("name", ["\u0422h\u0435 \u0421hair", "Th\uff45 Cha1r", "THE CHA\u0406R", "Thechair"])
def test_gives_a_judge_of_the_roster_a_name_that_looks_like_that_of_a_chair(
    session: Session, event: Event, organiser: Actor, name: str
) -> None:
    chair = event.people["chair"].name
    said = f"looks like {chair}, the name of an organiser, chair or auditor; add something by which people can be told"
    # The mark says which encoding the file has: so few letters do not tell.
    found = complaints_of(session, event, "judges", f"\ufeffkey,name,city,email\nJ91,{name},hk,second@example.org\n")
    assert [said in text for text in found.get("row 2, column name", [])] == [True], found
    with pytest.raises(InvalidInput, match=f"looks like {chair}, the name of somebody else in this competition"):
        account_changes.change_own_name(session, organiser, MAILER, name, at=AT)


def test_gives_two_judges_one_name(session: Session, event: Event) -> None:
    rows = "J91,陳大文,hk,second@example.org\nJ92,陳大文,hk,third@example.org\nJ93,The Chairman,hk,fourth@example.org\n"
    send(session, event, "judges", f"key,name,city,email\n{rows}")
    names = session.exec(select(tables.Judge.name).where(col(tables.Judge.key).in_(["J91", "J92", "J93"]))).all()
    assert sorted(names) == ["The Chairman", "陳大文", "陳大文"]


@pytest.mark.parametrize("name", ["command line", "The\u2060 Service"])
def test_gives_a_judge_of_the_roster_the_name_of_a_part_of_the_service(
    session: Session, event: Event, name: str
) -> None:
    found = complaints_of(session, event, "judges", f"key,name,city,email\nJ91,{name},hk,second@example.org\n")
    assert "the name of a part of the service" in found["row 2, column name"][0]


@pytest.mark.parametrize("address", ["(x)organiser@example.org", "<organiser@example.org>", "organiser@example.org(x)"])
def test_writes_the_own_mailbox_in_a_spelling_that_only_mail_servers_read(
    session: Session, event: Event, organiser: Actor, address: str
) -> None:
    with pytest.raises(InvalidInput, match="not an e-mail address"):
        invite(session, organiser, address, "judge")
    found = complaints_of(session, event, "judges", f"key,name,city,email\nJ91,A judge,hk,{address}\n")
    assert list(found) == ["row 2, column email"]


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u3164", "\u2800"])
def test_takes_a_name_that_nobody_sees(session: Session, event: Event, organiser: Actor, name: str) -> None:
    with pytest.raises(InvalidInput, match="Give a name"):
        account_changes.change_own_name(session, organiser, MAILER, name, at=AT)
    found = complaints_of(session, event, "judges", f"key,name,city\nJ91,{name},hk\n")
    assert found == {"row 2, column name": ["a character here cannot be shown; type the text again"]}


def test_takes_the_name_of_a_chair(session: Session, event: Event, organiser: Actor) -> None:
    name = event.people["chair"].name
    with pytest.raises(InvalidInput, match="has this name"):
        account_changes.change_own_name(session, organiser, MAILER, f"  {name.upper()} ", at=AT)
    with pytest.raises(InvalidInput, match="has this name"):
        account_changes.propose_for(
            session, organiser, MAILER, COMPETITION, event.people["judge"].pk, kind="name", value=name, at=AT
        )
    with pytest.raises(InvalidInput, match="has this name"):
        accounts.invite(
            session, organiser, COMPETITION, email="x@example.org", name=name, role="judge", city="hk", at=AT
        )
