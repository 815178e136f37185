import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.rubric import Text
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.competitions.definitions import list_rounds, rules_of, store_definitions
from judging.services.rounds import opening
from tests.support.event import AT, COMPETITION, ROUND, RUBRICS, make_event

FINAL = "grand-final"


def _edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    folder = tmp_path / COMPETITION
    shutil.copytree(RUBRICS / COMPETITION, folder)
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_loading_twice_changes_nothing(session: Session) -> None:
    first = store_definitions(session, operator(), load_definition(RUBRICS / COMPETITION), at=AT)
    before = [(one.key, one.position, one.digest, one.state) for one in list_rounds(session, first)]
    again = store_definitions(session, operator(), load_definition(RUBRICS / COMPETITION), at=AT)
    assert again.id == first.id
    assert [(one.key, one.position, one.digest, one.state) for one in list_rounds(session, again)] == before
    assert [(key, position, state) for key, position, _, state in before] == [(ROUND, 1, "draft"), (FINAL, 2, "draft")]


def test_rules_of_an_open_round_are_sealed(session: Session, tmp_path: Path) -> None:
    event = make_event(session)
    sealed = event.round_row.digest
    folder = _edited(tmp_path, "first-screening.yaml", "  size: 20\n", "  size: 21\n")
    with pytest.raises(Conflict, match=sealed[:12]):
        store_definitions(session, operator(), load_definition(folder), at=AT)
    session.rollback()
    assert session.exec(select(tables.Round.digest).where(tables.Round.key == ROUND)).one() == sealed


def test_rules_of_a_draft_round_may_change(session: Session, tmp_path: Path) -> None:
    make_event(session)
    folder = _edited(tmp_path, "grand-final.yaml", "  per_proposal: 8\n", "  per_proposal: 7\n")
    row = store_definitions(session, operator(), load_definition(folder), at=AT)
    assert [one.definition["readings"]["per_proposal"] for one in list_rounds(session, row)] == [3, 7]


def test_drafts_can_be_changed_beside_a_round_whose_rules_were_changed_with_consent(
    session: Session, tmp_path: Path
) -> None:
    event = make_event(session)
    row = session.get_one(tables.Round, event.round_row.id)
    session.add(
        tables.RulesVersion(
            round_id=row.pk,
            number=1,
            definition=row.definition,
            digest=row.digest,
            state="sealed",
            proposed_at=AT,
            sealed_at=AT,
        )
    )
    row.definition, row.digest, row.closes_at = {**row.definition}, "f" * 64, AT
    session.flush()
    folder = _edited(tmp_path, "grand-final.yaml", "  per_proposal: 8\n", "  per_proposal: 7\n")
    stored = list_rounds(session, store_definitions(session, operator(), load_definition(folder), at=AT))
    assert [one.definition["readings"]["per_proposal"] for one in stored] == [3, 7]
    # The sealed round keeps its rules and its deadline, although the file is older than both.
    assert (stored[0].digest, stored[0].closes_at) == ("f" * 64, AT)


def test_drafts_alone_are_changed_when_that_is_asked(session: Session, tmp_path: Path) -> None:
    event = make_event(session)
    folder = _edited(tmp_path, "first-screening.yaml", "  size: 20\n", "  size: 21\n")
    row = store_definitions(session, operator(), load_definition(folder), at=AT, drafts_only=True)
    assert list_rounds(session, row)[0].digest == event.round_row.digest


def test_a_city_in_use_cannot_be_dropped(session: Session, tmp_path: Path) -> None:
    make_event(session)
    session.add(tables.Team(competition_id=1, key="T999", name="Team 999", city="sz"))
    session.flush()
    with pytest.raises(Conflict, match="sz"):
        store_definitions(session, operator(), load_definition(RUBRICS / COMPETITION), at=AT)


def test_only_the_command_line_makes_competitions(session: Session) -> None:
    event = make_event(session)
    with pytest.raises(NotAllowed):
        store_definitions(session, event.actor(session, "organiser"), load_definition(RUBRICS / "hksh-practice"), at=AT)


def test_a_round_without_assignments_is_not_opened(session: Session) -> None:
    event = make_event(session)
    with pytest.raises(Conflict, match="No proposal"):
        opening.open_round(session, event.actor(session, "organiser"), COMPETITION, FINAL, at=AT)


def test_closing_without_unfinished_judges_must_be_confirmed(session: Session) -> None:
    event = make_event(session, scored=False)
    organiser = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="Not finished yet: Judge 0"):
        opening.close_round(session, organiser, COMPETITION, ROUND, at=AT)
    closed = opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    assert (closed.state, closed.closed_at) == ("closed", AT)
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.closed")).one()
    assert sorted(entry.detail["unfinished"]) == [f"J{number:02}" for number in range(1, 9)]


def test_reopening_needs_a_reason_that_is_stored(session: Session) -> None:
    event = make_event(session)
    organiser = event.actor(session, "organiser")
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT)
    with pytest.raises(InvalidInput):
        opening.reopen_round(session, organiser, COMPETITION, ROUND, reason="  ", at=AT)
    opened = opening.reopen_round(session, organiser, COMPETITION, ROUND, reason="A deck was missing", at=AT)
    assert (opened.state, opened.closed_at) == ("open", None)
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.reopened")).one()
    assert entry.detail == {"reason": "A deck was missing", "deadline": "2099-07-15T10:00:00+00:00"}


@pytest.mark.parametrize("role", ["judge", "chair", "auditor"])
def test_only_an_organiser_closes_a_round(session: Session, role: str) -> None:
    event = make_event(session)
    with pytest.raises(NotAllowed):
        opening.close_round(session, event.actor(session, role), COMPETITION, ROUND, at=AT)


def test_a_definition_is_parsed_once_for_each_digest(session: Session) -> None:
    competition = store_definitions(session, operator(), load_definition(RUBRICS / COMPETITION), at=AT)
    row = list_rounds(session, competition)[0]
    first = rules_of(row)
    session.flush()
    session.expire_all()
    assert rules_of(list_rounds(session, competition)[0]) is first
    changed = replace(first, name=Text("Another name", "其他名稱", "其他名称"))
    row.definition, row.digest = changed.to_dict(), changed.digest
    assert rules_of(row) == changed
