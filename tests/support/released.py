"""The event with its first round released: closed, calibrated by means, an award given, signed by both cities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import PublicationPolicy
from judging.services.access import load_actor
from judging.services.competitions.definitions import definition_of
from judging.services.decisions import awards
from judging.services.runs import calibrating, calibration_runs
from tests.support.event import AT, COMPETITION, ROUND, Event, add_chairs, event_of, make_event, use_model
from tests.support.optional import present
from tests.support.releases import propose_release, sign_release
from tests.support.snapshots import stored_once

HERE = (COMPETITION, ROUND)
_AWARD = {"key": "best", "name": {"en": "Best", "zh-Hant-HK": "最佳", "zh-Hans-CN": "最佳"}, "kind": "jury"}


def make_calibrated(session: Session) -> Event:
    """Store the event with a closed and calibrated round and an award, and commit."""

    def store() -> None:
        event = make_event(session)
        use_model(session, "raw")
        chair = load_actor(session, add_chairs(session, event)["hk"].pk)
        row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
        row.state, row.closed_at = "closed", AT
        session.flush()
        calibrating.calibrate(session, chair, *HERE, at=AT)
        awards.define_award(session, chair, *HERE, award={**_AWARD, "category": None, "most_winners": 1}, at=AT)
        last = present(calibration_runs.latest_run(session, chair, *HERE)).result["proposals"][-1]["proposal"]
        awards.grant(session, chair, *HERE, award_key="best", proposal_key=last, reason="Fresh.", at=AT)

    stored_once(session, "closed, calibrated by means, with an award", store)
    return event_of(session)


def comment(session: Session, comments: Sequence[str], *, chair_note: str) -> None:
    """Submit new versions of the first sheets with these comments and a note for the chair, and calibrate again."""
    sheets = session.exec(
        select(tables.Scoresheet)
        .where(tables.Scoresheet.state == "submitted")
        .order_by(col(tables.Scoresheet.id))
        .limit(len(comments))
    ).all()
    for sheet, text in zip(sheets, comments, strict=True):
        changed = {"version": sheet.version + 1, "comment": text, "chair_note": chair_note}
        newer = tables.Scoresheet(**sheet.model_dump(exclude={"id"}) | changed)
        session.add(newer)
        session.flush()
        for score in session.exec(select(tables.Score).where(tables.Score.scoresheet_id == sheet.pk)).all():
            session.add(tables.Score(**score.model_dump() | {"scoresheet_id": newer.pk}))
    session.flush()
    chair = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    calibrating.calibrate(session, load_actor(session, chair.pk), *HERE, at=AT)


def release(session: Session, *, run_number: int = 1, reason: str = "") -> tables.Release:
    """Propose the run, and let both chairs sign; the caller commits."""
    people = {row.email: row.pk for row in session.exec(select(tables.Person))}
    chairs = [load_actor(session, people[f"chair-{city}@example.org"]) for city in ("hk", "sh")]
    proposed = propose_release(session, chairs[0], run_number=run_number, reason=reason, at=AT)
    for chair in chairs:
        sign_release(session, chair, proposed.number, digest=proposed.digest, at=AT)
    return proposed


def publish(session: Session, results: str, order: str) -> None:
    """Let the competition publish its results, and commit."""
    row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
    definition = definition_of(row)
    policies = replace(definition.policies, publication=PublicationPolicy(results=results, order=order))
    definition = replace(definition, policies=policies)
    row.definition, row.digest = definition.to_dict(), definition.digest
    session.commit()
