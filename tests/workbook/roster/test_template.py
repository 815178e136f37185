"""The roster template: its columns and choices are those of the importer."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from judging.competition import Category, City, CompetitionRules
from judging.incoming_tables.containers.read_book import read_book
from judging.rubric import Text
from judging.schemas.roster_rows import COLUMNS
from judging.workbook.roster.columns import ROSTER
from judging.workbook.roster.template import write_template

COMPETITION = CompetitionRules(
    key="hksh",
    name=Text("Challenge", "挑戰賽", "挑战赛"),
    cities=(City("hong-kong", Text("Hong Kong", "香港", "香港")), City("shanghai", Text("Shanghai", "上海", "上海"))),
    categories=tuple(Category(f"category-{number}", Text(f"Category {number}")) for number in range(60)),
    time_zone="Asia/Hong_Kong",
    rounds=("first-screening", "grand-final"),
)


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def test_its_columns_are_those_of_the_importer() -> None:
    assert {kind: [(one.name, one.is_required) for one in columns] for kind, columns in ROSTER.items()} == {
        kind: [(one.name, one.is_required) for one in columns] for kind, columns in COLUMNS.items()
    }


def test_it_reads_back_as_the_sheets_it_names_without_an_example() -> None:
    content = write_template(COMPETITION)
    book = opened(content)
    assert book.sheetnames == ["judges", "teams", "proposals", "assignments", "scores", "Instructions", "Lists"]
    assert book["Lists"].sheet_state == "hidden"
    for kind, columns in ROSTER.items():
        assert book[kind].max_row == 1
        assert [str(cell.value).split("\n")[0].casefold().replace(" ", "_") for cell in book[kind][1]] == [
            column.name for column in columns
        ]


def test_only_the_sheets_that_were_filled_in_are_read() -> None:
    book = opened(write_template(COMPETITION))
    book.remove(book["Instructions"])
    book["teams"].append(["T001", "Team 001", "hong-kong"])
    stream = io.BytesIO()
    book.save(stream)
    book_read = read_book(stream.getvalue(), "roster.xlsx")
    [sheet] = [sheet for sheet in book_read.sheets if len(sheet.rows) > 1 and not sheet.is_hidden]
    assert sheet.name == "teams"
    assert [cell.text for cell in sheet.rows[1].cells.values()] == ["T001", "Team 001", "hong-kong"]


@pytest.mark.parametrize(
    ("sheet", "column", "listed"),
    [
        ("judges", "C", ["hong-kong", "shanghai"]),
        ("teams", "C", ["hong-kong", "shanghai"]),
        ("proposals", "G", [f"category-{number}" for number in range(60)]),
        ("proposals", "H", ["en", "zh-Hant-HK", "zh-Hans-CN"]),
        ("assignments", "C", ["first-screening", "grand-final"]),
    ],
)
def test_cells_offer_the_lists_of_the_competition(sheet: str, column: str, listed: list[str]) -> None:
    book = opened(write_template(COMPETITION))
    [rule] = [
        one
        for one in book[sheet].data_validations.dataValidation
        if any(str(area).startswith(f"{column}2:") for area in one.sqref.ranges)
    ]
    where = str(rule.formula1).removeprefix("Lists!").replace("$", "")
    assert [row[0].value for row in book["Lists"][where]] == listed


def test_instructions_speak_three_languages_about_every_column() -> None:
    sheet = opened(write_template(COMPETITION))["Instructions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    told = {(row[0], str(row[1]).removesuffix(" *")) for row in rows if row[0]}
    assert told == {(kind, column.name) for kind, columns in ROSTER.items() for column in columns}
    assert all(row[2] and row[3] and row[4] for row in rows)
