"""True tables written in random shapes, containers, encodings and spellings: read back equal, or asked, never wrong."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from judging.errors import InvalidInput
from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.reading import ReadTable, read_file
from tests.support.files.binary_workbook import binary_workbook

SHAPES = ("long", "judges", "criteria", "both", "two rows", "sheets", "slots", "proposals")
CONTAINERS = ("csv", "csv;", "tsv", "sep=", "utf-16", "gb18030", "big5hkscs", "cp1252", "xlsx", "xlsb")
HEADINGS = {
    "proposal": ("proposal", "Proposal ID", "Entry", "Submission No.", "作品編號", "参赛作品", "Project\n作品"),
    "judge": ("judge", "Reviewer", "Judge name", "評審", "评委姓名", "Evaluator"),
    "score": ("score", "Points", "Mark", "分數", "评分", "Rating (0-10)"),
    "criterion": ("criterion", "Criterion", "準則", "评分标准"),
    "comment": ("comment", "Remarks", "評語"),
}
SCALES = {"ten": (0.0, 10.0, 0.5), "five": (1.0, 5.0, 1.0), "hundred": (0.0, 100.0, 0.5)}
JUDGES = {"J1": "Chan Tai Man", "J2": "王小明", "J3": "Judge Three", "J4": "李嘉欣", "J5": "José Álvarez"}
PROPOSALS = {f"P{number:03}": f"Green Map {number}" for number in range(1, 9)}
CRITERIA = {"innovation": "創新", "impact": "影響", "presentation": "表達"}
SPELLINGS = ("plain", "comma", "wide", "of", "unit", "label", "three")
Scores = dict[tuple[str, str, str], float]


@dataclass(frozen=True)
class Way:
    """How a true table is written."""

    shape: str
    container: str
    spelling: str
    names: str
    missing: str
    headings: dict[str, str]
    titles: int
    has_extra: bool
    has_total: bool
    is_turned: bool
    has_blank_row: bool


ways = st.builds(
    Way,
    shape=st.sampled_from(SHAPES),
    container=st.sampled_from(CONTAINERS),
    spelling=st.sampled_from(SPELLINGS),
    names=st.sampled_from(("keys", "names", "loose")),
    missing=st.sampled_from(("", "N/A", "-", "缺席", "ABS")),
    headings=st.fixed_dictionaries({name: st.sampled_from(words) for name, words in HEADINGS.items()}),
    titles=st.integers(0, 3),
    has_extra=st.booleans(),
    has_total=st.booleans(),
    is_turned=st.booleans(),
    has_blank_row=st.booleans(),
)


@st.composite
def true_tables(draw: st.DrawFn) -> tuple[str, list[str], Scores]:
    """Return a scale, the criteria and scores by proposal, judge and criterion; some are missing."""
    scale = draw(st.sampled_from(sorted(SCALES)))
    low, high, step = SCALES[scale]
    proposals = sorted(PROPOSALS)[: draw(st.integers(3, 7))]
    judges = sorted(JUDGES)[: draw(st.integers(2, 5))]
    criteria = sorted(CRITERIA)[: draw(st.integers(1, 3))]
    n_steps = round((high - low) / step)
    values = st.one_of(st.none(), st.integers(0, n_steps), st.integers(0, n_steps), st.integers(0, n_steps))
    scores = {}
    for proposal in proposals:
        for judge in judges:
            for criterion in criteria:
                drawn = draw(values)
                if drawn is not None:
                    scores[proposal, judge, criterion] = low + drawn * step
    return scale, criteria, scores


def spelt(value: float | None, way: Way, scale: str) -> Any:
    if value is None:
        return way.missing or None
    number = f"{value:g}"
    if way.container in ("xlsx", "xlsb") and way.spelling == "plain":
        return value
    if way.spelling == "comma":
        return number.replace(".", ",")
    if way.spelling == "wide":
        return number.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    if way.spelling == "of":
        return f"{number}/{SCALES[scale][1]:g}"
    if way.spelling == "unit":
        return f"{number}分"
    if way.spelling == "label":
        return f"{number}: good" if value else number
    return f"{value:.3f}" if way.spelling == "three" else number


def called(key: str, names: dict[str, str], way: Way, row: int) -> str:
    if way.names == "keys":
        return key
    if way.names == "names":
        return names[key]
    return (key.lower(), f" {key}\u3000", "".join(chr(ord(letter) + 0xFEE0) for letter in key), key)[row % 4]


def sheets_of(way: Way, scale: str, criteria: list[str], scores: Scores) -> dict[str, list[list[Any]]]:
    """Return the tables to be written, by sheet."""
    proposals, judges = sorted({place[0] for place in scores}), sorted({place[1] for place in scores})
    headings = way.headings

    def cell(proposal: str, judge: str, criterion: str) -> Any:
        return spelt(scores.get((proposal, judge, criterion)), way, scale)

    def judge_name(judge: str) -> str:
        return JUDGES[judge] if way.names == "names" else judge

    def criterion_name(criterion: str) -> str:
        return CRITERIA[criterion] if way.names == "names" else criterion

    rows: list[list[Any]]
    named = [(proposal, judge) for proposal in proposals for judge in judges]
    if way.shape == "long":
        rows = [[headings["proposal"], headings["judge"], headings["criterion"], headings["score"]]]
        rows += [
            [called(p, PROPOSALS, way, n), called(j, JUDGES, way, n + 1), criterion_name(c), cell(p, j, c)]
            for n, (p, j) in enumerate(named)
            for c in criteria
        ]
    elif way.shape == "criteria":
        rows = [[headings["proposal"], headings["judge"], *map(criterion_name, criteria)]]
        rows += [
            [called(p, PROPOSALS, way, n), called(j, JUDGES, way, n + 1), *(cell(p, j, c) for c in criteria)]
            for n, (p, j) in enumerate(named)
        ]
    elif way.shape == "sheets":
        return {
            judge_name(j): [
                [headings["proposal"], *map(criterion_name, criteria)],
                *([called(p, PROPOSALS, way, n), *(cell(p, j, c) for c in criteria)] for n, p in enumerate(proposals)),
            ]
            for j in judges
        }
    elif way.shape == "slots":
        rows = [
            [headings["proposal"], *(word for n in range(1, len(judges) + 1) for word in (f"Judge {n}", f"Score {n}"))]
        ]
        for n, p in enumerate(proposals):
            turned = judges[n % len(judges) :] + judges[: n % len(judges)]
            rows.append(
                [called(p, PROPOSALS, way, n), *(v for j in turned for v in (judge_name(j), cell(p, j, criteria[0])))]
            )
    elif way.shape == "proposals":
        rows = [[headings["judge"], *proposals]]
        rows += [
            [called(j, JUDGES, way, n), *(cell(p, j, criteria[0]) for p in proposals)] for n, j in enumerate(judges)
        ]
    elif way.shape == "judges":
        rows = [[headings["proposal"], *map(judge_name, judges)]]
        rows += [
            [called(p, PROPOSALS, way, n), *(cell(p, j, criteria[0]) for j in judges)] for n, p in enumerate(proposals)
        ]
    else:
        pairs = [(j, c) for c in criteria for j in judges]
        if way.shape == "two rows":
            rows = [
                [headings["proposal"], *(criterion_name(c) if j == judges[0] else None for j, c in pairs)],
                [None, *(judge_name(j) for j, _ in pairs)],
            ]
        else:
            rows = [[headings["proposal"], *(f"{criterion_name(c)} - {judge_name(j)}" for j, c in pairs)]]
        rows += [[called(p, PROPOSALS, way, n), *(cell(p, j, c) for j, c in pairs)] for n, p in enumerate(proposals)]
    return {"Scores": rows}


def decorated(rows: list[list[Any]], way: Way) -> list[list[Any]]:
    """Return rows with what people put around a table."""
    n_headings = 2 if way.shape == "two rows" else 1
    rows = [list(row) for row in rows]
    if way.has_total and way.shape in ("judges", "criteria", "both"):
        for number, row in enumerate(rows):
            row.append("Total" if number == 0 else "" if way.spelling != "plain" else 21)
    if way.has_extra:
        for number, row in enumerate(rows):
            row.insert(0, "No." if number == n_headings - 1 else None if number < n_headings else number)
    if way.has_blank_row and len(rows) > n_headings + 2:
        rows.insert(n_headings + 1, [])
    titles: list[list[Any]] = [["Open Data Challenge - First screening"], ["Printed 15 July"], []][: way.titles]
    return titles + rows


def written(way: Way, sheets: dict[str, list[list[Any]]]) -> tuple[bytes, str] | None:
    """Return the file; None when this container cannot hold it."""
    if way.container == "xlsx":
        book = Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in decorated(rows, way):
                sheet.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue(), "scores.xlsx"
    if len(sheets) > 1:
        return None
    if way.container == "xlsb":
        return binary_workbook(decorated(next(iter(sheets.values())), way)), "scores.xlsb"
    separator = {"csv;": ";", "sep=": ";", "tsv": "\t", "utf-16": "\t"}.get(way.container, ",")
    text = io.StringIO()
    if way.container == "sep=":
        text.write("sep=;\r\n")
    csv.writer(text, delimiter=separator).writerows(decorated(next(iter(sheets.values())), way))
    encoding = way.container if way.container in ("utf-16", "gb18030", "big5hkscs", "cp1252") else "utf-8"
    try:
        return text.getvalue().encode(encoding), "scores.tsv" if way.container == "tsv" else "scores.csv"
    except UnicodeEncodeError:
        return None


def result_of(table: ReadTable) -> Scores | None:
    """Return the scores that would be stored, None when the reader asks or refuses."""
    if table.questions or table.complaints:
        return None
    only = "innovation"
    return {
        (row.values["proposal"], row.values["judge"], row.values.get("criterion", only)): float(row.values["score"])
        for row in table.rows
        if "score" in row.values
    }


def named_again(scores: Scores, way: Way) -> Scores:
    """Return scores read without a roster under the keys."""
    judges = {name: key for key, name in JUDGES.items()} | {key.lower(): key for key in JUDGES}
    proposals = {name: key for key, name in PROPOSALS.items()} | {key.lower(): key for key in PROPOSALS}
    criteria = {name: key for key, name in CRITERIA.items()}
    return {(proposals.get(p, p), judges.get(j, j), criteria.get(c, c)): score for (p, j, c), score in scores.items()}


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(way=ways, true=true_tables())
def test_a_true_table_is_read_back_equal_or_asked_about(way: Way, true: tuple[str, list[str], Scores]) -> None:
    scale, criteria, scores = true
    if way.shape in ("slots", "proposals", "judges"):
        # These shapes hold one criterion.
        criteria = criteria[:1]
        scores = {place: score for place, score in scores.items() if place[2] in criteria}
    if len({place[0] for place in scores}) < 2 or len({place[1] for place in scores}) < 2:
        return
    criteria = [criterion for criterion in criteria if any(place[2] == criterion for place in scores)]
    file = written(way, sheets_of(way, scale, criteria, scores))
    if file is None:
        return
    low, high, step = SCALES[scale]
    known = {
        "roster": Known(
            kind="scores",
            judges=Names({key: [name] for key, name in JUDGES.items()}),
            proposals=Names({key: [name] for key, name in PROPOSALS.items()}),
            criteria=Names({key: [CRITERIA[key]] for key in criteria}),
            scales={key: MarkScale(minimum=low, maximum=high, step=step) for key in criteria},
        ),
        "scale": Known(kind="scores", scale=MarkScale(minimum=low, maximum=high, step=step)),
        "nothing": Known(kind="scores"),
    }
    for name, what in known.items():
        try:
            table = read_file(*file, what)
        except InvalidInput:
            event(f"{name}: refused")
            continue
        found = result_of(table)
        event(f"{name}: {'asked' if found is None else 'read'}")
        if found is None:
            continue
        if name != "roster":
            found = named_again(found, way)
            if len(criteria) == 1:
                found = {(p, j, criteria[0]): score for (p, j, _), score in found.items()}
        else:
            found = {(p, j, c if len(criteria) > 1 else criteria[0]): score for (p, j, c), score in found.items()}
        assert found == scores, (name, way, [str(note) for note in table.notes])
