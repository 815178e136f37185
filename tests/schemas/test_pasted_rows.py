"""Lines that were copied from a spreadsheet, or typed with commas, become rows."""

from __future__ import annotations

import pytest

from judging.errors import InvalidInput
from judging.schemas.pasted_rows import read_pasted

ENTRY = ("title", "team_name", "team_email")
FULL = {"title": "水火箭", "team_name": "陳大文", "team_email": "a@example.org"}


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("水火箭\t陳大文\ta@example.org", FULL),
        ("水火箭，陳大文，a@example.org", FULL),
        ("水火箭; 陳大文; a@example.org", FULL),
        ("水火箭\ta@example.org\t陳大文", FULL),
        ("\n\n水火箭\t陳大文\ta@example.org\r\n\r\n", FULL),
        ("標題\t姓名\t電郵\n水火箭\t陳大文\ta@example.org", FULL),
        ("電郵\t作品名稱\t學生姓名\na@example.org\t水火箭\t陳大文", FULL),
        ("作品\t隊伍\t電郵\n水火箭\t陳大文\ta@example.org", FULL),
        ("隊名\tEntry\t電郵\n陳大文\t水火箭\ta@example.org", FULL),
        ("作品\t標題\t隊伍\nP07\t水火箭\t陳大文", {"key": "P07", "title": "水火箭", "team_name": "陳大文"}),
        ("序號\t標題\t姓名\t電郵\n1\t水火箭\t陳大文\ta@example.org", FULL),
        ("P07\t水火箭\t陳大文\ta@example.org", {**FULL, "key": "P07"}),
        ("編號\t標題\t姓名\nP07\t水火箭\t陳大文", {"key": "P07", "title": "水火箭", "team_name": "陳大文"}),
        ('"水，\n火箭"\t陳大文', {"title": "水， 火箭", "team_name": "陳大文"}),
        ("水火箭\t陳大文\t", {"title": "水火箭", "team_name": "陳大文"}),
        ("水火箭", {"title": "水火箭"}),
        ("P07", {"title": "P07"}),
    ],
)
def test_a_line_is_one_row(text: str, row: dict[str, str]) -> None:
    assert read_pasted(text, "proposals", ENTRY, most=10) == [row]


def test_a_column_of_numbers_before_the_rows_is_left_out() -> None:
    rows = read_pasted("1\t紙橋\t陳大文\n2\t風車\t李明", "proposals", ENTRY, most=10)
    assert rows == [{"title": "紙橋", "team_name": "陳大文"}, {"title": "風車", "team_name": "李明"}]


def test_a_title_with_a_comma_stays_whole_where_tabulators_separate() -> None:
    [row] = read_pasted("水，火\t陳大文", "proposals", ENTRY, most=10)
    assert row["title"] == "水，火"


def test_a_missing_middle_column_stays_empty() -> None:
    rows = read_pasted("梁老師\t\t本校\n鄭老師\tj@example.org\t本校", "judges", ("name", "email", "city"), most=10)
    assert rows == [{"name": "梁老師", "city": "本校"}, {"name": "鄭老師", "email": "j@example.org", "city": "本校"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  \n\t\n", "Paste at least one line."),
        (
            "作品\t隊伍\t簡介\n水火箭\t陳大文\t以水推進",
            "This table has no column for 簡介. Paste without it, or import a file.",
        ),
        ("a\tb\tc\td", "line 1 has 4 columns, and at most 3 are expected: a | b | c | d"),
        ("\n".join(f"標題{number}\t隊" for number in range(12)), "At most 10 rows fit into one form. Import a file."),
    ],
)
def test_what_cannot_be_rows_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_pasted(text, "proposals", ENTRY, most=10)
    assert [str(line) for line in refused.value.messages["pasted"]] == [said]
