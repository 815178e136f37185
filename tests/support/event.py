"""A small event to test with: the challenge's own rules, simulated proposals, judges and scores."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import db, tables
from judging.calibration.simulate import simulate
from judging.calibration.truths import Design
from judging.competition import ALONE, digest_of
from judging.round_policies import PitchPolicy
from judging.schemas.definitions.definition_files import Definition, load_competition_dict, load_definition
from judging.schemas.scoresheets import SheetContent
from judging.services import audit
from judging.services.access import Actor, load_actor, operator
from judging.services.audit import stored_rows
from judging.services.authentication.tokens import hash_of
from judging.services.competitions.definitions import definition_of, list_rounds, rules_of, store_definitions
from judging.services.pitches import hosting
from judging.services.scoresheets.versions import NewVersion, append
from judging.tables.row_digests import digest_of_row, key_of
from tests.support.snapshots import stored_once

AT = datetime(2023, 7, 3, 6, 0, tzinfo=UTC)
RUBRICS = Path(__file__).parents[2] / "rubrics"
COMPETITION = "hksh-2023"
ROUND = "first-screening"
_sessions = tables.metadata.tables["sign_in_session"]


@dataclass(frozen=True)
class Event:
    """Where things are: the first round's row, and the people by role."""

    round_row: tables.Round
    people: dict[str, tables.Person]

    def actor(self, session: Session, role: str) -> Actor:
        """Return the person of a role as a service sees them."""
        return load_actor(session, self.people[role].pk)


@cache
def challenge() -> Definition:
    """Return the challenge's own definition: reading its files takes longer than storing the whole event."""
    return load_definition(RUBRICS / COMPETITION)


def make_event(session: Session, *, n_proposals: int = 24, n_judges: int = 8, scored: bool = True) -> Event:
    """Store the challenge with an open first round, and commit."""
    key = ("event", n_proposals, n_judges, scored)
    stored_once(session, key, lambda: _store_event(session, n_proposals, n_judges, scored=scored))
    return event_of(session)


def event_of(session: Session) -> Event:
    """Return the event that is stored, in rows that do not ask the database again.

    On SQLite a question by a writer's session locks others out.
    """
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    people = {
        role: session.exec(select(tables.Person).where(tables.Person.email == f"{role}@example.org")).one()
        for role in tables.ROLES
    }
    for row in (round_row, *people.values()):
        session.refresh(row)
        session.expunge(row)
    session.rollback()
    return Event(round_row, people)


def use_model(session: Session, model: str) -> None:
    """Let the first round be calibrated with another model, for tests that are about something else."""
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = rules_of(row)
    rules = replace(rules, calibration=replace(rules.calibration, model=model))
    row.definition, row.digest = rules.to_dict(), rules.digest
    session.commit()


def use_pitches(session: Session) -> None:
    """Give the first round pitches, with the first team on the stage."""
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    rules = replace(rules_of(row), pitches=PitchPolicy(pitch_minutes=5, questions_minutes=5, scoring_minutes=3))
    row.definition, row.digest = rules.to_dict(), rules.digest
    session.commit()
    for number, action in enumerate(("next", "pitch")):
        hosting.move(session, operator(), COMPETITION, ROUND, action=action, number=number, at=AT)
    session.commit()


def appoint_alone(session: Session) -> None:
    """Let one organiser alone appoint chairs and auditors, and commit."""
    row = session.exec(select(tables.Competition)).one()
    row.definition = {**row.definition, "policies": {**row.definition["policies"], "appointments": ALONE}}
    row.digest = load_competition_dict(row.definition).digest
    session.commit()


def add_chairs(session: Session, event: Event) -> dict[str, tables.Person]:
    """Give every city of the event a chair who speaks for it, and commit; returns them by city."""
    competition_id = event.round_row.competition_id
    cities = [city.key for city in definition_of(session.get_one(tables.Competition, competition_id)).cities]
    chairs = {
        city: tables.Person(email=f"chair-{city}@example.org", name=f"Chair of {city}", created_at=AT)
        for city in cities
    }
    session.add_all(chairs.values())
    session.flush()
    session.add_all(
        tables.Role(person_id=person.pk, competition_id=competition_id, role="chair", city=city)
        for city, person in chairs.items()
    )
    session.commit()
    for person in chairs.values():
        session.refresh(person)
        session.expunge(person)
    session.rollback()
    return chairs


def sign_in(
    client: FlaskClient, person: tables.Person, *, at: datetime | None = None, is_recorded: bool = False
) -> int:
    """Let a client be signed in as a person; returns the key of the session.

    Only when ``is_recorded``, the audit log has an entry: without it, ``audit.verify`` names the session. Commit what
    is open before: on SQLite two writers wait for each other.
    """
    token, begun_at = secrets.token_urlsafe(32), at or datetime.now(UTC)
    with db.transaction(client.application.extensions["judging.engine"]) as session:
        row = tables.SignInSession(
            person_id=person.pk,
            token_hash=hash_of(token),
            began_at=begun_at,
            how="password",
            address="127.0.0.1",
            browser="test",
            last_used_at=begun_at,
        )
        session.add(row)
        session.flush()
        if is_recorded:
            values = {column.name: getattr(row, column.name) for column in _sessions.columns}
            stored_rows.note(session, {key_of(_sessions, values): digest_of_row(_sessions, values)})
            actor = Actor(person_id=person.pk, name=person.name)
            audit.record(session, actor, "signed_in", f"person {person.pk}", at=begun_at, detail={"session": row.pk})
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{person.pk}.{token}"
        cookie.permanent = True
    return row.pk


def csrf_token(client: FlaskClient) -> str:
    """Return the token that this client's writes must carry."""
    token: str = client.get("/api/v1/session").get_json()["csrf_token"]
    return token


def cookie_of(app: Flask, person: tables.Person, *, is_recorded: bool = False) -> dict[str, str]:
    """Return the cookie that signs a browser in as a person, without address; see ``sign_in``."""
    client = app.test_client()
    sign_in(client, person, is_recorded=is_recorded)
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    if cookie is None:
        raise LookupError("the client holds no session cookie")
    return {"name": cookie.key, "value": cookie.value}


def newest_run(session: Session) -> tables.CalibrationRun:
    """Return the run stored last."""
    run = max(session.exec(select(tables.CalibrationRun)).all(), key=lambda run: run.number)
    session.expunge(run)
    session.rollback()
    return run


def _store_event(session: Session, n_proposals: int, n_judges: int, *, scored: bool) -> None:
    competition = store_definitions(session, operator(), challenge(), at=AT, is_simulated=True)
    competition_id = competition.pk
    definition = definition_of(competition)
    round_row = next(row for row in list_rounds(session, competition) if row.key == ROUND)
    # A worker would close the round at its own deadline, which was years ago.
    round_row.state, round_row.opened_at, round_row.closes_at = "open", AT, datetime(2099, 7, 15, 10, tzinfo=UTC)
    cities = sorted(city.key for city in definition.cities)
    categories = [one.key for one in definition.categories if one.parent is None]
    people = {role: _person(session, competition_id, role) for role in tables.ROLES}
    design = Design(n_proposals=n_proposals, n_judges=n_judges, categories_per_judge=6)
    drawn = simulate(design, rng=np.random.default_rng(7))
    judges = [
        tables.Judge(
            competition_id=competition_id,
            key=f"J{code + 1:02}",
            name=f"Judge {code + 1:02}",
            city=cities[drawn.judge_city[code]],
            person_id=people["judge"].id if code == 0 else None,
        )
        for code in range(n_judges)
    ]
    teams = [
        tables.Team(
            competition_id=competition_id,
            key=f"T{code + 1:03}",
            name=f"Team {code + 1:03}",
            city=cities[drawn.proposal_city[code]],
        )
        for code in range(n_proposals)
    ]
    session.add_all([*judges, *teams])
    session.flush()
    conduct = definition.policies.code_of_conduct
    if conduct is not None:
        digest = digest_of(conduct.by_language)
        session.add(tables.ConductAcceptance(judge_id=judges[0].pk, digest=digest, accepted_at=AT))
    proposals = [
        tables.Proposal(
            competition_id=competition_id,
            team_id=team.pk,
            key=f"P{code + 1:03}",
            title=f"Simulated proposal {code + 1:03}",
            category=categories[drawn.category[code] % len(categories)],
        )
        for code, team in enumerate(teams)
    ]
    session.add_all(proposals)
    session.flush()
    session.add_all([tables.RoundProposal(round_id=round_row.pk, proposal_id=one.pk) for one in proposals])
    assignments = [
        tables.Assignment(
            round_id=round_row.pk,
            judge_id=judges[judge].pk,
            proposal_id=proposals[proposal].pk,
            assigned_at=AT,
        )
        for proposal, judge in zip(drawn.proposal, drawn.judge, strict=True)
    ]
    session.add_all(assignments)
    session.flush()
    if scored:
        rubric = rules_of(round_row).rubric
        versions = [
            NewVersion(
                assignment_id=assignment.pk,
                version=1,
                state="submitted",
                sheet=SheetContent(scores=dict(zip(rubric.keys, map(float, scores), strict=False))),
                scored_at=AT + timedelta(minutes=number),
            )
            for number, (assignment, scores) in enumerate(zip(assignments, drawn.score, strict=True))
        ]
        append(session, versions, source="import", at=AT, saved_by=None)


def _person(session: Session, competition_id: int, role: str) -> tables.Person:
    person = tables.Person(email=f"{role}@example.org", name=f"The {role}", created_at=AT)
    session.add(person)
    session.flush()
    session.add(tables.Role(person_id=person.pk, competition_id=competition_id, role=role))
    return person
