"""Rounds to decide on: calibrated, with a tie at the line, released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from judging import tables
from judging.schemas.definitions.definition_files import load_round_dict
from judging.schemas.scoresheets import SheetContent
from judging.services.access import Actor, load_actor
from judging.services.competitions.definitions import rules_of
from judging.services.rounds import opening
from judging.services.runs import calibrating, calibration_runs
from judging.services.scoresheets import versions
from tests.support.event import AT, COMPETITION, ROUND, Event, event_of, make_event
from tests.support.optional import present
from tests.support.releases import propose_release, sign_release
from tests.support.snapshots import stored_once

LATER = AT + timedelta(days=1)
FINAL = "grand-final"


def calibrated_event(session: Session, *, n_proposals: int = 8, n_judges: int = 8, **rules: Any) -> Event:
    """Store a round with some of its rules changed, calibrate it (by default with the quick model), and commit."""

    def store() -> None:
        event = make_event(session, n_proposals=n_proposals, n_judges=n_judges)
        change_rules(session, ROUND, **{"calibration": {"model": "mixed"}, **rules})
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)

    stored_once(session, ("calibrated", n_proposals, n_judges, repr(sorted(rules.items()))), store)
    return event_of(session)


def tied_event(session: Session) -> Event:
    """Store a round with one seat, two reserves, and P001 and P002 equal in everything at its top."""
    stored_once(session, "tied", lambda: _store_tied(session))
    return event_of(session)


def _store_tied(session: Session) -> None:
    event = make_event(session, n_proposals=8, n_judges=6)
    row = change_rules(session, ROUND, shortlist={"size": 1, "reserves": 2}, calibration={"model": "mixed"})
    best = SheetContent(scores=dict.fromkeys(rules_of(row).rubric.keys, 10.0))
    for key in ("P001", "P002"):
        proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == key)).one()
        for judge in session.exec(select(tables.Judge)):
            found = session.exec(
                select(tables.Assignment).where(
                    tables.Assignment.judge_id == judge.id, tables.Assignment.proposal_id == proposal.id
                )
            ).one_or_none()
            version = 1 if found is None else 2
            if found is None:
                found = tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT)
                session.add(found)
                session.flush()
            new = versions.NewVersion(assignment_id=found.pk, version=version, state="submitted", sheet=best)
            versions.append(session, [new], source="import", at=AT, saved_by=None)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)


def change_rules(session: Session, round_key: str, **rules: Any) -> tables.Round:
    """Write other rules into a round, as if its file had said so from the beginning."""
    row = session.exec(select(tables.Round).where(tables.Round.key == round_key)).one()
    row.definition = {**row.definition, **rules}
    row.digest = load_round_dict(row.definition).digest
    session.add(row)
    session.flush()
    return row


def chair_of(session: Session, city: str) -> Actor:
    """Return the chair of a city, who is made on first use."""
    email = f"chair.{city}@example.org"
    person = session.exec(select(tables.Person).where(tables.Person.email == email)).one_or_none()
    if person is None:
        competition_id = session.exec(select(tables.Competition.id)).first() or 0
        person = tables.Person(email=email, name=f"Chair of {city}", created_at=AT)
        session.add(person)
        session.flush()
        session.add(tables.Role(person_id=person.pk, competition_id=competition_id, role="chair", city=city))
        session.flush()
    return load_actor(session, person.pk)


def release(session: Session, event: Event) -> None:
    """Close the round if it is open, and let both chairs sign its newest run."""
    organiser = event.actor(session, "organiser")
    row = session.get_one(tables.Round, event.round_row.id)
    if row.state == "open":
        opening.close_round(session, organiser, COMPETITION, ROUND, at=LATER, knowingly=True)
    hk, sh = chair_of(session, "hk"), chair_of(session, "sh")
    run = present(calibration_runs.latest_run(session, hk, COMPETITION, ROUND))
    made = propose_release(session, hk, run_number=run.number, reason="for a test", at=LATER)
    for chair in (hk, sh):
        sign_release(session, chair, made.number, digest=made.digest, at=LATER)
    session.commit()


def shortlist_of(session: Session) -> list[str]:
    """Return whom the rule of the newest run keeps."""
    runs = session.exec(select(tables.CalibrationRun)).all()
    selected: list[str] = max(runs, key=lambda run: run.pk).result["shortlist"]["selected"]
    return selected
