"""Typed text in cells: always a text, never longer than a cell allows, no invisible characters."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from judging.workbook.cells import FORMULA_STARTS, MAX_TEXT, clean, csv_text, put_text, put_value


def written(text: str) -> tuple[object, str, bool]:
    """Return a cell after a round trip: value, type, and whether it was marked as a quoted text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("a")
    cell: Any = WriteOnlyCell(sheet)
    put_text(cell, text)
    quoted = bool(cell.quotePrefix)
    sheet.append([cell])
    stream = io.BytesIO()
    book.save(stream)
    read = load_workbook(stream)["a"]["A1"]
    return read.value, read.data_type, quoted


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_a_spreadsheet_would_run_stays_a_quoted_text(start: str) -> None:
    value, kind, quoted = written(f"{start}1+1")
    assert (value, kind, quoted) == (f"{start}1+1".replace("\r", "\n"), "s", True)
    assert csv_text(f"{start}1+1") == "'" + f"{start}1+1".replace("\r", "\n")


def test_a_control_character_does_not_hide_a_formula() -> None:
    assert written("\x00=1+1")[1:] == ("s", True)
    assert csv_text("\x1b=1+1") == "'=1+1"


def test_ordinary_text_is_left_alone() -> None:
    assert written("評審：2 > 1, A=B")[:] == ("評審：2 > 1, A=B", "s", False)
    assert csv_text("評審") == "評審"


def test_characters_that_no_file_can_hold_are_taken_out() -> None:
    assert clean("a\x00b\x7f\ud800c\ufffed\u2028e\r\nf\tg") == "abcd\ne\nf\tg"


@pytest.mark.parametrize("letter", ["x", "評", "😀"])
def test_a_text_is_cut_at_what_a_cell_holds(letter: str) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    cut = clean(letter * 40_000)
    assert cut[-1] == "…"
    assert MAX_TEXT - units < len(cut.encode("utf-16-le")) // 2 <= MAX_TEXT
    exact = letter * (MAX_TEXT // units)
    assert clean(exact) == exact


def test_what_excel_would_read_as_an_escape_is_spelt_out() -> None:
    assert written("_x003D_1+1")[0] == "_x005F_x003D_1+1"


def test_numbers_that_are_none_leave_the_cell_empty_and_strange_things_are_refused() -> None:
    cell: Any = WriteOnlyCell(Workbook(write_only=True).create_sheet("a"))
    for nothing in (None, float("nan"), float("inf")):
        put_value(cell, nothing)
        assert cell.value is None
    put_value(cell, datetime(2023, 7, 3, tzinfo=UTC).replace(tzinfo=None))
    assert cell.data_type == "d"
    with pytest.raises(TypeError):
        put_value(cell, object())


@pytest.mark.parametrize("number", [51.123015873015866, 0.0, -0.1 - 0.2, 1e-300, 12345678901234567.0])
def test_a_number_comes_back_to_its_last_digit(number: float) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("a")
    cell: Any = WriteOnlyCell(sheet)
    put_value(cell, number)
    sheet.append([cell])
    stream = io.BytesIO()
    book.save(stream)
    read = load_workbook(stream)["a"]["A1"]
    assert (read.value, read.data_type) == (number, "n")
