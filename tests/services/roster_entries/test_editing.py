"""Rows of the rosters are changed by hand with the checks of a file, and every change is in the row's history."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput
from judging.services.access import operator
from judging.services.roster_entries import editing, entering
from judging.services.roster_entries.editing import get_entry
from judging.services.roster_entries.history import list_history
from tests.support.event import AT, COMPETITION, make_event

HERE = (operator(), COMPETITION)


def add_entry(session: Session, kind: str, values: dict[str, str]) -> str:
    try:
        [key] = entering.add_rows(session, *HERE, entering.read_rows(session, *HERE, kind, [values]), at=AT).keys
    except InvalidInput as error:
        raise entering.of_one_row(error) from None
    return key


def change_entry(
    session: Session, kind: str, key: str, values: dict[str, str], newest_change: int | None = None
) -> None:
    entry = editing.read_entry(session, *HERE, kind, {**values, "key": key})
    editing.change_entry(session, *HERE, entry, newest_change=newest_change, at=AT)


def test_the_most_proposals_of_a_judge_can_be_set_and_emptied(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    values = dict(get_entry(session, *HERE, "judges", "J02").values)
    change_entry(session, "judges", "J02", {**values, "max_load": "7", "categories": "living"})
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J02")).one()
    assert (judge.max_load, judge.categories) == (7, ["living"])
    change_entry(session, "judges", "J02", values)
    assert (judge.max_load, judge.categories) == (None, [])
    history = [one.row.changes for one in list_history(session, *HERE, "judges", "J02")]
    assert history == [
        {"max_load": ["7", ""], "categories": ["living", ""]},
        {"max_load": ["", "7"], "categories": ["", "living"]},
    ]


def test_saving_without_a_change_is_no_entry(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    change_entry(session, "teams", "T001", dict(get_entry(session, *HERE, "teams", "T001").values))
    assert list_history(session, *HERE, "teams", "T001") == []


def test_a_new_proposal_takes_part_in_the_first_round(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    key = add_entry(session, "proposals", {"key": "P900", "team": "T001", "title": "Late"})
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == key)).one()
    assert session.get(tables.RoundProposal, (event.round_row.id, proposal.id)) is not None
    assert [one.row.action for one in list_history(session, *HERE, "proposals", "P900")] == ["added"]


@pytest.mark.parametrize(
    ("kind", "values", "fields"),
    [
        ("judges", {"key": "J02", "name": "Another", "city": "Hong Kong"}, {"key"}),
        ("judges", {"key": "J90", "name": "", "city": "atlantis", "max_load": "many"}, {"name", "city", "max_load"}),
        ("proposals", {"key": "P900", "team": "T777", "title": "Late"}, {"team"}),
        ("teams", {"key": "t001", "name": "Alike", "city": "Hong Kong"}, {"key"}),
    ],
)
def test_complaints_name_the_fields_and_nothing_is_stored(
    session: Session, kind: str, values: dict[str, str], fields: set[str]
) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    with pytest.raises(InvalidInput) as refused:
        add_entry(session, kind, values)
    assert set(refused.value.messages) == fields
    assert session.exec(select(tables.RosterChange)).all() == []


def test_the_second_of_two_people_does_not_overwrite_the_first(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    shown = get_entry(session, *HERE, "teams", "T001")
    change_entry(session, "teams", "T001", {**shown.values, "name": "First"}, newest_change=0)
    with pytest.raises(Conflict, match="was changed since"):
        change_entry(session, "teams", "T001", {**shown.values, "name": "Second"}, newest_change=0)
    assert get_entry(session, *HERE, "teams", "T001").values["name"] == "First"
