"""Changes of a calibrated round, each by the service that makes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, select

from judging import tables
from judging.schemas.definitions.definition_files import load_competition_dict
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.access import operator
from judging.services.assignments import assigning
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import awards, conflicts_of_interest, meeting_notes, meetings, minutes, verdicts
from judging.services.jobs import results
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.rules import changing
from judging.services.runs import calibrating, sensitivity
from judging.services.scoresheets import given_back, scoring
from tests.support.deciding import LATER, chair_of, release
from tests.support.event import COMPETITION, ROUND, Event
from tests.support.files.imports import send
from tests.support.optional import present
from tests.support.rules import propose_rules

WHERE = (COMPETITION, ROUND)
# From here on every change has its own time.
AFTER = LATER + timedelta(days=1)


def own_assignment(session: Session, event: Event) -> int:
    judge = select(tables.Judge.id).where(tables.Judge.person_id == event.people["judge"].id)
    own = select(tables.Assignment).where(tables.Assignment.judge_id == session.exec(judge).one())
    return present(session.exec(own).first()).pk


def save_a_sheet(session: Session, event: Event) -> None:
    rubric = rules_of(session.get_one(tables.Round, event.round_row.pk)).rubric
    sheet = SheetContent(scores=dict.fromkeys(rubric.keys, 3.0), justification="All the same.")
    scoring.save_scoresheet(
        session,
        event.actor(session, "judge"),
        own_assignment(session, event),
        IncomingSheet(sheet=sheet, base_version=1, submit=True),
        source="form",
        at=AFTER,
    )


def compare_models(session: Session, event: Event) -> None:
    """A job stores its result without an entry of the audit log."""
    run = present(session.exec(select(tables.CalibrationRun).where(tables.CalibrationRun.number == 1)).first())
    given = sensitivity.read_input(session, event.round_row, run)
    compared = sensitivity.compute(given)
    results.store_result(session, given.digest, sensitivity.KIND, event.round_row, compared, at=AFTER)


def recuse(session: Session, event: Event) -> None:
    judge = event.actor(session, "judge")
    given_back.recuse(session, judge, own_assignment(session, event), reason="family", text="", at=AFTER)


def assign(session: Session, event: Event) -> None:
    first = present(session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).first())
    taken = set(session.exec(select(tables.Assignment.judge_id).where(tables.Assignment.proposal_id == first.id)))
    judge = next(row for row in session.exec(select(tables.Judge)) if row.pk not in taken)
    organiser = event.actor(session, "organiser")
    assigning.assign(session, organiser, *WHERE, judge_key=judge.key, proposal_key="P001", at=AFTER)


def change_the_rules(session: Session, event: Event) -> None:
    hk, sh = chair_of(session, "hk"), chair_of(session, "sh")
    version = propose_rules(session, hk, values={"shortlist.size": "4"}, reason="More.", at=AFTER)
    for chair in (hk, sh):
        changing.consent(session, chair, *WHERE, version.number, digest=version.digest, at=AFTER)


def rename_a_city(session: Session, event: Event) -> None:
    row = session.exec(select(tables.Competition)).one()
    cities = [{**city, "name": {**city["name"], "en": "Victoria"}} for city in row.definition["cities"]]
    row.definition = {**row.definition, "cities": cities}
    row.digest = load_competition_dict(row.definition).digest
    session.add(row)


CHANGES: dict[str, Callable[[Session, Event], object]] = {
    "a run": lambda session, event: calibrating.calibrate(session, event.actor(session, "chair"), *WHERE, at=AFTER),
    "a run for comparison": lambda session, event: calibrating.calibrate(
        session, event.actor(session, "chair"), *WHERE, model="raw", at=AFTER
    ),
    "a comparison of models": compare_models,
    "a scoresheet": save_a_sheet,
    "a recusal": recuse,
    "an assignment": assign,
    "a decision": lambda session, event: verdicts.decide(
        session, event.actor(session, "chair"), *WHERE, "P001", verdict="out", reason="Late.", at=AFTER
    ),
    "an award": lambda session, event: awards.grant(
        session, event.actor(session, "chair"), *WHERE, award_key="best", proposal_key="P001", reason="Fresh.", at=AFTER
    ),
    "a note of a meeting": lambda session, event: meeting_notes.write_note(
        session, event.actor(session, "chair"), *WHERE, 1, text="Said.", proposal_key="P001", at=AFTER
    ),
    "the agenda": lambda session, event: meetings.move_item(
        session, event.actor(session, "chair"), *WHERE, 1, proposal_key="P002", by=-1, at=AFTER
    ),
    "the end of a meeting": lambda session, event: minutes.close_meeting(
        session, event.actor(session, "chair"), *WHERE, 1, undiscussed_known=["P001", "P002"], at=AFTER
    ),
    "the name of a judge": lambda session, event: send(session, event, "judges", "key,name\nJ01,Chan Siu Ming\n"),
    "the name of a team": lambda session, event: send(session, event, "teams", "key,name\nT001,The Harbour\n"),
    "a title": lambda session, event: send(session, event, "proposals", "key,title\nP001,Tides\n"),
    "the name of a city": rename_a_city,
    "rules": change_the_rules,
    "a release": release,
    "a conflict of interest": lambda session, event: conflicts_of_interest.declare(
        session, event.actor(session, "auditor"), COMPETITION, proposal_key="P001", kind="family", at=AFTER
    ),
    "the end of the round": lambda session, event: opening.close_round(
        session, event.actor(session, "organiser"), *WHERE, at=AFTER, knowingly=True
    ),
    "the role of a reader": lambda session, event: accounts.invite(
        session,
        operator(),
        COMPETITION,
        email=event.people["auditor"].email,
        name="The auditor",
        role="chair",
        city="hk",
        at=AFTER,
    ),
}
