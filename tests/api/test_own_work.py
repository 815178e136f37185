"""A judge's own work by the API: the list, the briefing, the calendar file, and the workbook with its merge."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, sign_in

HERE = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
FILE = f"{HERE}/scoresheets.xlsx"


@pytest.fixture
def judge(client: FlaskClient, session: Session) -> FlaskClient:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["judge"])
    session.rollback()
    return client


def filled(content: bytes, key: str, score: float) -> bytes:
    """Return the workbook with another first score for a proposal."""
    book = load_workbook(io.BytesIO(content))
    sheet: Any = book["Scores"]
    row = next(number for number in range(2, sheet.max_row + 1) if sheet.cell(number, 1).value == key)
    sheet.cell(row, 3).value = score
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(client: FlaskClient, content: bytes, query: str = "") -> Any:
    data = {"file": (io.BytesIO(content), "mine.xlsx")}
    headers = {"X-CSRFToken": csrf_token(client)}
    return client.post(FILE + query, data=data, content_type="multipart/form-data", headers=headers)


def first_key(client: FlaskClient) -> str:
    key: str = client.get(f"{HERE}/scoresheets").get_json()["scoresheets"][0]["proposal"]
    return key


def test_the_list_has_every_own_scoresheet_with_the_version_to_save_on(judge: FlaskClient, session: Session) -> None:
    found = judge.get(f"{HERE}/scoresheets").get_json()
    mine = select(tables.Proposal.key).join(tables.Assignment).join(tables.Judge).where(tables.Judge.key == "J01")
    assert {one["proposal"] for one in found["scoresheets"]} == set(session.exec(mine))
    one = found["scoresheets"][0]
    sheet = judge.get(f"{HERE}/scoresheets/{one['proposal']}").get_json()
    assert (one["version"], one["state"], one["team"]) == (sheet["version"], sheet["state"], None)
    assert judge.get(f"{HERE.replace(ROUND, 'grand-final')}/scoresheets").status_code == 404


def test_the_briefing_has_the_rubric_in_every_language(judge: FlaskClient) -> None:
    found = judge.get(f"{HERE}/briefing").get_json()
    assert set(found["name"]) == {"en", "zh-Hant-HK", "zh-Hans-CN"}
    assert [set(one["name"]) == set(found["name"]) for one in found["criteria"]] == [True] * 5
    assert sum(one["weight"] for one in found["criteria"]) == pytest.approx(100)


def test_the_deadline_is_a_calendar_file_in_the_language_asked_for(judge: FlaskClient) -> None:
    answer = judge.get(f"{HERE}/deadline.ics", headers={"Accept-Language": "zh-HK"})
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "SUMMARY:評分截止：" in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))
    page = judge.get(f"/judge/{COMPETITION}/{ROUND}.ics").text
    assert next(line for line in page.splitlines() if line.startswith("UID:")) in answer.text


def test_a_workbook_is_merged_after_a_preview_that_stores_nothing(judge: FlaskClient) -> None:
    key = first_key(judge)
    before = judge.get(f"{HERE}/scoresheets/{key}").get_json()
    criterion = judge.get(f"{HERE}/briefing").get_json()["criteria"][0]["key"]
    score = 3.0 if before["scores"][criterion] != 3.0 else 4.0
    content = filled(judge.get(FILE).data, key, score)
    preview = upload(judge, content, "?preview=true").get_json()
    row = next(one for one in preview["rows"] if one["proposal"] == key)
    assert (preview["saved"], [change["field"] for change in row["changes"]]) == ([], [f"score-{criterion}"])
    assert judge.get(f"{HERE}/scoresheets/{key}").get_json() == before
    assert upload(judge, content).get_json()["saved"] == [key]
    after = judge.get(f"{HERE}/scoresheets/{key}").get_json()
    assert (after["scores"][criterion], after["version"], after["state"]) == (score, before["version"] + 1, "draft")
    assert upload(judge, content).get_json() == {"saved": [], "left_out": [], "rows": []}


def test_what_was_changed_elsewhere_too_is_written_over_only_when_the_program_says_so(judge: FlaskClient) -> None:
    key, content = first_key(judge), judge.get(FILE).data
    assert upload(judge, filled(content, key, 3.0)).get_json()["saved"] == [key]
    refused = upload(judge, filled(content, key, 4.0))
    assert (refused.status_code, key in refused.get_json()["detail"]) == (409, True)
    kept = upload(judge, filled(content, key, 4.0), "?keep=stored").get_json()
    assert kept["saved"] == []
    assert upload(judge, filled(content, key, 4.0), "?keep=file").get_json()["saved"] == [key]


def test_what_is_off_the_scale_or_no_own_workbook_is_refused(judge: FlaskClient) -> None:
    key = first_key(judge)
    row = upload(judge, filled(judge.get(FILE).data, key, 77)).get_json()["rows"][0]
    assert (row["proposal"], row["changes"], len(row["refused"])) == (key, [], 1)
    assert upload(judge, b"").status_code == 422
    assert upload(judge, b"PK no workbook").status_code == 422


def test_a_token_of_the_judge_fetches_and_brings_the_workbook(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["judge"], "scoresheets")
    bearer = {"Authorization": f"Bearer {made['token']}"}
    content = client.get(FILE, headers=bearer).data
    data = {"file": (io.BytesIO(content), "mine.xlsx")}
    answer = client.post(FILE, data=data, content_type="multipart/form-data", headers=bearer)
    assert (answer.status_code, answer.get_json()["rows"]) == (200, [])
