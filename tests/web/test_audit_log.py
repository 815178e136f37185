"""The page of the audit log, its files, and the head at the foot of pages."""

from __future__ import annotations

import csv
import io

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, func, select

from judging import tables
from judging.services import audit
from judging.services.audit import signed_heads
from judging.services.decisions import verdicts
from judging.services.rounds.round_state import state_for
from judging.web.words.log_subjects import LogNames
from tests.support.deciding import calibrated_event
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in

LOG = f"/log/{COMPETITION}"


def decided(session: Session) -> Event:
    event = calibrated_event(session, calibration={"model": "mixed"})
    chair = event.actor(session, "chair")
    verdicts.decide(session, chair, COMPETITION, ROUND, "P001", verdict="in", reason="jury", at=AT)
    session.commit()
    return event


def test_the_page_says_what_was_done_and_filters_it(client: FlaskClient, session: Session) -> None:
    event = decided(session)
    sign_in(client, event.people["auditor"])
    page = client.get(LOG).text
    assert "The chair decided on First screening, " in page
    assert " (P001)." in page
    assert "The chair calibrated" in page
    page = client.get(f"{LOG}?kind=decisions&person=chair&from=2023-07-01&to=2023-07-31&about=P001").text
    assert "decided on" in page
    assert "calibrated" not in page
    assert "No entry is to be shown here." in client.get(f"{LOG}?to=2020-01-01").text
    assert client.get(f"{LOG}?from=nonsense&before=x&kind=x").status_code == 200


def test_the_log_as_a_file_is_recorded_itself_and_bears_the_head(client: FlaskClient, session: Session) -> None:
    event = decided(session)
    sign_in(client, event.people["auditor"], is_recorded=True)
    token = csrf_token(client)
    answer = client.post(f"{LOG}/file", data={"csrf_token": token, "kind": "decisions", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[4] for row in rows] == ["Object", f"{COMPETITION}/{ROUND} P001"]
    assert rows[1][3].startswith("The chair decided on First screening, ")
    (head,) = signed_heads.find_heads(rows[1][-1])
    assert list(signed_heads.head_faults(session, [head], head.installation)) == []
    session.rollback()
    answer = client.post(f"{LOG}/file", data={"csrf_token": token, "kind": "files", "format": "xlsx"})
    assert answer.status_code == 200
    cells = list(load_workbook(io.BytesIO(answer.data))["log"].iter_rows(values_only=True))
    assert [row[3] for row in cells] == ["What", f"The auditor took the audit log of {COMPETITION}."]
    assert cells[1][5] == '{"entries": 1, "format": "csv"}'
    assert list(audit.verify(session)) == []


def test_auditors_see_the_head_on_every_page_and_others_on_the_page_of_a_release(
    client: FlaskClient, session: Session
) -> None:
    event = decided(session)
    release = f"/chair/{COMPETITION}/{ROUND}/release"
    shown = {}
    for role in ("auditor", "chair", "organiser"):
        sign_in(client, event.people[role])
        shown[role] = [len(signed_heads.find_heads(client.get(address).text)) for address in ("/", release)]
    assert shown == {"auditor": [1, 1], "chair": [0, 1], "organiser": [0, 1]}
    head = signed_heads.find_heads(client.get(release).text)[0]
    newest = session.exec(select(func.max(tables.AuditEntry.id))).one()
    assert head.position == newest


def test_what_somebody_looked_at_makes_no_remembered_page_stale(session: Session) -> None:
    event = make_event(session)
    chair, where = event.actor(session, "chair"), (COMPETITION, ROUND)
    before = (state_for(session, chair, *where), audit.newest_change(session, event.round_row.competition_id, ROUND))
    competition_id = event.round_row.competition_id
    audit.record(session, chair, "viewed.proposal", f"{ROUND} P001", at=AT, competition_id=competition_id)
    assert before == (state_for(session, chair, *where), audit.newest_change(session, competition_id, ROUND))
    audit.record(session, chair, "decision.made", f"{ROUND} P001", at=AT, competition_id=competition_id)
    assert before[0] != state_for(session, chair, *where)
    assert before[1] != audit.newest_change(session, competition_id, ROUND)


def test_the_api_lists_what_the_page_lists(client: FlaskClient, session: Session) -> None:
    event = decided(session)
    sign_in(client, event.people["chair"])
    address = f"/api/v1/competitions/{COMPETITION}/log"
    answer = client.get(f"{address}?kind=decisions").get_json()
    assert [(entry["action"], entry["actor"]) for entry in answer["entries"]] == [("decision.made", "The chair")]
    assert answer["next_before"] is None
    assert signed_heads.find_heads(answer["head"])[0].is_genuine
    assert client.get(f"{address}?before=0").status_code == 422
    assert client.get(f"{address}?begin=yesterday").status_code == 422


def test_details_of_an_entry_have_words_and_their_stored_names_in_a_title(
    client: FlaskClient, session: Session
) -> None:
    event = decided(session)
    sign_in(client, event.people["auditor"])
    page = client.get(f"{LOG}?kind=decisions", headers={"Accept-Language": "zh-HK"}).text
    assert '<dt title="reason">理由</dt>' in page
    assert "已儲存的資料行及其校驗碼" in page


def test_a_round_and_a_run_have_words_in_the_sentence(client: FlaskClient, session: Session) -> None:
    event = decided(session)
    sign_in(client, event.people["auditor"])
    page = client.get(f"{LOG}?kind=results", headers={"Accept-Language": "zh-HK"}).text
    assert "首輪評審，第1次校準" in page
    assert f"{ROUND} run 1" not in page


def test_entries_name_things_beside_their_keys(app: Flask) -> None:
    names = LogNames(
        competition="event",
        rounds={"judging": "Judging"},
        proposals={"P06": "Kites"},
        judges={"J03": "Ada"},
        awards={("judging", "award-1"): "Best idea"},
    )
    with app.test_request_context():
        for subject, said in {
            "event/judging appeal 1 P06 J03": "Judging, appeal 1, Kites (P06), Ada (J03)",
            "event/judging run-1": "Judging, run 1",
            "event/judging award-1": "Judging, Best idea (award-1)",
            "event/judging meeting 1": "Judging, meeting 1",
            "judging/P06/J03": "Judging, Kites (P06), Ada (J03)",
            "event/judging": "Judging",
            "event/other P06": "event/other P06",
            "event": "event",
        }.items():
            assert names.in_words(subject) == said
