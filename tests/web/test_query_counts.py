"""No page and no list of the API asks the database once per proposal, judge or record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlmodel import Session, col, func, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.access import operator
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import awards, conflicts_of_interest, meetings, minutes, verdicts
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.rules import changing
from judging.services.runs import calibrating, calibration_runs, outside
from judging.services.scoresheets.versions import NewVersion, append
from judging.services.webhooks import deliveries
from tests.support.addresses import BY_ROLE, MINE, calls_of
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in, use_model
from tests.support.files.proposal_files import store_files
from tests.support.jobs import store_job_file
from tests.support.optional import present
from tests.support.releases import propose_release
from tests.support.rules import propose_rules
from tests.support.webhooks import add_webhook

HERE = (COMPETITION, ROUND)
N_MORE = 6
# Of several roles that may use an endpoint, the first of these is used: roles that read everything come first.
_READER_FIRST = ("chair", "organiser", "auditor", "judge")


class _Statements:
    """The SQL statements that an engine has executed."""

    def __init__(self, engine: Engine) -> None:
        self.texts: list[str] = []
        event.listen(engine, "before_cursor_execute", self._add)

    def _add(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.texts.append(statement)


def grow(session: Session, competition_event: Event, *, at: datetime) -> None:
    """Add to a round more rows of every kind that its pages list, and commit."""
    row = session.get_one(tables.Round, competition_event.round_row.id)
    competition_id, number = row.competition_id, session.exec(select(func.count(col(tables.Proposal.id)))).one()
    chair, organiser = competition_event.actor(session, "chair"), competition_event.actor(session, "organiser")
    judges = list(session.exec(select(tables.Judge).order_by(tables.Judge.key)))
    more = [
        tables.Judge(
            competition_id=competition_id, key=f"J{len(judges) + n:02}", name="Another judge", city=judges[n].city
        )
        for n in (1, 2)
    ]
    session.add_all(more)
    teams = [
        tables.Team(competition_id=competition_id, key=f"T{number + n:03}", name="Team", city=judges[n % 2].city)
        for n in range(1, N_MORE + 1)
    ]
    session.add_all(teams)
    session.flush()
    category = session.exec(select(tables.Proposal.category)).first()
    proposals = [
        tables.Proposal(
            competition_id=competition_id, team_id=team.pk, key=f"P{number + n:03}", title="Title", category=category
        )
        for n, team in enumerate(teams, start=1)
    ]
    session.add_all(proposals)
    session.flush()
    session.add_all([tables.RoundProposal(round_id=row.pk, proposal_id=proposal.pk) for proposal in proposals])
    decks = [
        tables.ProposalFile(
            proposal_id=proposal.pk,
            kind="deck",
            name="a.pdf",
            media_type="application/pdf",
            n_bytes=1,
            digest=proposal.key,
            facts={"pages": 1},
            uploaded_at=at,
        )
        for proposal in proposals
    ]
    session.add_all(decks)
    readings = [
        tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=at)
        for proposal in proposals
        for judge in (*judges[:3], *more)
    ]
    first = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).one()
    readings += [
        tables.Assignment(round_id=row.pk, judge_id=judge.pk, proposal_id=first.pk, assigned_at=at) for judge in more
    ]
    session.add_all(readings)
    session.flush()
    keys = rules_of(row).rubric.keys
    rng = np.random.default_rng(number)
    for version in (1, 2):
        scores = [
            SheetContent(scores={key: float(rng.integers(1, 11)) for key in keys}, comment="Said.") for _ in readings
        ]
        new = [
            NewVersion(assignment_id=reading.pk, version=version, state="submitted", sheet=sheet)
            for reading, sheet in zip(readings, scores, strict=True)
        ]
        append(session, new, source="form", at=at, saved_by=None)
    calibrating.calibrate(session, chair, *HERE, at=at)
    meeting = meetings.open_meeting(session, chair, *HERE, present="A chair", agenda=["P001", "P002"], at=at)
    for number_of_meeting in {1, meeting.number}:
        note = tables.MeetingNote(
            meeting_id=session.exec(select(tables.Meeting).where(tables.Meeting.number == number_of_meeting)).one().pk,
            proposal_id=first.pk,
            text="Said.",
            written_at=at,
            written_by=competition_event.people["chair"].pk,
        )
        session.add(note)
    minutes.close_meeting(session, chair, *HERE, meeting.number, undiscussed_known=["P001", "P002"], at=at)
    award = {"name": {"en": "Best", "zh-Hant-HK": "最佳", "zh-Hans-CN": "最佳"}, "kind": "jury", "category": None}
    awards.define_award(session, chair, *HERE, award=award | {"key": f"a{number}", "most_winners": 5}, at=at)
    for proposal in proposals[:3]:
        awards.grant(session, chair, *HERE, award_key=f"a{number}", proposal_key=proposal.key, reason="Fresh.", at=at)
        verdicts.decide(session, chair, *HERE, proposal.key, verdict="in", reason="Fresh.", at=at)
        conflicts_of_interest.declare(
            session,
            competition_event.actor(session, "auditor"),
            COMPETITION,
            proposal_key=proposal.key,
            kind="family",
            reason="",
            at=at,
        )
    person, _ = accounts.invite(
        session, organiser, COMPETITION, email=f"n{number}@example.org", name=f"New {number}", role="auditor", at=at
    )
    # One more appointment that waits, and one that is made.
    accounts.invite(session, operator(), COMPETITION, email=person.email, name=person.name, role="auditor", at=at)
    competition_event.people.setdefault("spare", person)
    proposed = propose_rules(session, chair, values={"shortlist.size": "21"}, reason="Small.", at=at)
    changing.withdraw(session, chair, *HERE, proposed.number, at=at)
    store_job_file(session)
    opening.close_round(session, organiser, *HERE, at=at, knowingly=True)
    webhook, _ = add_webhook(session, organiser, f"https://hooks.example.org/{number}")
    deliveries.send_test(session, organiser, COMPETITION, webhook.pk, at=at)
    values = [{"proposal": proposal.key, "value": place} for place, proposal in enumerate(proposals)]
    outside.bring(session, chair, *HERE, {"method": "Places", "direction": "lower", "values": values}, at=at)
    run = present(calibration_runs.latest_run(session, chair, *HERE))
    propose_release(session, chair, run_number=run.number, reason="", at=at)
    opening.reopen_round(session, organiser, *HERE, reason="More proposals.", at=at)
    session.commit()
    session.refresh(person)
    session.expunge(person)
    session.rollback()


@pytest.fixture
def does_jobs() -> bool:
    """Leave the jobs waiting: their pages are asked for too."""
    return False


def statements_by_address(app: Flask, session: Session, competition_event: Event) -> dict[str, tuple[int, int]]:
    """Return status and number of SQL statements of every GET that a role of the competition may make."""
    counted = _Statements(app.extensions["judging.engine"])
    answers = {}
    for endpoint, method, address in list(calls_of(app, competition_event, session)):
        roles = BY_ROLE.get(endpoint, "").split()
        if method != "GET" or not roles:
            continue
        client = app.test_client()
        sign_in(client, competition_event.people[next(role for role in _READER_FIRST if role in roles)])
        counted.texts.clear()
        answer = client.get(address)
        answers[f"{endpoint} {address}"] = (answer.status_code, len(counted.texts))
    return answers


def test_a_save_has_few_statements(app: Flask, session: Session, engine_name: str) -> None:
    competition_event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    judge = competition_event.people["judge"]
    proposal = session.exec(
        select(tables.Proposal.key).join(tables.Assignment).join(tables.Judge).where(tables.Judge.person_id == judge.id)
    ).first()
    session.rollback()
    client = app.test_client()
    sign_in(client, judge)
    token = csrf_token(client)
    counted = _Statements(app.extensions["judging.engine"])
    # One reads judge, place and newest version. PostgreSQL appends sheet, scores and audit entry with one statement.
    expected = {"sqlite": 5, "postgresql": 2}[engine_name]
    for version in (0, 2):
        counted.texts.clear()
        sheet = {"base_version": version, "scores": {"value": 7, "data-use": 3}, "comment": f"After {version}."}
        address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}"
        assert client.put(address, json=sheet, headers={"X-CSRFToken": token}).status_code == 200
        # The first save of a process also loads and parses the rules.
        assert len(counted.texts) <= expected + (version == 0)
        counted.texts.clear()
        fields = {"csrf_token": token, "base_version": str(version + 1), "score-value": "8", "score-data-use": "4"}
        assert client.post(f"/judge/{COMPETITION}/{ROUND}/{proposal}", data=fields).status_code == 303
        assert len(counted.texts) == expected
    # The same again is answered without a writer: it is found, and read again so that it is known to be on the disk.
    counted.texts.clear()
    again = client.post(f"/judge/{COMPETITION}/{ROUND}/{proposal}", data=fields)
    assert (again.status_code, len(counted.texts)) == (303, 2)


# The statements are the same on both: SQLAlchemy counts them before a database has them.
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_address_has_a_query_for_each_row(app: Flask, session: Session) -> None:
    competition_event = make_event(session)
    use_model(session, "mixed")
    organiser = competition_event.actor(session, "organiser")
    store_files(session, organiser, app.extensions["judging.files"], MINE)
    session.commit()
    for day in (1, 2):
        grow(session, competition_event, at=AT + timedelta(days=day))
    before = statements_by_address(app, session, competition_event)
    for day in (3, 4):
        grow(session, competition_event, at=AT + timedelta(days=day))
    after = statements_by_address(app, session, competition_event)
    # No comparison has been computed for the run, the round has no pitches and is no practice, and job 1 is no import.
    refused = [name for name in before if name.startswith(("runs.sensitivity ", "pitches.", "practice.", "imports."))]
    expected = dict.fromkeys(before, 200) | dict.fromkeys(refused, 409)
    # Nothing has been released.
    files = (
        *("organiser.letters_file ", "organiser.public_page_file ", "organiser.pdf_letter "),
        "letter_files.get_letters_file ",
    )
    expected |= dict.fromkeys((name for name in before if name.startswith(files)), 409)
    unreleased = ("results.get_results", "letter_files.get_public_page ", "chair.appeal ")
    expected |= dict.fromkeys((name for name in before if name.startswith(unreleased)), 404)
    assert {name: status for name, (status, _) in after.items()} == expected
    # Fewer statements are correct: with no suggestion possible, none is looked up.
    assert {name: (n, after[name][1]) for name, (_, n) in before.items() if after[name][1] > n} == {}
