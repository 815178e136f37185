"""The access table: for every address of the application, which roles may use it and what the others get.

Every new page must be in one of the three tables of ``tests.support.addresses``, or the first test fails: nobody has
decided who may use an address that is in none of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from judging import tables
from judging.media.file_store import FileStore
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.competitions import definitions
from judging.services.decisions import awards, conflicts_of_interest, meetings
from judging.services.mail.mailer import mailer_of
from judging.services.mail.outbox import queue_message
from judging.services.rounds import opening
from judging.services.runs import calibrating, calibration_runs, outside
from tests.support.addresses import BY_ROLE, MINE, OPEN, OWN, Call, calls_of
from tests.support.event import AT, COMPETITION, ROUND, RUBRICS, Event, csrf_token, make_event, sign_in, use_model
from tests.support.files.proposal_files import store_files
from tests.support.jobs import do_waiting_jobs, store_job_file
from tests.support.optional import present
from tests.support.releases import propose_release
from tests.support.rules import propose_rules
from tests.support.typed_input import AWARD, OUTSIDE, TYPED
from tests.support.webhooks import add_webhook

# Nothing has been released in the event, a reopened round has no deadline, and person 1 has declared nothing.
NOT_THERE = (
    *("results.get_results", "results.get_results_csv", "letter_files.get_public_page"),
    *("own_rounds.get_deadline", "conflicts.end_conflict"),
)
_OF_ONE_JOB = ("jobs.", "api_jobs.")
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@pytest.fixture
def does_jobs() -> bool:
    """Let jobs wait: who may ask for them is looked at here, not their work."""
    return False


@pytest.fixture
def event(session: Session, tmp_path: Path) -> Event:
    """Return a round with one record of every kind that an address can name, each with number 1, and a second judge."""
    event = make_event(session)
    use_model(session, "mixed")
    chair, row = event.actor(session, "chair"), session.get_one(tables.Round, event.round_row.id)
    row.closes_at = AT
    where = (COMPETITION, ROUND)
    calibrating.calibrate(session, chair, *where, at=AT)
    outside.bring(session, chair, *where, OUTSIDE, at=AT)
    meetings.open_meeting(session, chair, *where, present="A chair", agenda=["P001"], at=AT)
    awards.define_award(session, chair, *where, award={**AWARD, "category": None, "most_winners": 5}, at=AT)
    awards.grant(session, chair, *where, award_key="best", proposal_key="P001", reason="Fresh.", at=AT)
    propose_rules(session, chair, values={"shortlist.size": "21"}, reason="A smaller hall.", at=AT)
    store_job_file(session)
    store_files(session, event.actor(session, "organiser"), FileStore(tmp_path / "files"), MINE)
    spare = event.people["auditor"]
    session.add(
        tables.AccountChange(
            kind="address",
            person_id=spare.pk,
            competition_id=event.round_row.competition_id,
            old_value=spare.email,
            new_value="another@example.org",
            asked_by=event.people["organiser"].pk,
            asked_at=datetime.now(UTC),
        )
    )
    for number in (1, 2):
        add_webhook(session, event.actor(session, "organiser"), f"https://receiver-{number}.example.org/")
    mailer = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
    competition_id = event.round_row.competition_id
    queue_message(session, mailer, chair, "new_link", event.people["judge"], at=AT, competition_id=competition_id)
    opening.close_round(session, event.actor(session, "organiser"), *where, at=AT, knowingly=True)
    run = present(calibration_runs.latest_run(session, chair, *where))
    propose_release(session, chair, run_number=run.number, reason="", at=AT)
    released = session.exec(select(tables.Release)).one()
    proposal_id = session.exec(select(tables.Proposal.id).where(tables.Proposal.key == "P003")).one()
    session.add(
        tables.Appeal(
            round_id=row.pk,
            proposal_id=present(proposal_id),
            release_id=released.pk,
            number=1,
            asked_by="The leader",
            reason="x",
            entered_at=AT,
            entered_by=event.people["chair"].pk,
        )
    )
    elsewhere = definitions.store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT)
    for name in ("stranger", "spare", "second judge"):
        event.people[name] = tables.Person(email=f"{name[:6]}@example.org", name=name, created_at=AT)
        session.add(event.people[name])
    session.flush()
    roles = [("stranger", elsewhere.pk, role) for role in tables.ROLES]
    roles += [("spare", row.competition_id, "auditor"), ("second judge", row.competition_id, "judge")]
    for name, competition_id, role in roles:
        person_id = event.people[name].pk
        session.add(tables.Role(person_id=person_id, competition_id=competition_id, role=role))
    session.commit()
    for person in (event.people[name] for name in ("stranger", "spare", "second judge")):
        session.refresh(person)
        session.expunge(person)
    session.rollback()
    return event


def client_of(app: Flask, event: Event, who: str) -> FlaskClient:
    client = app.test_client()
    if who != "nobody":
        sign_in(client, event.people[who])
    return client


def send(client: FlaskClient, call: Call, token: str) -> int:
    endpoint, method, address = call
    if method not in _WRITING:
        return client.get(address).status_code
    headers = {"X-CSRFToken": token}
    if address.startswith("/api/"):
        return client.open(address, method=method, json=TYPED.get(endpoint, {}), headers=headers).status_code
    return client.open(address, method=method, data=TYPED.get(endpoint, {}), headers=headers).status_code


def written(session: Session) -> tuple[int, ...]:
    """Return the number of rows of the tables that every write operation adds to."""
    counted = (tables.AuditEntry, tables.Scoresheet, tables.CalibrationRun, tables.SignInLink)
    counts = tuple(session.exec(select(func.count()).select_from(table)).one() for table in counted)
    session.rollback()
    return counts


def test_every_address_is_in_one_of_the_tables(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == OPEN | OWN | set(BY_ROLE)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_write_without_a_csrf_token_is_refused(app: Flask, session: Session, event: Event) -> None:
    before = written(session)
    calls = [call for call in calls_of(app, event, session) if call[1] in _WRITING]
    passed = []
    for who in ("nobody", "judge", "chair", "organiser", "auditor"):
        client = client_of(app, event, who)
        answers = [(call, client.open(call[2], method=call[1], data=TYPED.get(call[0], {}))) for call in calls]
        answers += [(call, client.open(call[2], method=call[1], json={})) for call in calls]
        answers += [(call, client.open(call[2], method=call[1], headers={"X-CSRFToken": "x"})) for call in calls]
        of_api = 401 if who == "nobody" else 403
        passed += [
            (who, *call[:2], answer.status_code)
            for call, answer in answers
            if answer.status_code != (of_api if call[2].startswith("/api/") else 400)
        ]
    assert passed == []
    assert written(session) == before


def test_every_address_is_closed_to_roles_outside_its_table(app: Flask, session: Session, event: Event) -> None:
    before = written(session)
    calls = list(calls_of(app, event, session))
    wrong = []
    for who in ("nobody", "stranger", "judge", "chair", "organiser", "auditor"):
        client = client_of(app, event, who)
        token = csrf_token(client) if who != "nobody" else token_of_a_stranger(client)
        for call in calls:
            endpoint, _, address = call
            if endpoint in OPEN or (endpoint in OWN and who != "nobody") or who in BY_ROLE.get(endpoint, "").split():
                continue
            expected = {"nobody": 401 if address.startswith("/api/") else 302, "stranger": 404}.get(who, 403)
            if expected == 403 and endpoint.startswith(_OF_ONE_JOB):
                # Numbers of jobs do not tell that somebody else has one.
                expected = 404
            status = send(client, call, token)
            if status != expected:
                wrong.append((who, *call, status))
    assert wrong == []
    assert written(session) == before


def test_every_address_is_open_to_the_roles_in_its_table(
    app: Flask, session: Session, event: Event, engine_name: str
) -> None:
    # Who may do what is the same on both; what an address asks of PostgreSQL is asked once.
    n_roles = 1 if engine_name == "postgresql" else None
    wrong = []
    for call in list(calls_of(app, event, session)):
        for who in BY_ROLE.get(call[0], "").split()[:n_roles]:
            client = client_of(app, event, who)
            status = send(client, call, csrf_token(client) if call[1] in _WRITING else "")
            if status == 404 and call[0] in NOT_THERE:
                continue
            if status in (302, 401, 403, 404) or status >= 500:
                wrong.append((who, *call, status))
    assert wrong == []


def test_the_scoresheet_of_another_judge_is_not_found(app: Flask, session: Session, event: Event) -> None:
    client = client_of(app, event, "second judge")
    token = csrf_token(client)
    # Every judge may say with whom there is a tie, assigned or not.
    of_every_judge = ("judge.own_conflicts", "judge.declare_conflict")
    calls = [
        call
        for call in calls_of(app, event, session)
        if call[0].startswith(("judge.", "scoresheets.")) and call[0] not in of_every_judge
    ]
    before = written(session)
    assert {(call, send(client, call, token)) for call in calls} == {(call, 404) for call in calls}
    assert written(session) == before


@pytest.mark.parametrize("which", ["selected", "reserves"])
def test_a_conflict_of_interest_hides_decisions_from_the_person(
    client: FlaskClient, session: Session, event: Event, which: str
) -> None:
    chair = event.actor(session, "chair")
    run = present(calibration_runs.latest_run(session, chair, COMPETITION, ROUND))
    key = run.result["shortlist"][which][0]
    if which == "selected":
        where = {"award_key": "best", "proposal_key": key, "reason": "Fresh."}
        awards.grant(session, chair, COMPETITION, ROUND, **where, at=AT)
    session.commit()
    sign_in(client, event.people["chair"])
    pages = {name: f"/chair/{COMPETITION}/{ROUND}/{name}" for name in ("release", "awards", "shortlist")}
    assert key in client.get(pages["release"]).text
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=key, kind="family", at=AT)
    session.commit()
    assert key not in client.get(pages["release"]).text
    assert key not in client.get(pages["awards"]).text
    # Its key occurs once: in the notice that it is hidden.
    assert client.get(pages["shortlist"]).text.count(key) == 1


@pytest.mark.parametrize("number", [2**31, 10**30])
def test_a_number_too_large_for_a_column_is_not_found(client: FlaskClient, event: Event, number: int) -> None:
    sign_in(client, event.people["chair"])
    api = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    addresses = [
        f"/chair/{COMPETITION}/{ROUND}/meeting/{number}",
        f"{api}/runs/{number}",
        f"{api}/ranking?run={number}",
    ]
    assert [client.get(address).status_code for address in addresses] == [404, 404, 422]


def test_a_character_no_column_can_store_causes_no_server_error(client: FlaskClient, event: Event) -> None:
    sign_in(client, event.people["organiser"])
    addresses = ["/chair/%00", f"/organiser/{COMPETITION}/judges?text=%00", "/api/v1/competitions/%00"]
    statuses = [client.get(address).status_code for address in addresses]
    assert [status < 500 for status in statuses] == [True, True, True]
    answer = client.post("/sign-in", data={"csrf_token": csrf_token(client), "email": "a\0@example.org"})
    assert answer.status_code in (400, 422)


def token_of_a_stranger(client: FlaskClient) -> str:
    page = client.get("/sign-in").text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_page_has_the_same_status_in_every_language(
    app: Flask, engine: Engine, session: Session, event: Event
) -> None:
    # Now, not in a thread: a comparison that is there only when the page is asked for in Chinese is another status.
    do_waiting_jobs(engine, app.extensions["judging.files"])
    # Whether a worker lives is asked by programs, and none lives here.
    of_programs = ("/api/", "/readyz")
    calls = [call for call in calls_of(app, event, session) if call[1] == "GET" and not call[2].startswith(of_programs)]
    clients = {who: client_of(app, event, who) for who in ("judge", "chair", "organiser", "auditor")}
    wrong = []
    for call in calls:
        who = (BY_ROLE.get(call[0]) or "auditor").split()[0]
        english, *others = (
            clients[who].get(call[2], headers={"Accept-Language": language}).status_code
            for language in ("en", "zh-HK", "zh-CN")
        )
        if others != [english, english] or english >= 500:
            wrong.append((who, *call, english, *others))
    assert wrong == []
