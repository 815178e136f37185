"""Rows that are typed by hand are stored together with the checks of a file, and a proposal brings its team."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import InvalidInput
from judging.services import audit
from judging.services.roster_entries import entering
from judging.services.roster_entries.history import list_history
from tests.support.event import AT
from tests.support.school import ENTRIES, JUDGES, KEY, School, make_school


@pytest.fixture
def school(session: Session) -> School:
    return make_school(session)


def enter(
    session: Session, school: School, kind: str, *rows: Mapping[str, str], may_be_again: bool = False
) -> entering.EnteredRows:
    here = (session, school.actor(session), KEY)
    read = entering.read_rows(*here, kind, rows)
    entered = entering.add_rows(*here, read, may_be_again=may_be_again, at=AT)
    session.commit()
    return entered


def complaints(session: Session, school: School, kind: str, *rows: Mapping[str, str]) -> dict[str, list[str]]:
    with pytest.raises(InvalidInput) as refused:
        enter(session, school, kind, *rows)
    session.rollback()
    return {field: [str(text) for text in texts] for field, texts in refused.value.messages.items()}


def entry(title: str, team: str, email: str = "", **more: str) -> dict[str, str]:
    return {"title": title, "team_name": team, "team_email": email, **more}


def test_eight_entries_make_eight_teams_in_the_only_city_and_enter_the_round(session: Session, school: School) -> None:
    entered = enter(session, school, "proposals", *(entry(*one) for one in ENTRIES))
    assert entered.keys == tuple(f"P{number:02}" for number in range(1, 9))
    assert entered.team_keys == tuple(f"T{number:02}" for number in range(1, 9))
    stored = session.exec(
        select(tables.Proposal.title, tables.Team.name, tables.Team.email, tables.Team.city)
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .order_by(col(tables.Proposal.key))
    ).all()
    assert [tuple(row) for row in stored] == [(*one, "school") for one in ENTRIES]
    assert len(session.exec(select(tables.RoundProposal)).all()) == 8


def test_one_entry_of_the_log_and_a_history_for_every_row(session: Session, school: School) -> None:
    enter(session, school, "proposals", *(entry(*one) for one in ENTRIES[:2]))
    [log] = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "roster.changed")).all()
    assert log.detail == {"kind": "proposals", "action": "added", "keys": ["P01", "P02"], "teams": ["T01", "T02"]}
    assert log.subject == f"{KEY} P01, P02"
    here = (session, school.actor(session), KEY)
    assert [one.row.action for one in list_history(*here, "teams", "T02")] == ["added"]
    assert list_history(*here, "proposals", "P01")[0].row.changes["title"] == ["", ENTRIES[0][0]]
    assert list(audit.verify(session)) == []


def test_judges_get_keys_accounts_and_the_only_city(session: Session, school: School) -> None:
    enter(session, school, "judges", *({"name": name, "email": email} for name, email in JUDGES))
    stored = session.exec(select(tables.Judge).order_by(col(tables.Judge.key))).all()
    assert [(judge.key, judge.name, judge.city) for judge in stored] == [
        (f"J0{number}", name, "school") for number, (name, _) in enumerate(JUDGES, 1)
    ]
    assert all(judge.person_id is not None for judge in stored)


def test_two_entries_with_the_same_name_belong_to_one_team(session: Session, school: School) -> None:
    entered = enter(session, school, "proposals", entry("紙橋", "陳大文"), entry("風車", "陳 大文"))
    assert (entered.keys, entered.team_keys) == (("P01", "P02"), ("T01",))
    again = enter(session, school, "proposals", entry("水車", "陳大文"))
    assert (again.keys, again.team_keys) == (("P03",), ())


def test_another_address_for_the_same_name_is_asked_about(session: Session, school: School) -> None:
    enter(session, school, "proposals", entry("紙橋", "陳大文", "a@example.org"))
    found = complaints(session, school, "proposals", entry("風車", "陳大文", "b@example.org"))
    assert list(found) == ["team_email-1"]
    assert "team T01 (陳大文) has something else: a@example.org" in found["team_email-1"][0]
    within = complaints(
        session, school, "proposals", entry("風車", "李明", "c@example.org"), entry("水車", "李明", "d@example.org")
    )
    assert list(within) == ["team_email-2"]


def test_one_row_that_is_wrong_keeps_all_of_them_out(session: Session, school: School) -> None:
    found = complaints(
        session,
        school,
        "proposals",
        entry("紙橋", "陳大文"),
        entry("", "李明"),
        entry("風車", "", "nobody"),
        {"key": "P9"},
        entry("水車", "何詩", key="P?"),
    )
    assert sorted(found) == ["key-5", "team_email-3", "team_name-3", "title-2"]
    assert session.exec(select(tables.Proposal)).all() == []
    assert session.exec(select(tables.Team)).all() == []


def test_a_row_with_nothing_but_what_was_proposed_is_left_out(session: Session, school: School) -> None:
    entered = enter(session, school, "proposals", entry("紙橋", "陳大文", key="P01"), {"key": "P02", "category": ""})
    assert entered.keys == ("P01",)
    assert complaints(session, school, "proposals", {"key": "P02"}, {"key": "P03"}) == {
        "title-1": ["this must be filled in"]
    }


def test_the_same_form_sent_twice_is_stored_once(session: Session, school: School) -> None:
    rows = [entry(*one, key=f"P{number:02}", proposed_key=f"P{number:02}") for number, one in enumerate(ENTRIES, 1)]
    first = enter(session, school, "proposals", *rows, may_be_again=True)
    second = enter(session, school, "proposals", *rows, may_be_again=True)
    assert (first.is_again, second.is_again, second.keys) == (False, True, first.keys)
    assert len(session.exec(select(tables.Proposal)).all()) == 8


def test_a_proposed_key_that_another_form_has_taken_is_exchanged(session: Session, school: School) -> None:
    enter(session, school, "proposals", entry("紙橋", "陳大文", key="P01", proposed_key="P01"), may_be_again=True)
    other = entry("風車", "李明", key="P01", proposed_key="P01")
    assert enter(session, school, "proposals", other, may_be_again=True).keys == ("P02",)
    chosen = complaints(session, school, "proposals", entry("水車", "何詩", key="P01"))
    assert chosen == {"key-1": ["`P01` is on the roster already"]}


def test_more_rows_than_a_form_has_are_refused(session: Session, school: School) -> None:
    rows = [entry(f"Entry {number}", "Team") for number in range(entering.MOST_ROWS + 1)]
    assert list(complaints(session, school, "proposals", *rows)) == ["rows"]
