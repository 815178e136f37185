"""Small files that want a score to be read wrong: each is read right, asked about, or refused in both ways."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

import pytest
from openpyxl import Workbook
from sqlmodel import Session

from judging.schemas.score_form import FileScale, ScoreForm
from tests.support.trial import outcome_of_calibrate, outcome_of_import

P, J = [f"P00{number}" for number in range(1, 5)], ["J1", "J2", "J3"]
TRUE = dict(
    zip(
        [(proposal, judge) for proposal in P for judge in J],
        [8, 9, 8.5, 7, 7.5, 7, 6.5, 7, 6, 5.5, 6.5, 6],
        strict=True,
    )
)
LONG: list[list[object]] = [[proposal, judge, score] for (proposal, judge), score in TRUE.items()]
CRITERIA = ["innovation", "impact", "presentation"]
SCALE, HUNDRED = FileScale(minimum=0, maximum=10, step=0.5), FileScale(minimum=0, maximum=100, step=0.5)
READ, ASKED, REFUSED = "read", "asked", "refused"


def csv(*rows: Sequence[object]) -> bytes:
    return "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows).encode()


def long(change: Callable[[list[object], int], list[object]], heading: str = "proposal,judge,score") -> bytes:
    return csv(heading.split(","), *(change(list(row), index) for index, row in enumerate(LONG)))


def wide(head: Sequence[object], *after: Sequence[object]) -> bytes:
    return csv(head, *([proposal, *(TRUE[proposal, judge] for judge in J)] for proposal in P), *after)


def slots(head: Sequence[object]) -> bytes:
    return csv(head, *([p, *(cell for judge in J for cell in (judge, TRUE[p, judge]))] for p in P))


def workbook(change: Callable[[int], object]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["proposal", "judge", "score"])
    for index, row in enumerate(LONG):
        value = change(index)
        sheet.append([*row[:2], row[2] if value is None else value])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def error_in_one_cell() -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["proposal", "judge", "score"])
    for row in LONG:
        sheet.append(row)
    sheet["C4"].value, sheet["C4"].data_type = "#DIV/0!", "e"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def named(judges: Mapping[int, str]) -> bytes:
    """Return a file in which J1 has the name Chan Tai Man, and other spellings of it in some rows."""
    return long(lambda row, index: [row[0], judges.get(index, "Chan Tai Man") if row[1] == "J1" else row[1], row[2]])


# Name of the file -> content, outcome of calibrate and of the import, a part of what the import says.
FILES: dict[str, tuple[bytes, str, str, str]] = {
    "rows of maximum and rank": (
        wide(["Team", *J], ["Average", 7, 7, 7], ["Max", 9, 9, 9], ["Rank", 1, 2, 3]),
        READ,
        READ,
        "left out as a total: row 6, 7, 8",
    ),
    "Excel's subtotals": (
        csv(
            ["proposal", "judge", "score"],
            *(row for p in P for row in (*(line for line in LONG if line[0] == p), [f"{p} Total", "", 24])),
        ),
        READ,
        READ,
        "left out as a total",
    ),
    "slots with letters": (
        slots(["Entry", "Judge A", "Judge A score", "Judge B", "Judge B score", "Judge C", "Judge C score"]),
        READ,
        READ,
        "judges and scores side by side",
    ),
    "slots in Chinese": (
        slots(["作品", "評委甲", "評委甲分數", "評委乙", "評委乙分數", "評委丙", "評委丙分數"]),
        READ,
        READ,
        "",
    ),
    "slots with names and marks": (
        slots(
            ["Entry", "Judge 1 name", "Judge 1 mark", "Judge 2 name", "Judge 2 mark", "Judge 3 name", "Judge 3 mark"]
        ),
        READ,
        READ,
        "",
    ),
    "scores of numbered judges": (wide(["Proposal", "Score (J1)", "Score (J2)", "Score (J3)"]), READ, READ, ""),
    "judges of no roster": (
        wide(["Proposal", "Score (Judge 7)", "Score (Judge 8)", "Score (Judge 9)"]),
        READ,
        REFUSED,
        "the roster has no judges called Judge 7, Judge 8, Judge 9",
    ),
    "a pivot table": (
        csv(
            ["Average of score", "Column Labels"],
            ["Row Labels", *J, "Grand Total"],
            *([p, *(TRUE[p, j] for j in J), 7] for p in P),
            ["Grand Total", 7, 7, 7, 7],
        ),
        READ,
        READ,
        "",
    ),
    "questions as headings": (
        long(lambda row, _: row, "Which entry? (required)*,Your judge number,Score given (0 to 10)"),
        READ,
        READ,
        "",
    ),
    "a second table with other judges": (
        csv(
            ["proposal", "J1", "J2"],
            *([p, TRUE[p, "J1"], TRUE[p, "J2"]] for p in P),
            ["proposal", "J3"],
            *([p, TRUE[p, "J3"]] for p in P),
        ),
        ASKED,
        ASKED,
        "There are two tables: headings in row 1 and in row 6",
    ),
    "no headings": (csv(*LONG), REFUSED, REFUSED, "no row of headings is found: write one above the table"),
    "one column of blanks": (
        b"proposal   judge   score\nP001   J1   8\n",
        REFUSED,
        REFUSED,
        "everything is in one column",
    ),
    "JSON": (b'[{"proposal": "P001", "judge": "J1", "score": 8}]', REFUSED, REFUSED, "This is a JSON file"),
    "an error in a workbook": (error_in_one_cell(), REFUSED, REFUSED, "The cell shows the error #DIV/0!"),
    "a truth in a workbook": (
        workbook(lambda index: True if index == 3 else None),
        REFUSED,
        REFUSED,
        "`true` is not a number",
    ),
    "formulas without values": (
        workbook(lambda index: f"={index}+1"),
        REFUSED,
        REFUSED,
        "The formula has no stored value",
    ),
    "two numbers in a cell": (
        long(lambda row, _: [*row[:2], f"{row[2]} 7"]),
        REFUSED,
        REFUSED,
        "`8 7` is not a number",
    ),
    "not a number": (long(lambda row, index: [*row[:2], "nan" if index == 2 else row[2]]), REFUSED, REFUSED, "`nan`"),
    "a later answer without a score": (
        csv(
            ["proposal", "judge", "score", "time"],
            *([*row, "2026-07-01 10:00"] for row in LONG),
            ["P001", "J1", "N/A", "2026-07-02 10:00"],
        ),
        REFUSED,
        REFUSED,
        "`N/A`: J1 has scored P001 in row 2. Delete one of the two.",
    ),
    "key and name for one judge": (
        csv(["proposal", "judge", "score"], *LONG, ["P001", "Chan Tai Man", 5]),
        READ,
        REFUSED,
        "J1 has scored P001 in row 2 already",
    ),
    "names with their keys": (
        long(lambda row, _: [f"{row[0]} (Proposal {str(row[0])[-1]})", *row[1:]]),
        READ,
        READ,
        "proposal found on the roster",
    ),
    "a slip in a name": (named({3: "Chan Tai Mann"}), ASKED, REFUSED, "the nearest is J1 (Chan Tai Man)"),
    "a title before a name": (named({3: "Dr. Chan Tai Man"}), ASKED, READ, "Dr. Chan Tai Man = J1"),
    "a name in another order": (named({3: "Tai Man Chan"}), ASKED, REFUSED, "there is no judge `Tai Man Chan`"),
    "initials": (named({3: "T.M. Chan"}), ASKED, REFUSED, "there is no judge `T.M. Chan`"),
    "codes that Excel made dates": (
        csv(["proposal", "judge", "score"], ["1-Mar", "J1", 8], ["2-Mar", "J1", 7]),
        ASKED,
        REFUSED,
        "there is no proposal `1-Mar`",
    ),
    "long numbers that Excel cut": (
        csv(["proposal", "judge", "score"], ["1.00E+05", "J1", 8], ["1.00E+05", "J2", 7]),
        ASKED,
        REFUSED,
        "there is no proposal `1.00E+05`",
    ),
    "halves in a column of their own": (
        csv(["proposal", "judge", "score", "half"], *([p, j, int(v), 5 if v % 1 else 0] for (p, j), v in TRUE.items())),
        ASKED,
        ASKED,
        "has a comma split 8,5 in two?",
    ),
    "places as 1st, 2nd": (
        csv(
            ["proposal", "judge", "place"],
            *([p, j, place] for j in J for p, place in zip(P, ["1st", "2nd", "3rd", "4th"], strict=True)),
        ),
        ASKED,
        ASKED,
        "Are these ranks",
    ),
    "places as 第1名": (
        csv(["作品", "評審", "名次"], *([p, j, f"第{place}名"] for j in J for place, p in enumerate(P, 1))),
        ASKED,
        ASKED,
        "Are these ranks",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_table_is_read_right_or_asked_about_or_refused(name: str, trial: Session) -> None:
    content, of_calibrate, of_import, part = FILES[name]
    by_calibrate = outcome_of_calibrate(content, "scores.csv", ScoreForm(scale=SCALE))
    by_import = outcome_of_import(trial, content, "scores.csv", "one")
    assert (by_calibrate[0], by_import[0]) == (of_calibrate, of_import), f"{by_calibrate[2]}\n\n{by_import[2]}"
    if of_import == READ:
        assert by_import[1] == {(*place, "overall"): score for place, score in TRUE.items()}
    if of_calibrate == READ and of_import == READ:
        assert sorted(by_calibrate[1].values()) == sorted(TRUE.values())
    assert part in by_import[2]


def test_marks_out_of_ten_are_asked_about_on_a_scale_of_a_hundred(trial: Session) -> None:
    question = "No score is above 9, and the scale ends at 100. Are they on that scale?"
    outcome, _, said = outcome_of_import(trial, long(lambda row, _: row), "scores.csv", "hundred")
    assert (outcome, question in said) == (ASKED, True)
    outcome, _, said = outcome_of_calibrate(long(lambda row, _: row), "scores.csv", ScoreForm(scale=HUNDRED))
    assert (outcome, question in said) == (ASKED, True)


def test_a_misspelt_criterion_is_asked_about_with_the_nearest(trial: Session) -> None:
    content = csv(["proposal", "judge", "innovaton", *CRITERIA[1:]], *([p, j, 3, 4, 5] for p in P for j in J))
    outcome, _, said = outcome_of_import(trial, content, "scores.csv", "multi")
    assert outcome == ASKED
    assert "Column C (innovaton) is none of the criteria; the nearest is innovation. Is it that one?" in said


def test_weighted_columns_beside_the_criteria_are_left_out_and_named(trial: Session) -> None:
    head = ["proposal", "judge", *(title for key in CRITERIA for title in (key, f"{key} x weight"))]
    content = csv(head, *([p, j, 3, 120, 4, 160, 5, 100] for p in P for j in J))
    outcome, scores, said = outcome_of_import(trial, content, "scores.csv", "multi")
    assert (outcome, scores["P001", "J1", "impact"], len(scores)) == (READ, 4, 36)
    assert "columns left out: D (innovation x weight), F (impact x weight), H (presentation x weight)" in said
