"""Files that combine faults, or are of kinds that nobody lists: through both ways in, right, asked or refused."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from openpyxl import Workbook
from sqlmodel import Session

from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import read_file
from judging.schemas.score_form import FileScale, ScoreForm
from tests.support.files.binary_workbook import Computed, binary_workbook
from tests.support.files.tables import complaints, read, scores
from tests.support.files.trial import imported_content, outcome_of_calibrate, outcome_of_import, stored

P, J = ("P001", "P002", "P003"), ("J1", "J2", "J3")
TRUE = dict(zip([(proposal, judge) for proposal in P for judge in J], [8, 9, 8.5, 7, 7.5, 7.5, 6.5, 7, 7], strict=True))
FORM = ScoreForm(scale=FileScale(minimum=0, maximum=10, step=0.5))


def long(pattern: str = "{}", **cells: str) -> str:
    """Return a score a row; ``P001_J1`` replaces one cell."""
    rows = [
        f"{proposal},{judge},{cells.get(f'{proposal}_{judge}', pattern.format(score))}\n"
        for (proposal, judge), score in TRUE.items()
    ]
    return "proposal,judge,score\n" + "".join(rows)


def wide(heading: str = "proposal", separator: str = ",", **cells: str) -> str:
    """Return a column a judge."""
    rows = [
        separator.join([proposal, *(cells.get(f"{proposal}_{judge}", str(TRUE[proposal, judge])) for judge in J)])
        for proposal in P
    ]
    return "\n".join([separator.join([heading, *J]), *rows]) + "\n"


def workbook(sheets: Mapping[str, list[list[object]]]) -> bytes:
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def grouped(below: str) -> str:
    """Return rows in groups of a judge, whose name stands in the first one of the group."""
    rows = [
        f"{judge if proposal == P[0] else below},{proposal},{TRUE[proposal, judge]}\n" for judge in J for proposal in P
    ]
    return "judge,proposal,score\n" + "".join(rows)


COMBINED = (
    "第三屆設計比賽初賽評分;;;\n列印日期：2026-07-15，請勿外傳，僅供評審參考;;;\n;;;\n作品編號;評審;;\n;J1;J2;J3\n"
    + wide(separator=";").partition("\n")[2].replace(".", ",")
    + "總計;21,5;23,5;23\n評審簽名：陳大文、王小明、李美玲;;;\n"
)
PIVOT: list[list[object]] = [
    ["Average of score", "Column Labels", None, None, None],
    ["Row Labels", *J, "Grand Total"],
    *([proposal, *(TRUE[proposal, judge] for judge in J), 8] for proposal in P),
    ["Grand Total", 7, 7, 7, 7],
]
OF_PROPOSALS: dict[str, list[list[object]]] = {
    proposal: [["judge", "score"], *([judge, TRUE[proposal, judge]] for judge in J)] for proposal in P
}
FROM_FILE = "proposal,score\n" + "".join(f"{proposal},{TRUE[proposal, 'J1']}\n" for proposal in P)


@dataclass(frozen=True)
class Odd:
    """A file, what ``calibrate`` and the import do with it, and a part of what both say."""

    content: str | bytes
    by_calibrate: str = "read"
    by_import: str = "read"
    said: str = ""
    name: str = "scores.csv"


ODD = {
    "semicolons, byte order mark, decimal comma": Odd("\ufeff" + long().replace(",", ";").replace(".", ",")),
    "table of an e-mail with a ruled line": Odd(
        "| proposal | judge | score |\n|---|---|---|\n"
        + "".join(f"| {proposal} | {judge} | {score} |\n" for (proposal, judge), score in TRUE.items())
    ),
    "greeting above, signature below": Odd(f"Dear all,\nmy scores:\n\n{long()}\nBest regards,\nJ1\n"),
    "pivot": Odd(workbook({"Sheet1": PIVOT}), name="pivot.xlsx"),
    "half mark": Odd(wide(P002_J2="7½")),
    "remark beside a score": Odd(
        long(P001_J1="8 (late)"), said="1 scores have words, and the number before them is read: `8 (late)`"
    ),
    "remark with another number": Odd(
        long(P001_J1="8 (was 7)"), "refused", "refused", "`8 (was 7)`: write the number that counts, alone"
    ),
    "remark that takes the score back": Odd(
        long(P001_J1="8 - withdrawn"), "refused", "refused", "`8 - withdrawn`: write"
    ),
    "another separator in one row": Odd(long() + "P001;J4;3\n", "refused", "refused", "row 11, column judge: empty"),
    "headings below the data": Odd(
        "".join(f"{line}\n" for line in (*long().splitlines()[1:], "proposal,judge,score")),
        "refused",
        "refused",
        "no row has a score",
    ),
    "mark of doubt": Odd(long(P002_J1="7?"), "refused", "refused", "`7?` is not a number"),
    "footnote": Odd(long(P001_J1="8*"), "refused", "refused", "`8*` is not a number"),
    "two numbers": Odd(long(P002_J1="7 to 8"), "refused", "refused", "`7 to 8` is not a number"),
    "names above groups": Odd(grouped(""), "asked", "asked", "The judge is empty in 6 rows (row 3, 4, 6, 7, 9 (+1))"),
    "marks of repetition": Odd(grouped("同上"), said="mean the judge above: row 3, 4, 6, 7, 9 (+1)"),
    "one row of limits": Odd(
        wide().replace("\n", "\nMax,10,10,10\n", 1), "asked", "asked", "Row 2 is called “max”: is that a name?"
    ),
    "highest and lowest": Odd(
        "".join(
            f"{line},{end}\n"
            for line, end in zip(wide().splitlines(), ("Highest,Lowest", "9,8", "8,7", "7,6"), strict=True)
        ),
        said="E (Highest), F (Lowest)",
    ),
    "heading of rows and columns": Odd(wide(heading="Proposal \\ Judge"), said="= proposal"),
    "a name in quotation marks": Odd(long().replace("P001,J1", "“P001”,J1"), "asked", "read", "“P001”"),
    "a formula in place of a name": Odd(
        long().replace("J1,", "=HYPERLINK(1),"), "refused", "refused", "`=HYPERLINK(1)` is a formula, not a name"
    ),
    "a sheet for each proposal": Odd(
        workbook(OF_PROPOSALS), name="scores.xlsx", said="the proposal is the title of each sheet"
    ),
    "a judge whom only the file names": Odd(
        FROM_FILE, "asked", "asked", "the file is called 評委 J1: whose scores are these?", "評委 J1.csv"
    ),
    "a judge whom nothing names": Odd(FROM_FILE, "refused", "refused", "no column is recognised as the judge"),
    "off the scale in a judge's column": Odd(wide(P002_J2="75"), "refused", "refused", "row 3, column J2"),
    "everything at once": Odd(COMBINED.encode("big5hkscs"), said="left out as a line below the table: row 10"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_right_asked_or_refused_in_both_ways(name: str, trial: Session) -> None:
    odd = ODD[name]
    content = odd.content.encode() if isinstance(odd.content, str) else odd.content
    by_calibrate = outcome_of_calibrate(content, odd.name, FORM)
    by_import = outcome_of_import(trial, content, odd.name, "one")
    assert (by_calibrate[0], by_import[0]) == (odd.by_calibrate, odd.by_import), f"{by_calibrate[2]}\n{by_import[2]}"
    if by_calibrate[0] == "read":
        assert {key[:2]: score for key, score in by_calibrate[1].items()} == TRUE
    if by_import[0] == "read":
        assert by_import[1] == {(*key, "overall"): score for key, score in TRUE.items()}
    assert odd.said in (by_calibrate[2] if odd.by_calibrate != "read" or odd.by_import == "read" else by_import[2])


def answered(name: str, *, wanted: int = 0) -> dict[tuple[str, ...], str]:
    """Return the scores of an odd file after its only question got the answer of this number."""
    odd = ODD[name]
    content = odd.content.encode() if isinstance(odd.content, str) else odd.content
    answers: dict[str, str] = {}
    for _ in range(3):
        table = read_file(content, odd.name, Known(kind="scores"), TableMapping(kind="scores", answers=answers))
        if not table.questions:
            break
        answers |= {question.name: list(question.answers)[wanted] for question in table.questions}
    return scores(table)


@pytest.mark.parametrize("name", ["names above groups", "one row of limits", "a name in quotation marks"])
def test_an_answer_makes_it_right(name: str) -> None:
    found = {key: float(score) for key, score in answered(name).items()}
    assert {(proposal.strip("“”"), judge): score for (proposal, judge), score in found.items()} == TRUE


def test_the_judge_of_a_file_is_stored_after_the_answer_and_holds_for_no_other_file(trial: Session) -> None:
    known = Known(kind="scores", judges=Names({"J1": ["Chan Tai Man"], "J2": ["王小明"]}))
    [question] = read_file(FROM_FILE.encode(), "評委 王小明.csv", known).questions
    assert list(question.answers) == ["J2"]
    mapping = TableMapping(kind="scores", answers={question.name: "J2"})
    with trial.begin_nested() as savepoint:
        imported_content(trial, FROM_FILE.encode(), "評委 王小明.csv", "scores", "one", mapping)
        assert stored(trial, "one") == {(proposal, "J2", "overall"): TRUE[proposal, "J1"] for proposal in P}
        savepoint.rollback()
    trial.expire_all()
    assert read_file(FROM_FILE.encode(), "Chan Tai Man.csv", known, mapping).questions


@pytest.mark.parametrize(
    ("head", "first", "last", "name"),
    [
        ("First name,Last name", "Tai Man", "Chan", "Chan Tai Man"),
        ("姓,名", "王", "小明", "王小明"),
        ("Surname,Given name", "Three", "Judge", "Judge Three"),
    ],
)
def test_judges_in_two_columns_are_one_name(head: str, first: str, last: str, name: str) -> None:
    text = f"proposal,{head},score\nP001,{first},{last},8\nP002,{first},{last},7\n"
    roster = Known(kind="scores", judges=Names({"J1": ["Chan Tai Man"], "J2": ["王小明"], "J3": ["Judge Three"]}))
    key = next(key for key, names in (roster.judges.others if roster.judges else {}).items() if name in names)
    assert scores(read(text, roster)) == {("P001", key): "8", ("P002", key): "7"}
    table = read(text)
    assert any(str(note).startswith("names are put together from two columns") for note in table.notes)
    assert len({judge for _, judge in scores(table)}) == 1


def test_names_of_contestants_in_two_columns_are_no_judges() -> None:
    text = "proposal,First name,Last name,J1,J2\nP001,Ada,Lee,8,9\nP002,Bo,Ho,7,6\n"
    assert scores(read(text)) == {("P001", "J1"): "8", ("P001", "J2"): "9", ("P002", "J1"): "7", ("P002", "J2"): "6"}


def test_a_title_before_a_name_on_the_roster_is_left_away_and_said_only_when_one_is_meant() -> None:
    one = Known(kind="scores", judges=Names({"J1": ["Dr. Wong"], "J2": ["王小明"]}))
    table = read("proposal,judge,score\nP001,Dr. 王小明,8\n", one)
    assert scores(table) == {("P001", "J2"): "8"}
    assert "judge found on the roster: Dr. 王小明 = J2" in [str(note) for note in table.notes]
    two = Known(kind="scores", judges=Names({"J1": ["王小明"], "J2": ["王小明教授"]}))
    [text] = complaints(read("proposal,judge,score\nP001,Dr. 王小明,8\n", two))
    assert text == "`Dr. 王小明` could be J1, J2: write the key of the judge"


def test_scores_at_different_times_are_asked_about() -> None:
    text = "proposal,judge,Score 1,Score 2\nP001,J1,1,8\nP002,J1,2,7\n"
    [question] = read(text).questions
    assert list(question.answers) == ["criteria", "C", "D"]
    assert scores(read(text, columns="D")) == {("P001", "J1"): "8", ("P002", "J1"): "7"}


def test_a_score_of_0_from_a_formula_of_an_xlsb_is_named() -> None:
    rows: list[list[object]] = [
        ["proposal", "judge", "score"],
        ["P001", "J1", Computed(0)],
        ["P002", "J1", Computed(7)],
        ["P003", "J1", 0],
    ]
    table = read_file(binary_workbook(rows), "scores.xlsb", Known(kind="scores"))
    assert scores(table) == {("P001", "J1"): "0", ("P002", "J1"): "7", ("P003", "J1"): "0"}
    assert any(str(note).startswith("1 scores are 0 and come from formulas (row 2)") for note in table.notes)
