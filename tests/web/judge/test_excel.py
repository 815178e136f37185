"""Own scoresheets as a workbook: what it has, and the merge of what was filled in with what was stored meanwhile."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlmodel import select
from werkzeug.test import TestResponse

from judging import tables
from judging.services.competitions.definitions import rules_of
from judging.web.judge.sheet_form import names
from judging.workbook.own_sheets import field_names
from tests.support.event import csrf_token
from tests.support.judge_pages import FULL, QUEUE, Judge
from tests.support.programs.office import recalculate

FILE = f"{QUEUE}/first-screening.xlsx"
Edit = Callable[[Any], None]


def download(judge: Judge) -> bytes:
    answer = judge.client.get(FILE)
    assert answer.status_code == 200
    assert 'filename="hksh-2023-first-screening.xlsx"' in answer.headers["Content-Disposition"]
    content: bytes = answer.data
    return content


def edited(content: bytes, edit: Edit) -> bytes:
    book = load_workbook(io.BytesIO(content))
    edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(judge: Judge, content: bytes) -> TestResponse:
    data = {"csrf_token": csrf_token(judge.client), "file": (io.BytesIO(content), "mine.xlsx")}
    return judge.client.post(FILE, data=data, content_type="multipart/form-data")


def confirm(judge: Judge, page: str, **choices: str) -> TestResponse:
    """Send the form of the preview, with the choices of a person."""
    fields = dict(re.findall(r'<input type="hidden" name="(P\d+:base)" value="(\d+)"', page))
    texts = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    fields |= {name: html.unescape(text) for name, text in texts}
    fields |= dict.fromkeys(re.findall(r'name="(keep:[^"]+)" value="stored" checked', page), "stored")
    sent = {**fields, **choices, "csrf_token": csrf_token(judge.client)}
    return judge.client.post(f"{QUEUE}/first-screening.merge", data=sent)


def cell(book: Any, key: str, field: str) -> Any:
    sheet = book["Scores"]
    row = next(number for number in range(2, sheet.max_row + 1) if sheet.cell(number, 1).value == key)
    rubric_fields = [*(f"{kind}-{one}" for one in _criteria() for kind in ("score", "comment"))]
    columns = [*rubric_fields, "comment", "chair_note", "justification", "language", "confidence", "identity_revealed"]
    return sheet.cell(row, 3 + columns.index(field))


def _criteria() -> tuple[str, ...]:
    return ("data-use", "value", "innovation", "feasibility", "presentation")


def test_the_workbook_has_the_own_sheets_with_lists_notes_and_locks(judge: Judge) -> None:
    judge.fill(comment="=1+1", **FULL)
    book = load_workbook(io.BytesIO(download(judge)))
    key = judge.page.rsplit("/", 1)[1]
    assert cell(book, key, "score-value").value == 6
    assert (cell(book, key, "comment").value, cell(book, key, "comment").data_type) == ("=1+1", "s")
    sheet = book["Scores"]
    assert sheet.protection.sheet is True
    assert (sheet["A2"].protection.locked, cell(book, key, "score-value").protection.locked) == (True, False)
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert lists.count('"1,2,3,4,5,6,7,8,9,10"') == 5
    assert "Datasets of both" in sheet["C1"].comment.text or "10:" in sheet["C1"].comment.text
    assert book["Seal"].sheet_state == "hidden"
    row = judge.session.exec(select(tables.Round).where(tables.Round.key == "first-screening")).one()
    rubric = rules_of(row).rubric
    judge.session.rollback()
    assert set(field_names(rubric)) == set(names(rubric))


def _hidden_columns(judge: Judge) -> set[str]:
    sheet = load_workbook(io.BytesIO(download(judge)))["Scores"]
    return {sheet[f"{letter}1"].value.split("\n")[0] for letter, one in sheet.column_dimensions.items() if one.hidden}


def test_what_the_page_does_not_ask_has_a_hidden_column(judge: Judge) -> None:
    assert _hidden_columns(judge) == set()
    row = judge.session.exec(select(tables.Round).where(tables.Round.key == "first-screening")).one()
    rules = rules_of(row)
    rules = replace(rules, privacy=replace(rules.privacy, teams_hidden=False))
    row.definition, row.digest = rules.to_dict(), rules.digest
    judge.session.commit()
    assert _hidden_columns(judge) == {"Team can be recognised: 1"}


def test_what_was_filled_in_is_shown_and_stored_as_a_draft_on_top_of_what_was_stored(judge: Judge) -> None:
    judge.fill(comment="Before", **{"score-value": "6"})
    key = judge.page.rsplit("/", 1)[1]

    def fill(book: Any) -> None:
        cell(book, key, "score-value").value = 8
        cell(book, key, "score-data-use").value = "7,0"
        cell(book, key, "score-innovation").value = 99
        cell(book, key, "chair_note").value = "On a train"

    content = edited(download(judge), fill)
    # Elsewhere, after the download: another field.
    judge.fill(base="1", **{"score-value": "6", "comment": "Changed at the desk"})
    answer = upload(judge, content)
    assert answer.status_code == 200
    assert "Give a value from 1 to 10 in steps of 1. This cell is left out." in answer.text
    assert 'value="stored" checked' not in answer.text
    assert len(judge.versions()) == 2
    stored = confirm(judge, answer.text)
    assert (stored.status_code, stored.location) == (303, f"{QUEUE}/first-screening")
    newest = judge.versions()[0]
    assert (newest.version, newest.state, newest.source) == (3, "draft", "workbook")
    assert newest.sheet.scores == {"data-use": 7.0, "value": 8.0}
    assert (newest.sheet.comment, newest.sheet.chair_note) == ("Changed at the desk", "On a train")
    # The same file again changes nothing.
    again = upload(judge, content)
    assert "<textarea" not in again.text
    assert judge.versions()[0].version == 3


@pytest.mark.parametrize(("choice", "comment"), [("stored", "At the desk"), ("file", "On the train")])
def test_a_field_changed_in_both_is_chosen_and_what_is_stored_is_the_default(
    judge: Judge, choice: str, comment: str
) -> None:
    judge.fill(comment="Before")
    key = judge.page.rsplit("/", 1)[1]

    def fill(book: Any) -> None:
        cell(book, key, "comment").value = "On the train"

    content = edited(download(judge), fill)
    judge.fill(base="1", comment="At the desk")
    page = upload(judge, content).text
    assert page.count('value="stored" checked') == 1
    choices = {f"keep:{key}:comment": "file"} if choice == "file" else {}
    assert confirm(judge, page, **choices).status_code == 303
    assert judge.versions()[0].sheet.comment == comment


def test_a_version_stored_after_the_preview_is_not_overwritten(judge: Judge) -> None:
    key = judge.page.rsplit("/", 1)[1]

    def fill(book: Any) -> None:
        cell(book, key, "score-value").value = 8

    page = upload(judge, edited(download(judge), fill)).text
    judge.fill(**{"score-value": "2"})
    answer = confirm(judge, page)
    assert (answer.status_code, "was changed in the meantime" in answer.text) == (409, True)
    assert [version.sheet.scores for version in judge.versions()] == [{"value": 2.0}]


def _seal(text: str) -> Edit:
    def change(book: Any) -> None:
        book["Seal"]["A1"].value = text

    return change


def _formula(book: Any) -> None:
    book["Scores"]["C2"].value = "=2+3"


def _twice(book: Any) -> None:
    book["Scores"]["A3"].value = book["Scores"]["A2"].value


def _other_sheet(book: Any) -> None:
    book["Scores"].title = "Sheet1"


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (_seal("forged"), "The hidden part of this file was changed."),
        (_formula, "Cell C2 has a formula."),
        (_twice, "has two rows."),
        (_other_sheet, "This is not the workbook of your scoresheets."),
    ],
)
def test_tampered_files_are_refused_with_the_reason(judge: Judge, edit: Edit, complaint: str) -> None:
    answer = upload(judge, edited(download(judge), edit))
    assert (answer.status_code, complaint in answer.text) == (422, True)
    assert judge.versions() == []


def test_files_of_others_and_no_files_are_refused(judge: Judge, app: Flask) -> None:
    content = download(judge)
    row = judge.session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    row.key = "J99"
    judge.session.commit()
    answer = upload(judge, content)
    assert (answer.status_code, "belongs to another judge" in answer.text) == (422, True)
    for sent in (b"", b"no workbook at all"):
        assert upload(judge, sent).status_code == 422
    judge.close_round()
    assert judge.client.get(FILE).status_code == 409
    assert upload(judge, content).status_code == 409


def test_a_workbook_that_an_office_program_has_saved_again_changes_nothing(judge: Judge, tmp_path: Path) -> None:
    judge.fill(comment="為兩地居民\nA second line", language="zh-Hant-HK", confidence="2", **FULL)
    path = tmp_path / "mine.xlsx"
    path.write_bytes(download(judge))
    answer = upload(judge, recalculate(path, tmp_path).read_bytes())
    assert answer.status_code == 200
    assert "The workbook changes nothing that is not stored already." in answer.text
