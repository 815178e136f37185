"""The organiser's pages, by form and without JavaScript."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from judging.services.roster_entries.history import RosterLog
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, sign_in
from tests.support.jobs import finished
from tests.support.optional import present

HOME = f"/organiser/{COMPETITION}"
PAGES = (
    "",
    f"/{ROUND}",
    "/grand-final",
    f"/{ROUND}/assignments",
    "/people",
    "/judges",
    "/teams",
    "/proposals",
    "/import",
    "/import/template.xlsx",
)
WRITES = {
    f"/{ROUND}/open": {},
    f"/{ROUND}/close": {"knowingly": "yes"},
    f"/{ROUND}/reopen": {"reason": "a deck was missing"},
    f"/{ROUND}/assignments": {"judge": "J01", "proposal": "P001"},
    f"/{ROUND}/assignments/withdraw": {"judge": "J01", "proposal": "P001", "reason": "ill"},
    "/people": {"email": "new@example.org", "name": "New", "role": "auditor"},
    "/people/1/link": {},
    "/people/1/revoke": {},
    "/people/1/remove": {},
    "/import": {"kind": "teams", "action": "import"},
}


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=12, n_judges=6)


def signed_in(app: Flask, event: Event, role: str) -> FlaskClient:
    client = app.test_client()
    sign_in(client, event.people[role])
    return client


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    match = present(re.search(r'csrf_token" value="([^"]+)', client.get("/").text))
    return client.post(HOME + path, data={"csrf_token": match[1], **fields})


def upload(client: FlaskClient, kind: str, text: str, action: str, **fields: object) -> TestResponse:
    return post(client, "/import", kind=kind, action=action, file=(io.BytesIO(text.encode()), f"{kind}.csv"), **fields)


@pytest.mark.parametrize("role", ["organiser", "auditor"])
def test_organiser_and_auditor_read_every_page(app: Flask, event: Event, role: str) -> None:
    client = signed_in(app, event, role)
    assert {page: client.get(HOME + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


@pytest.mark.parametrize("role", ["judge", "chair"])
def test_judge_and_chair_have_no_access(app: Flask, event: Event, role: str) -> None:
    client = signed_in(app, event, role)
    assert {page: client.get(HOME + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 403)
    assert {page: post(client, page, **fields).status_code for page, fields in WRITES.items()} == dict.fromkeys(
        WRITES, 403
    )


def test_an_auditor_changes_nothing(app: Flask, session: Session, event: Event) -> None:
    client = signed_in(app, event, "auditor")
    assert {page: post(client, page, **fields).status_code for page, fields in WRITES.items()} == dict.fromkeys(
        WRITES, 403
    )
    assert '<form class="form-narrow' not in client.get(f"{HOME}/import").text
    session.expire_all()
    assert session.get_one(tables.Round, event.round_row.id).state == "open"


def test_a_stranger_does_not_learn_that_the_competition_exists(app: Flask, session: Session, event: Event) -> None:
    stranger = tables.Person(email="stranger@example.org", name="Stranger", created_at=AT)
    session.add(stranger)
    session.commit()
    client = app.test_client()
    sign_in(client, stranger)
    assert {page: client.get(HOME + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 404)


def test_a_write_without_its_token_is_refused(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    assert client.post(f"{HOME}/{ROUND}/close").status_code == 400


def test_closing_asks_for_confirmation_and_opening_again_for_a_reason(
    app: Flask, session: Session, event: Event
) -> None:
    extra = session.exec(select(tables.Judge)).all()[0]
    read = session.exec(select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == extra.id)).all()
    free = next(proposal for proposal in session.exec(select(tables.Proposal)) if proposal.id not in read)
    keys = {"judge": extra.key, "proposal": free.key}
    name = extra.name
    session.rollback()
    client = signed_in(app, event, "organiser")
    assert post(client, f"/{ROUND}/assignments", **keys).status_code == 303
    refused = post(client, f"/{ROUND}/close")
    assert refused.status_code == 409
    assert f"Not finished yet: {name}." in refused.text
    assert post(client, f"/{ROUND}/close", knowingly="yes").status_code == 303
    assert post(client, f"/{ROUND}/reopen", reason=" ").status_code == 422
    assert post(client, f"/{ROUND}/reopen", reason="A deck was missing").status_code == 303
    assert "Opened" in client.get(f"{HOME}/{ROUND}").text


def test_a_file_is_checked_then_imported(app: Flask, session: Session, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    text = "key,name,city\nT901,Team 901,Shanghai\n"
    checked = upload(client, "teams", text, "check")
    assert checked.status_code == 200
    assert "Checked, not stored: teams.csv" in checked.text
    assert session.exec(select(tables.Team).where(tables.Team.key == "T901")).all() == []
    session.rollback()
    assert "Imported: teams.csv" in upload(client, "teams", text, "import").text
    assert session.exec(select(tables.Team.city).where(tables.Team.key == "T901")).one() == "sh"


def test_mistakes_are_listed_and_nothing_is_stored(app: Flask, session: Session, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    answer = upload(client, "teams", "key,name,city\nT901,Team 901,hk\nT902,Team 902,Shangai\n", "import")
    assert answer.status_code == 422
    assert "row 3, column city" in answer.text
    assert session.exec(select(tables.Team).where(tables.Team.key == "T901")).all() == []


def test_markup_in_a_file_is_shown_as_text(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    upload(client, "teams", "key,name,city\nT901,<script>alert(1)</script>,hk\n", "import")
    page = client.get(f"{HOME}/teams?text=T901").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_file_that_is_no_table_is_refused(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    answer = post(client, "/import", kind="teams", action="import", file=(io.BytesIO(b"PK\x03\x04broken"), "a.xlsx"))
    assert answer.status_code == 422
    assert post(client, "/import", kind="teams", action="import").status_code == 422


def test_without_mail_server_the_first_link_of_a_judge_is_shown_once(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    answer = post(client, "/people", email="New@example.org", name="New judge", role="judge", city="hk")
    match = present(re.search(r"http://127\.0\.0\.1:8000(/sign-in/[\w-]+)", answer.text))
    assert "/sign-in/" not in client.get(f"{HOME}/people").text
    assert app.test_client().get(match[1]).status_code == 200


@pytest.mark.parametrize("role", ["chair", "auditor", "organiser"])
def test_without_mail_server_nobody_else_gets_a_link_from_an_organiser(app: Flask, event: Event, role: str) -> None:
    client = signed_in(app, event, "organiser")
    answer = post(client, "/people", email="new@example.org", name="New", role=role, city="hk")
    assert (answer.status_code, "/sign-in/" in answer.text) == (200, False)
    reason = (
        f"python3 run.py judging people {COMPETITION} --link new@example.org"
        if role == "organiser"
        else "needs a second person"
    )
    assert reason in answer.text
    assert post(client, f"/people/{event.people[role].id}/link").status_code == 409


def test_a_chair_without_city_is_complained_about_beside_the_field(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    answer = post(client, "/people", email="new@example.org", name="New chair", role="chair")
    assert answer.status_code == 422
    assert "A chair represents a city." in answer.text
    assert 'value="new@example.org"' in answer.text


def test_the_results_workbook_is_sent(app: Flask, session: Session, event: Event) -> None:
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()
    client = signed_in(app, event, "organiser")
    answer = finished(client, post(client, f"/{ROUND}/export", run="1", format="xlsx"))
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=hksh-2023_first-screening_run-1")
    assert post(client, f"/{ROUND}/export", run="9", format="xlsx").status_code == 404
    assert post(client, f"/{ROUND}/export", run="1", format="exe").status_code == 404


def test_scores_are_sent_before_anybody_calibrated(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    answer = finished(client, post(client, f"/{ROUND}/export", format="xlsx"))
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")


def test_lists_are_filtered_by_city_and_text(app: Flask, event: Event) -> None:
    client = signed_in(app, event, "organiser")
    keys = re.findall(r">(T\d{3})</a></td>", client.get(f"{HOME}/teams?city=hk").text)
    assert 0 < len(keys) < 12
    assert re.findall(r">(T\d{3})</a></td>", client.get(f"{HOME}/teams?text=t003").text) == ["T003"]
    assert "No team is to be shown here." in client.get(f"{HOME}/teams?text=nobody").text


def test_the_list_of_judges_says_who_has_accepted_the_code_of_conduct(app: Flask, event: Event) -> None:
    rows = re.findall(
        r"<tr><td><a [^>]*>J\d\d</a></td>.*?</tr>", signed_in(app, event, "auditor").get(f"{HOME}/judges").text, re.S
    )
    accepted = ["not accepted yet" not in row for row in rows]
    assert accepted == [True, False, False, False, False, False]
    assert "2023-07-03 14:00" in rows[0]


def test_the_history_of_a_team_names_its_city(app: Flask, session: Session, event: Event) -> None:
    log = RosterLog(session, event.actor(session, "organiser"), event.round_row.competition_id, AT)
    log.note("teams", "T001", "changed", {"city": ("sh", "hk")})
    session.commit()
    page = signed_in(app, event, "organiser").get(f"{HOME}/roster/teams/T001").text
    assert "City: <del>Shanghai</del> → <ins>Hong Kong</ins>" in page
    # Several addresses of a team are read whole.
    assert '<textarea class="form-control" id="email"' in page
