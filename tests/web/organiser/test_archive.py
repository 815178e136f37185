"""The page of the archive: archived, taken out again, personal data removed; and what the other pages say then."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, sign_in
from tests.support.jobs import do_waiting_jobs
from tests.support.optional import present
from tests.support.released import make_calibrated, release

HOME = f"/organiser/{COMPETITION}"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def organiser(app: Flask, event: Event) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    return client


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    match = present(re.search(r'csrf_token" value="([^"]+)', client.get("/").text))
    return client.post(HOME + path, data={"csrf_token": match[1], **fields})


def test_an_archived_competition_leaves_the_start_page_and_comes_back(organiser: FlaskClient) -> None:
    assert "archived competition" not in organiser.get("/").text
    refused = post(organiser, "/archive", reason=" ")
    assert (refused.status_code, "Say why" in refused.text) == (422, True)
    assert post(organiser, "/archive", reason="It is over.").status_code == 303
    assert "1 archived competition" in organiser.get("/").text
    for path in ("", "/archive", "/judges", f"/{ROUND}"):
        assert "This competition is archived: nothing in it is changed any more." in organiser.get(HOME + path).text
    for kind in ("judges", "teams", "proposals"):
        assert "Enter several" not in organiser.get(f"{HOME}/{kind}").text
    assert "Reopen this round" not in organiser.get(f"{HOME}/{ROUND}").text
    again = post(organiser, "/archive", reason="Again.")
    assert (again.status_code, "archived already" in again.text) == (409, True)
    closed = post(organiser, f"/{ROUND}/reopen", reason="More.")
    assert (closed.status_code, "This competition is archived" in closed.text) == (409, True)
    assert post(organiser, "/archive/put-back", reason="An appeal.").status_code == 303
    assert "archived competition" not in organiser.get("/").text
    for kind in ("judges", "teams", "proposals"):
        assert "Enter several" in organiser.get(f"{HOME}/{kind}").text
    assert "Reopen this round" in organiser.get(f"{HOME}/{ROUND}").text


def test_personal_data_are_removed_after_the_key_was_typed(organiser: FlaskClient, session: Session) -> None:
    post(organiser, "/archive", reason="It is over.")
    page = organiser.get(f"{HOME}/archive").text
    assert "Names and affiliations of 8 judges" in page
    assert "What stays" in page
    wrong = post(organiser, "/archive/personal-data", typed="another")
    assert (wrong.status_code, "Type the key of the competition, hksh-2023, to confirm." in wrong.text) == (422, True)
    assert post(organiser, "/archive/personal-data", typed=COMPETITION).status_code == 303
    page = organiser.get(f"{HOME}/archive").text
    assert "or when a chair or an auditor confirms it before." in page
    early = post(organiser, "/archive/personal-data/begin", typed=COMPETITION)
    assert (early.status_code, "The removal waits until" in early.text) == (409, True)
    session.expire_all()
    row = session.exec(select(tables.Competition)).one()
    row.removal_due_at = row.removal_asked_at
    session.add(row)
    session.commit()
    asked = post(organiser, "/archive/personal-data/begin", typed=COMPETITION)
    assert asked.status_code == 303
    assert organiser.get(asked.location).location.endswith(f"{HOME}/archive")
    page = organiser.get(f"{HOME}/archive").text
    assert "Personal data were removed on" in page
    assert "Remove personal data for good" not in page
    for path in ("", "/judges", "/teams", "/people", f"/{ROUND}"):
        assert organiser.get(HOME + path).status_code == 200
    assert "Judge J01" in organiser.get(f"{HOME}/judges").text
    session.rollback()
    assert session.exec(select(tables.Team.name).where(tables.Team.key == "T001")).one() == "Team T001"
    session.rollback()
    back = post(organiser, "/archive/put-back", reason="An appeal.")
    assert (back.status_code, "it stays archived" in back.text) == (409, True)


def test_the_archive_leads_to_the_next_event(organiser: FlaskClient) -> None:
    post(organiser, "/archive", reason="It is over.")
    address = f"/new-competition?earlier={COMPETITION}"
    assert f'href="{address}"' in organiser.get(f"{HOME}/archive").text
    chosen = present(re.search(r'<input[^>]*name="source"[^>]* checked>', organiser.get(address).text))[0]
    assert f'value="earlier:{COMPETITION}"' in chosen


def test_an_auditor_reads_the_page_and_changes_nothing(app: Flask, organiser: FlaskClient, event: Event) -> None:
    post(organiser, "/archive", reason="It is over.")
    auditor = app.test_client()
    sign_in(auditor, event.people["auditor"])
    page = auditor.get(f"{HOME}/archive").text
    assert "/new-competition" not in page
    assert ("Reason: It is over." in page, '<form method="post" action="/organiser' in page) == (True, False)
    assert post(auditor, "/archive/put-back", reason="Mine.").status_code == 403
    assert "1 archived competition" in auditor.get("/").text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_open_round_and_an_unsettled_appeal_are_linked(
    organiser: FlaskClient, session: Session, event: Event
) -> None:
    proposal = session.exec(select(tables.Proposal.key).order_by(tables.Proposal.key)).first()
    session.rollback()
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/appeals"
    headers = {"X-CSRFToken": csrf_token(organiser)}
    body = {"proposal": proposal, "asked_by": "The team", "reason": "A page was not read."}
    assert organiser.post(address, json=body, headers=headers).status_code == 201
    page = organiser.get(f"{HOME}/archive").text
    assert f'href="/chair/{COMPETITION}/{ROUND}/appeals/1"' in page
    assert 'name="reason"' not in page
    refused = post(organiser, "/archive", reason="It is over.")
    assert (refused.status_code, "An appeal is not settled" in refused.text) == (409, True)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.state, row.closed_at = "open", None
    session.commit()
    assert f'href="{HOME}/{ROUND}">Close ' in organiser.get(f"{HOME}/archive").text


def test_a_removal_that_waits_is_on_every_page_and_a_chair_or_auditor_ends_the_waiting(
    app: Flask, organiser: FlaskClient, event: Event, session: Session
) -> None:
    post(organiser, "/archive", reason="It is over.")
    post(organiser, "/archive/personal-data", typed=COMPETITION)
    auditor, chair = app.test_client(), app.test_client()
    sign_in(auditor, event.people["auditor"])
    sign_in(chair, event.people["chair"])
    banner = "Personal data of this competition are to be removed."
    for client, paths in (
        (organiser, (HOME, f"{HOME}/people")),
        (auditor, (f"{HOME}/archive", f"/chair/{COMPETITION}")),
        (chair, (f"/chair/{COMPETITION}", f"/chair/{COMPETITION}/{ROUND}")),
    ):
        assert [path for path in paths if banner not in client.get(path).text] == []
    assert post(organiser, "/archive/personal-data/stop", reason="Mine.").status_code == 403
    assert post(auditor, "/archive/personal-data/stop", reason=" ").status_code == 422
    assert post(auditor, "/archive/personal-data/stop", reason="An appeal is open.").status_code == 303
    page = organiser.get(f"{HOME}/archive").text
    assert "has stopped the removal of personal data: An appeal is open." in page
    assert banner not in page
    assert banner not in chair.get(f"/chair/{COMPETITION}/{ROUND}").text
    assert post(chair, "/archive/personal-data/confirm").status_code == 409
    post(organiser, "/archive/personal-data", typed=COMPETITION)
    assert post(chair, "/archive/personal-data/confirm").status_code == 303
    session.rollback()
    do_waiting_jobs(app.extensions["judging.engine"])
    page = organiser.get(f"{HOME}/archive").text
    assert ("Personal data were removed on" in page, banner in page) == (True, False)


def test_the_command_of_a_move_is_folded_for_whoever_runs_the_service(organiser: FlaskClient) -> None:
    page = organiser.get(HOME + "/archive").text
    told, folded = page.split("<summary>For whoever runs the service</summary>")
    assert "Whoever runs this service can move this competition" in told
    assert "export-event" not in told
    assert f"judging export-event {COMPETITION} {COMPETITION}.zip" in folded
