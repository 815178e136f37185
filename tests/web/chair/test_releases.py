"""Pre-flight, plan, rules and release as pages: who may read and write them, and what they answer."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from judging.services.access import load_actor
from judging.services.bundle.checking import check_bundle, holds
from judging.services.decisions import conflicts_of_interest
from judging.services.runs import calibrating, calibration_runs
from tests.support.event import (
    AT,
    COMPETITION,
    ROUND,
    Event,
    add_chairs,
    challenge,
    event_of,
    make_event,
    sign_in,
    use_model,
)
from tests.support.jobs import finished
from tests.support.optional import present
from tests.support.snapshots import stored_once

CHAIR = f"/chair/{COMPETITION}/{ROUND}"
ORGANISER = f"/organiser/{COMPETITION}/{ROUND}"
PAGES = (f"{CHAIR}/preflight", f"{CHAIR}/rules", f"{CHAIR}/release")


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    """Return an event with a closed and calibrated round."""

    def store() -> None:
        event = make_event(session)
        use_model(session, "mixed")
        calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
        row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
        row.state, row.closed_at = "closed", AT

    stored_once(session, "calibrated, then closed", store)
    return event_of(session)


def client_of(app: Flask, person: tables.Person) -> FlaskClient:
    client = app.test_client()
    sign_in(client, person)
    return client


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    match = present(re.search(r'csrf_token" value="([^"]+)', client.get("/").text))
    return client.post(path, data={"csrf_token": match[1], **fields})


@pytest.mark.parametrize("role", ["chair", "organiser", "auditor"])
def test_chair_organiser_and_auditor_read_every_page(app: Flask, event: Event, role: str) -> None:
    client = client_of(app, event.people[role])
    assert [client.get(page).status_code for page in PAGES] == [200] * 3
    api = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    assert [client.get(f"{api}/{name}").status_code for name in ("preflight", "rules", "releases")] == [200] * 3


def test_a_judge_has_no_access_to_rules_and_release(app: Flask, event: Event) -> None:
    client = client_of(app, event.people["judge"])
    writes = (
        f"{CHAIR}/rules",
        f"{CHAIR}/rules/1/consent",
        f"{CHAIR}/rules/1/withdraw",
        f"{CHAIR}/release",
        f"{CHAIR}/bundle",
        f"{ORGANISER}/plan",
        f"{ORGANISER}/preflight/assign",
    )
    assert [client.get(page).status_code for page in PAGES] == [403] * 3
    assert [post(client, path).status_code for path in writes] == [403] * len(writes)
    assert post(client, f"{CHAIR}/release/1/sign", compared="yes").status_code == 403
    assert [client.post(path).status_code for path in writes] == [400] * len(writes)


def test_the_sealed_digest_is_on_every_page_of_the_round_and_in_the_json(
    app: Flask, session: Session, event: Event
) -> None:
    digest = session.exec(select(tables.Round.digest).where(tables.Round.key == ROUND)).one()
    session.rollback()
    client = client_of(app, event.people["auditor"])
    pages = ("", "/judges", "/linkage", "/runs", "/shortlist", "/preflight", "/rules", "/release", "/proposals/P001")
    assert [page for page in pages if digest not in client.get(CHAIR + page).text] == []
    api = f"/api/v1/competitions/{COMPETITION}/rounds"
    assert client.get(f"{api}/{ROUND}/rules").get_json()["digest"] == digest
    assert client.get(f"{api}/{ROUND}/ranking").get_json()["run"]["rules_digest"] == digest


def test_a_plan_is_shown_then_applied_and_an_auditor_only_sees_it(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    organiser, auditor = client_of(app, event.people["organiser"]), client_of(app, event.people["auditor"])
    query = "?readings=4&cross_city=2&panel=all"
    shown = organiser.get(f"{ORGANISER}/plan{query}").text
    assert "What this plan would change" in shown
    assert "Apply this plan" not in auditor.get(f"{ORGANISER}/plan{query}").text
    digest = present(re.search(r'name="digest" value="(\w+)"', shown))
    wish = {"readings": "4", "cross_city": "2", "panel": "all"}
    assert post(auditor, f"{ORGANISER}/plan", **wish, digest=digest[1]).status_code == 403
    assert post(organiser, f"{ORGANISER}/plan", **wish, digest="0").status_code == 409
    answer = post(organiser, f"{ORGANISER}/plan", **wish, digest=digest[1])
    assert (answer.status_code, answer.location) == (303, f"{CHAIR}/preflight")
    assert "12 proposals with 4 scoresheets." in organiser.get(answer.location).text
    assert organiser.get(f"{ORGANISER}/plan?readings=x").status_code == 422
    assert organiser.get(f"{ORGANISER}/plan?readings=7&cross_city=0&panel=all").status_code == 422


def test_a_suggested_scoresheet_is_assigned_from_the_page(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    client = client_of(app, event.people["organiser"])
    page = client.get(f"{CHAIR}/preflight").text
    match = present(re.search(r'name="judge" value="(J\d+)"><input type="hidden" name="proposal" value="(P\d+)"', page))
    assert 'name="judge"' not in client_of(app, event.people["chair"]).get(f"{CHAIR}/preflight").text
    answer = post(client, f"{ORGANISER}/preflight/assign", judge=match[1], proposal=match[2])
    assert (answer.status_code, answer.location) == (303, f"{CHAIR}/preflight")
    title = session.exec(select(tables.Proposal.title).where(tables.Proposal.key == match[2])).one()
    session.rollback()
    assert f"{match[1]} scores {match[2]} {title}." in client.get(answer.location).text


def test_a_change_of_rules_is_shown_proposed_and_agreed_to(app: Flask, session: Session, event: Event) -> None:
    chairs = {city: client_of(app, person) for city, person in add_chairs(session, event).items()}
    asked = post(chairs["hk"], f"{CHAIR}/rules", action="show", **{"value:shortlist.size": "18"})
    shown = chairs["hk"].get(finished(chairs["hk"], asked).location)
    assert "Leaves the shortlist" in shown.text
    assert "What this change would do" in shown.text
    assert "A change waits for consent" not in chairs["hk"].get(f"{CHAIR}/rules").text
    wrong = post(chairs["hk"], f"{CHAIR}/rules", action="show", **{"value:shortlist.size": "none"})
    assert wrong.status_code == 422
    assert "Shortlist › Seats: `none` is not a whole number; write one" in wrong.text
    first = challenge().rounds[0].rubric.criteria[0]
    heavier = {f"value:rubric.criteria.{first.key}.weight": f"{first.weight + 5:g}"}
    english = post(chairs["hk"], f"{CHAIR}/rules", action="show", **heavier)
    assert "Rubric › Criteria: the weights sum to 105" in english.text
    assert post(chairs["hk"], "/language", language="zh-Hant-HK").status_code in (302, 303)
    chinese = post(chairs["hk"], f"{CHAIR}/rules", action="show", **heavier).text
    assert "評分準則 › 準則：各項比重合計為105" in chinese
    assert "rules:1:1" not in chinese
    assert post(chairs["hk"], "/language", language="en").status_code in (302, 303)
    proposed = post(
        chairs["hk"], f"{CHAIR}/rules", action="propose", reason="Two seats less", **{"value:shortlist.size": "18"}
    )
    assert proposed.status_code == 303
    page = chairs["sh"].get(f"{CHAIR}/rules").text
    digest = present(re.search(r'name="digest" value="(\w+)"', page))
    assert "Two seats less" in page
    for client in chairs.values():
        assert post(client, f"{CHAIR}/rules/2/consent", digest=digest[1]).status_code == 303
    assert post(chairs["hk"], f"{CHAIR}/rules/2/consent", digest=digest[1]).status_code == 409
    assert digest[1] in chairs["sh"].get(CHAIR).text
    answer = chairs["sh"].get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/rules").get_json()
    assert answer["digest"] == digest[1]
    assert [consent["city"] for consent in answer["versions"][0]["consents"]] == ["hk", "sh"]


def test_rules_come_as_text_too_and_its_complaints_have_line_and_path(
    app: Flask, session: Session, event: Event
) -> None:
    client = client_of(app, event.people["organiser"])
    match = present(
        re.search(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", client.get(f"{CHAIR}/rules").text, re.DOTALL)
    )
    text = match[1].replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<")
    asked = post(client, f"{CHAIR}/rules", action="show", text=text.replace("size: 20", "size: 17"))
    shown = client.get(finished(client, asked).location)
    assert '<input type="hidden" name="text"' in shown.text
    refused = post(client, f"{CHAIR}/rules", action="show", text=text.replace("size: 20", "sise: 20"))
    assert refused.status_code == 422
    assert re.search(r"Line \d+: [^<]*sise", refused.text)


def test_a_release_is_proposed_signed_twice_and_read_as_json(app: Flask, session: Session, event: Event) -> None:
    chairs = {city: client_of(app, person) for city, person in add_chairs(session, event).items()}
    assert post(chairs["hk"], f"{CHAIR}/release", run="1").status_code == 303
    page = chairs["sh"].get(f"{CHAIR}/release").text
    digest = present(re.search(r'name="digest" value="(\w+)"', page))
    address = f"{CHAIR}/release/1/sign"
    assert post(chairs["sh"], address, digest=digest[1]).status_code == 422
    assert post(chairs["sh"], address, digest="0" * 64, compared="yes").status_code == 409
    for client in chairs.values():
        assert post(client, address, digest=digest[1], compared="yes").status_code == 303
    assert post(chairs["sh"], address, digest=digest[1], compared="yes").status_code == 409
    auditor = client_of(app, event.people["auditor"])
    shown = auditor.get(f"{CHAIR}/release").text
    assert "in force" in shown
    assert shown.count('<span class="state state-submitted">signed</span>') == 2
    releases = auditor.get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/releases").get_json()
    assert [(entry["state"], entry["digest"], entry["waiting_for"]) for entry in releases] == [
        ("in force", digest[1], [])
    ]
    bundle = finished(auditor, post(auditor, f"{CHAIR}/bundle"))
    assert bundle.headers["Content-Disposition"] == "attachment; filename=hksh-2023_first-screening_run-1_bundle.zip"
    assert holds(check_bundle(bundle.data, digest=digest[1]))
    assert "workbook.xlsx" in zipfile.ZipFile(io.BytesIO(bundle.data)).namelist()


def test_what_a_chair_may_not_see_is_hidden_on_the_release_page_and_in_its_json(
    app: Flask, session: Session, event: Event
) -> None:
    people = add_chairs(session, event)
    chairs = {city: client_of(app, person) for city, person in people.items()}
    assert post(chairs["hk"], f"{CHAIR}/release", run="1").status_code == 303
    entry = present(calibration_runs.latest_run(session, event.actor(session, "auditor"), COMPETITION, ROUND))
    best = next(proposal for proposal in entry.result["proposals"] if proposal["rank"] == 1)
    actor = load_actor(session, people["sh"].pk)
    conflicts_of_interest.declare(session, actor, COMPETITION, proposal_key=best["proposal"], kind="family", at=AT)
    session.commit()
    page = chairs["sh"].get(f"{CHAIR}/release").text
    assert "hidden from you" in page
    assert "Download the bundle" not in page
    release = chairs["sh"].get(f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/releases").get_json()[0]
    assert best["proposal"] not in [row["proposal"] for row in release["content"]["ranking"]]
    assert best["proposal"] not in release["content"]["shortlist"]["selected"]
    ranks = [row["rank"] for row in release["content"]["ranking"] if row["rank"] is not None]
    assert ranks == [*range(1, len(ranks) + 1)]
    assert post(chairs["sh"], f"{CHAIR}/bundle").status_code == 403
