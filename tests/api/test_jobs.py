"""Jobs as JSON: asked for, followed, cancelled, their files."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.services.bundle.checking import check_bundle, holds
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.jobs import finished

ROUND_URL = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"


@pytest.fixture
def event(session: Session) -> Event:
    event = make_event(session, n_proposals=8)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()
    return event


@pytest.fixture
def auditor(app: Flask, event: Event) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people["auditor"])
    return client


def ask(client: FlaskClient, what: str, **body: object) -> dict[str, object]:
    """Ask for a job and return it when it has ended."""
    answer = client.post(f"{ROUND_URL}/{what}", json=body, headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 202
    job: dict[str, object] = finished(client, client.get(f"/api/v1/jobs/{answer.get_json()['number']}")).get_json()
    return job


def test_workbook_ranking_bundle_and_method_report_are_asked_for_and_taken(auditor: FlaskClient) -> None:
    starts = {}
    for what, body in (
        ("export", {}),
        ("export", {"format": "csv", "language": "zh-Hant-HK"}),
        ("bundle", {"run": 1}),
        ("report", {"language": "zh-Hans-CN"}),
        ("report", {"run": 1, "format": "html"}),
    ):
        job = ask(auditor, what, **body)
        assert (job["state"], job["progress"]) == ("done", 1.0)
        file = auditor.get(f"/api/v1/jobs/{job['number']}/file")
        starts[file.headers["Content-Disposition"].rpartition(".")[2]] = file.data
    assert "workbook.xlsx" in zipfile.ZipFile(io.BytesIO(starts["zip"])).namelist()
    assert holds(check_bundle(starts["zip"]))
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(starts["xlsx"])).namelist()
    assert starts["pdf"].startswith(b"%PDF-")
    assert b"<h1>Method report</h1>" in starts["html"]
    assert starts["csv"].startswith(b"\xef\xbb\xbf")


def test_a_verification_says_what_agrees(auditor: FlaskClient, event: Event, app: Flask) -> None:
    job = ask(auditor, "verification")
    assert (job["state"], job["result"]["run"], job["result"]["holds"]) == ("done", 1, True)  # type: ignore[index]
    page = auditor.get(f"/jobs/{job['number']}").text
    assert "Everything agrees: run 1, computed again from rules and scores, is the stored result." in page
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    assert organiser.get(f"/api/v1/jobs/{job['number']}").status_code == 404
    # A judge is told the same as of a job that does not exist.
    judge = app.test_client()
    sign_in(judge, event.people["judge"])
    for number in (job["number"], 999_999):
        for address in ("/api/v1/jobs/{}", "/jobs/{}", "/jobs/{}/progress", "/jobs/{}/file"):
            assert judge.get(address.format(number)).status_code == 404


def test_what_is_asked_for_is_checked(auditor: FlaskClient) -> None:
    token = {"X-CSRFToken": csrf_token(auditor)}
    for body, fields in (({"format": "exe"}, ["format"]), ({"run": 1.5}, ["run"]), ({"language": "fr"}, ["language"])):
        for what in ("export", "report"):
            answer = auditor.post(f"{ROUND_URL}/{what}", json=body, headers=token)
            assert (answer.status_code, list(answer.get_json()["errors"])) == (422, fields)
    for what in ("export", "report"):
        assert auditor.post(f"{ROUND_URL}/{what}", json={"run": 9}, headers=token).status_code == 404


def test_a_finished_job_cannot_be_cancelled_and_is_listed(auditor: FlaskClient) -> None:
    job = ask(auditor, "verification")
    answer = auditor.post(f"/api/v1/jobs/{job['number']}/cancel", headers={"X-CSRFToken": csrf_token(auditor)})
    assert answer.get_json() == job
    assert auditor.get("/api/v1/jobs").get_json() == {"entries": [job], "next": None}
