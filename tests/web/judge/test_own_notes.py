"""A judge's private note to the chair: who reads it, and what never has it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import Session

from judging.services.runs import calibrating
from judging.services.scoresheets.versions import NewVersion, append, current_scoresheets
from tests.support.event import AT, COMPETITION, ROUND, make_event, sign_in, use_model
from tests.support.files.exports import export_round, make_bundle
from tests.support.judge_pages import FULL, QUEUE, Judge

NOTE = "Between us: the team copied this from last year."


@pytest.fixture
def noted(judge: Judge) -> Judge:
    answer = judge.fill(action="submit", chair_note=NOTE, comment="Well done", **FULL)
    assert answer.status_code == 303
    return judge


def test_the_note_is_stored_beside_the_comment_and_the_judge_reads_it(noted: Judge) -> None:
    stored = noted.versions()[0].sheet
    assert (stored.comment, stored.chair_note) == ("Well done", NOTE)
    assert NOTE in noted.client.get(noted.page).text
    key = noted.page.rsplit("/", 1)[1]
    api = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{key}"
    assert noted.client.get(api).get_json()["chair_note"] == NOTE


@pytest.mark.parametrize(("role", "reads"), [("chair", True), ("auditor", True), ("organiser", False)])
def test_chairs_and_auditors_read_the_note_and_organisers_do_not(
    noted: Judge, app: Flask, role: str, reads: bool
) -> None:
    client = app.test_client()
    sign_in(client, noted.event.people[role])
    key = noted.page.rsplit("/", 1)[1]
    # Twice: pages of a round are remembered.
    pages = [client.get(f"/chair/{COMPETITION}/{ROUND}/proposals/{key}").text for _ in range(2)]
    assert ["Well done" in page for page in pages] == [True, True]
    assert [NOTE in page for page in pages] == [reads, reads]


def test_no_file_that_leaves_the_service_has_the_note(session: Session) -> None:
    event = make_event(session, n_proposals=8, n_judges=8)
    use_model(session, "raw")
    newest = current_scoresheets(session, event.round_row.pk)[0].version
    sheet = replace(newest.sheet, comment="Well done", chair_note=NOTE)
    version = NewVersion(assignment_id=newest.assignment_id, version=newest.version + 1, state="submitted", sheet=sheet)
    append(session, [version], source="form", at=AT, saved_by=None)
    actor = event.actor(session, "chair")
    calibrating.calibrate(session, actor, COMPETITION, ROUND, at=AT)
    content = [export_round(session, actor, COMPETITION, ROUND, format=kind, at=AT)[1] for kind in ("xlsx", "csv")]
    assert any("Well done" in text for text in _texts(content[0]))
    content.append(make_bundle(session, actor, COMPETITION, ROUND, at=AT)[1])
    assert [any("Between us" in text for text in _texts(one)) for one in content] == [False, False, False]


def test_a_sheet_without_a_note_has_none(judge: Judge) -> None:
    judge.fill(**FULL)
    assert judge.versions()[0].sheet.chair_note == ""
    assert "Private note" not in judge.client.get(f"{judge.page}/versions").text
    assert 'name="chair_note"' in judge.client.get(judge.page).text
    assert judge.client.get(QUEUE).status_code == 200


def _texts(content: bytes) -> list[str]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return [content.decode("utf-8-sig")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = []
        for name in archive.namelist():
            part = archive.read(name)
            texts += _texts(part) if zipfile.is_zipfile(io.BytesIO(part)) else [part.decode("utf-8", "replace")]
        return [*texts, json.dumps(archive.namelist())]
