"""A round is not opened over warnings unless somebody confirms them; each names what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_competition_dict
from judging.services.access import load_actor, operator
from judging.services.authentication import sessions
from judging.services.authentication.sessions import SessionLimits
from judging.services.participation.judges import deactivate_judge
from judging.services.rounds import opening
from judging.services.rounds.checklist import checklist
from tests.support.event import AT, COMPETITION, ROUND, add_chairs, appoint_alone, make_event

HERE = (COMPETITION, ROUND)
LIMITS = SessionLimits(begun_after=AT - timedelta(days=30), used_after=AT - timedelta(days=14))
WITHOUT_MAIL: dict[str, Any] = {"limits": LIMITS, "has_mail": False}


def draft(session: Session) -> tables.Round:
    """Return the first round as it was before it opened."""
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.opened_at, row.closes_at = "draft", None, None
    session.add(row)
    session.flush()
    return row


def texts(session: Session) -> str:
    return "\n".join(
        str(warning.text) for warning in checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL).warnings
    )


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
    assert "Never signed in, and have no valid link: J01 " in told
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
    checked = checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL)
    with pytest.raises(Conflict, match="points of the checklist are not ready"):
        opening.open_round(session, operator(), *HERE, at=AT, checked=checked)
    assert row.state == "draft"
    opening.open_round(session, operator(), *HERE, at=AT, checked=checked, knowingly=True)
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "round.opened")).one()
    assert entry.detail["confirmed"] == [str(warning.text) for warning in checked.warnings]


def test_a_checklist_that_is_older_than_a_change_confirms_nothing(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    draft(session)
    checked = checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL)
    deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", at=AT)
    with pytest.raises(Conflict, match="at the same moment"):
        opening.open_round(session, operator(), *HERE, at=AT, checked=checked, knowingly=True)


def test_a_small_event_is_not_frightened_by_what_nobody_can_mend(session: Session) -> None:
    make_event(session, n_proposals=6, n_judges=6, scored=False)
    draft(session)
    session.flush()
    appoint_alone(session)
    found = checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL)
    told = "\n".join(str(warning.text) for warning in found.warnings)
    assert "scale" not in told
    assert "Nobody has declared" not in told
    notes = [str(note.text) for note in found.notes]
    assert [text.partition(".")[0] for text in notes[1:]] == [
        "There are few proposals for each judge",
        "No conflict of interest has been declared so far",
        "Scoresheets ask for comments, and letters to teams will have none: the rules say what letters contain",
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


def judge_row(session: Session, key: str) -> tables.Judge:
    return session.exec(select(tables.Judge).where(tables.Judge.key == key)).one()


def test_judges_on_paper_are_a_note_with_name_and_what_it_means(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    draft(session)
    name = judge_row(session, "J02").name
    assert "account" not in texts(session)
    notes = checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL).notes
    note = next(note for note in notes if "without an account" in str(note.text))
    assert f"J02 {name}" in str(note.text)
    assert "print blank scoresheets" in str(note.remedy)
    judge_row(session, "J01").person_id = None
    session.flush()
    assert "No judge has an account, so nobody can sign in and score." in texts(session)


def test_judges_who_cannot_come_back_are_not_ready_where_no_mail_server_sends_links(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    draft(session)
    person = session.get_one(tables.Person, event.people["judge"].pk)
    begun = sessions.begin(session, person, how="link", at=AT, address="192.0.2.1", browser="")
    assert "J01" not in texts(session)
    actor = replace(load_actor(session, person.pk), session_id=begun.session_id)
    sessions.sign_out(session, actor, at=AT)
    assert "Signed in before, and cannot again without a new link: J01 " in texts(session)
    with_mail = checklist(session, operator(), *HERE, at=AT, limits=LIMITS, has_mail=True)
    assert "J01" not in "\n".join(str(warning.text) for warning in with_mail.warnings)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("feedback", "letters", "is_said"),
    [(True, None, True), (True, ["decision"], True), (True, ["comments"], False), (False, None, False)],
)
def test_comments_that_no_letter_will_have_are_a_note(
    session: Session, *, feedback: bool, letters: list[str] | None, is_said: bool
) -> None:
    make_event(session, scored=False)
    row = session.exec(select(tables.Competition)).one()
    kept = {name: value for name, value in row.definition["policies"].items() if name != "letters"}
    policies = {**kept, "feedback": feedback} | ({} if letters is None else {"letters": letters})
    row.definition = {**row.definition, "policies": policies}
    row.digest = load_competition_dict(row.definition).digest
    session.commit()
    notes = checklist(session, operator(), *HERE, at=AT, **WITHOUT_MAIL).notes
    assert any("letters to teams will have none" in str(note.text) for note in notes) == is_said
