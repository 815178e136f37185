"""What organisers do on pages, by the API: files, conflicts of interest, assignments, letters, the log as a file."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.media.file_store import FileStore
from judging.services.decisions import conflicts_of_interest
from tests.api.test_access_tokens import made_token
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.support.files import media
from tests.support.files.proposal_files import store_file
from tests.support.released import make_calibrated, release

BASE = f"/api/v1/competitions/{COMPETITION}"
HERE = f"{BASE}/rounds/{ROUND}"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6)


@pytest.fixture
def organiser(client: FlaskClient, event: Event, session: Session) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    session.rollback()
    return client


def post(client: FlaskClient, address: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
    return client.post(address, json=body or {}, headers={"X-CSRFToken": csrf_token(client)}, **more)


def test_the_template_of_imports_has_a_sheet_for_each_kind_of_rows(organiser: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(organiser.get(f"{BASE}/imports/template.xlsx").data))
    assert len(book.sheetnames) >= 5


def test_a_file_comes_back_with_its_complaints_beside_the_rows(organiser: FlaskClient, session: Session) -> None:
    data = {"file": (io.BytesIO(b"key,name,city\nJ50,New,Nowhere\n"), "judges.csv"), "kind": "judges"}
    headers = {"X-CSRFToken": csrf_token(organiser)}
    address = f"{BASE}/imports/corrected.xlsx"
    answer = organiser.post(address, data=data, content_type="multipart/form-data", headers=headers)
    assert answer.status_code == 200
    cells = [
        str(cell.value) for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows() for cell in row
    ]
    assert [cell for cell in cells if "Nowhere" in cell and cell != "Nowhere"] != []
    assert session.exec(select(tables.Judge).where(tables.Judge.key == "J50")).all() == []
    session.rollback()
    assert organiser.post(address, data={}, content_type="multipart/form-data", headers=headers).status_code == 422


def test_an_earlier_deck_is_listed_and_used_again(
    organiser: FlaskClient, event: Event, session: Session, tmp_path: Path
) -> None:
    files, actor = FileStore(tmp_path / "files"), event.actor(session, "organiser")
    first = store_file(session, actor, files, "P001", media.pdf(1)).digest
    store_file(session, actor, files, "P001", media.pdf(2))
    session.commit()
    session.rollback()
    listed = next(one for one in organiser.get(f"{BASE}/files").get_json() if one["proposal"] == "P001")
    earlier = listed["earlier"][0]
    assert (earlier["digest"], earlier["is_kept"]) == (first, True)
    address = f"{BASE}/proposals/P001/files/{earlier['number']}/use-again"
    assert post(organiser, address).get_json()["digest"] == first
    assert post(organiser, address).status_code == 409
    assert post(organiser, f"{BASE}/proposals/P002/files/{earlier['number']}/use-again").status_code == 404


def test_another_persons_declared_conflict_is_ended_by_an_organiser_and_never_by_oneself(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    judge = event.actor(session, "judge")
    conflicts_of_interest.declare(session, judge, COMPETITION, proposal_key="P001", kind="family", at=AT)
    session.commit()
    listed = organiser.get(f"{BASE}/conflicts/others").get_json()
    assert [(one["person"], one["proposal"], "kind" in one) for one in listed] == [(judge.person_id, "P001", False)]
    body = {"proposal": "P001", "person": judge.person_id}
    assert post(organiser, f"{BASE}/conflicts/end", body).get_json() == []
    assert post(organiser, f"{BASE}/conflicts/end", body).status_code == 404
    mine = {"proposal": "P002", "person": event.people["organiser"].pk}
    assert post(organiser, f"{BASE}/conflicts/end", mine).status_code == 409


def test_an_assignment_is_withdrawn_and_a_given_back_one_returned(
    organiser: FlaskClient, event: Event, session: Session
) -> None:
    row = next(one for one in organiser.get(f"{HERE}/assignments").get_json() if one["state"] == "active")
    pair = {"judge": row["judge"], "proposal": row["proposal"]}
    # Submitted scoresheets count.
    assert post(organiser, f"{HERE}/assignments/withdraw", {**pair, "reason": "Ill."}).status_code == 409
    free = {"judge": "J01", "proposal": "P001"}
    taken = {(one["judge"], one["proposal"]) for one in organiser.get(f"{HERE}/assignments").get_json()}
    keys = [f"P{number:03}" for number in range(1, 7)]
    free = next(
        {"judge": f"J{judge:02}", "proposal": key}
        for judge in range(1, 9)
        for key in keys
        if (f"J{judge:02}", key) not in taken
    )
    assert post(organiser, f"{HERE}/assignments", free).status_code == 201
    after = post(organiser, f"{HERE}/assignments/withdraw", {**free, "reason": "Ill."}).get_json()
    states = {(one["judge"], one["proposal"]): one["state"] for one in after}
    assert states[free["judge"], free["proposal"]] == "withdrawn"
    assert post(organiser, f"{HERE}/assignments/give-back", {"judge": "J01", "proposal": "P999"}).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_log_is_a_file_and_that_it_was_taken_is_in_the_log(
    organiser: FlaskClient, session: Session, form: str
) -> None:
    answer = post(
        organiser,
        f"{BASE}/log/file",
        {"format": form},
    )
    assert (answer.status_code, answer.headers["Content-Disposition"]) == (
        200,
        f"attachment; filename={COMPETITION}_log.{form}",
    )
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert {"number", "at", "action", "hash", "head"} <= rows[0].keys()
    else:
        assert load_workbook(io.BytesIO(answer.data)).worksheets[0]["A1"].value == "number"
    session.rollback()
    assert "log.exported" in session.exec(select(tables.AuditEntry.action)).all()


def test_the_answer_with_the_log_is_not_kept_for_a_second_request(organiser: FlaskClient, session: Session) -> None:
    headers = {"X-CSRFToken": csrf_token(organiser), "Idempotency-Key": "once"}
    first, second = (organiser.post(f"{BASE}/log/file", json={}, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert session.exec(select(tables.AuditEntry.action)).all().count("log.exported") == 1


def test_letters_are_made_read_and_linked_by_a_person(client: FlaskClient, session: Session) -> None:
    event = make_calibrated(session)
    release(session)
    session.commit()
    bearer = {"Authorization": f"Bearer {made_token(client, event.people['organiser'], 'results', 'rounds')['token']}"}
    assert client.get(f"{HERE}/letters.zip", headers=bearer).status_code == 409
    assert client.post(f"{HERE}/letters", json={}, headers=bearer).status_code == 403
    assert client.get(f"{HERE}/letters", headers=bearer).get_json()["letters"][0]["text"] != ""
    sign_in(client, event.people["organiser"])
    for comment in client.get(f"{HERE}/letters/comments").get_json():
        body = {"choices": {comment["comment"]: "hold"}}
        assert post(client, f"{HERE}/letters/comments", body).status_code == 200
    made = post(client, f"{HERE}/letters").get_json()
    assert made["root"] == session.exec(select(tables.TeamLetters)).one().root
    session.rollback()
    links = post(client, f"{HERE}/letters/links").get_json()
    assert len(links) == len(made["letters"]) > 0
    path = "/letters/" + links[0]["address"].rsplit("/letters/", 1)[1]
    assert links[0]["team"] in client.application.test_client().get(path).text
    assert post(client, f"{HERE}/letters/links/end").get_json() == {"ended": len(links)}
    assert client.application.test_client().get(path).status_code == 404
    with zipfile.ZipFile(io.BytesIO(client.get(f"{HERE}/letters.zip").data)) as archive:
        assert len(archive.namelist()) == 1 + 2 * len(links)
    with zipfile.ZipFile(io.BytesIO(client.get(f"{HERE}/public-page.zip").data)) as archive:
        table = archive.read("results.csv")
    assert client.get(f"{HERE}/results.csv").data == table


def test_a_program_of_a_judge_reads_the_decks_of_own_assignments_only(
    client: FlaskClient, event: Event, session: Session, tmp_path: Path
) -> None:
    files, actor = FileStore(tmp_path / "files"), event.actor(session, "organiser")
    own = select(tables.Proposal.key).join(tables.Assignment).join(tables.Judge).where(tables.Judge.key == "J01")
    mine = sorted(session.exec(own))
    other = next(f"P{number:03}" for number in range(1, 7) if f"P{number:03}" not in mine)
    for key in (mine[0], other):
        store_file(session, actor, files, key, media.pdf(1))
    session.commit()
    session.rollback()
    bearer = {"Authorization": f"Bearer {made_token(client, event.people['judge'], 'scoresheets')['token']}"}
    deck = client.get(f"{BASE}/proposals/{mine[0]}/files/deck", headers=bearer)
    assert (deck.status_code, deck.data) == (200, media.pdf(1))
    assert deck.headers["Content-Disposition"] == f"attachment; filename={mine[0]}-deck.pdf"
    assert "sandbox" in deck.headers["Content-Security-Policy"]
    part = client.get(f"{BASE}/proposals/{mine[0]}/files/deck", headers={**bearer, "Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"%PDF")
    assert client.get(f"{BASE}/proposals/{mine[0]}/files/video", headers=bearer).status_code == 404
    assert client.get(f"{BASE}/proposals/{other}/files/deck", headers=bearer).status_code == 404
