"""A round is not opened over warnings unless somebody confirms them; each names what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_competition_dict
from judging.services.access import operator
from judging.services.participation.judges import deactivate_judge
from judging.services.rounds import opening
from judging.services.rounds.checklist import checklist
from tests.support.event import AT, COMPETITION, ROUND, add_chairs, appoint_alone, make_event

HERE = (COMPETITION, ROUND)


def draft(session: Session) -> tables.Round:
    """Return the first round as it was before it opened."""
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.opened_at, row.closes_at = "draft", None, None
    session.add(row)
    session.flush()
    return row


def texts(session: Session) -> str:
    return "\n".join(str(warning.text) for warning in checklist(session, operator(), *HERE, at=AT).warnings)


def test_the_checklist_names_what_is_not_ready(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    row = draft(session)
    taken = session.exec(select(tables.Assignment)).all()[0]
    taken.state, taken.reason = "withdrawn", "Ill."
    session.add(taken)
    session.flush()
    told = texts(session)
    assert "no deadline" in told
    assert told.count("No chair speaks for") == 2
    assert "Without an account, and cannot sign in: J02, J03, J04, J05, J06." in told
    assert "Never signed in, and have no valid link: J01." in told
    assert "Nobody has declared a conflict of interest." in told
    assert "fewer than the 3 scoresheets" in told
    row.closes_at = AT + timedelta(days=1)
    session.add(row)
    session.commit()
    add_chairs(session, event)
    told = texts(session)
    assert "deadline" not in told
    assert "No chair" not in told


def test_warnings_are_confirmed_or_the_round_stays_closed(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    row = draft(session)
    checked = checklist(session, operator(), *HERE, at=AT)
    with pytest.raises(Conflict, match="points of the checklist are not ready"):
        opening.open_round(session, operator(), *HERE, at=AT, checked=checked)
    assert row.state == "draft"
    opening.open_round(session, operator(), *HERE, at=AT, checked=checked, knowingly=True)
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.opened")).one()
    assert entry.detail["confirmed"] == [str(warning.text) for warning in checked.warnings]


def test_a_checklist_that_is_older_than_a_change_confirms_nothing(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    draft(session)
    checked = checklist(session, operator(), *HERE, at=AT)
    deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", at=AT)
    with pytest.raises(Conflict, match="at the same moment"):
        opening.open_round(session, operator(), *HERE, at=AT, checked=checked, knowingly=True)


def test_a_small_event_is_not_frightened_by_what_nobody_can_mend(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    draft(session)
    session.flush()
    appoint_alone(session)
    found = checklist(session, operator(), *HERE, at=AT)
    told = "\n".join(str(warning.text) for warning in found.warnings)
    assert "scale" not in told
    assert "Nobody has declared" not in told
    notes = [str(note.text) for note in found.notes]
    assert [text.partition(".")[0] for text in notes] == [
        "There are few proposals for each judge",
        "No conflict of interest has been declared so far",
    ]


def test_where_one_chair_signs_no_city_needs_one_of_its_own(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    draft(session)
    row = session.exec(select(tables.Competition)).one()
    row.definition = {**row.definition, "policies": {**row.definition["policies"], "release": "one-chair"}}
    row.digest = load_competition_dict(row.definition).digest
    session.commit()
    assert "No chair speaks for" not in texts(session)
    for role in session.exec(select(tables.Role).where(tables.Role.role == "chair")):
        session.delete(role)
    session.flush()
    assert "There is no chair: nobody can consent" in texts(session)
