"""Comparison of the cells of a bundle's workbook with their expected values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.competition import Competition
from judging.rubric import Rubric
from judging.workbook import headings as h
from judging.workbook.cell_list import Cells, CellValue, TableRow, named_rows, table_of

TOLERANCE = 1e-9

# Columns of the ranking that contain a number of the run unchanged, by the English of their heading.
_COLUMNS: Mapping[str, Callable[[ProposalResult], float | None]] = {
    h.RANK.en: lambda row: row.rank,
    h.RANK_LOW.en: lambda row: row.rank_low,
    h.RANK_HIGH.en: lambda row: row.rank_high,
    h.CALIBRATED.en: lambda row: row.calibrated,
    h.STANDARD_ERROR.en: lambda row: row.standard_error,
    h.RAW.en: lambda row: row.raw,
    h.ADDITIVE.en: lambda row: row.additive,
    h.N_JUDGES.en: lambda row: row.n_judges,
    h.DISAGREEMENT.en: lambda row: row.disagreement,
    h.P_SHORTLIST.en: lambda row: row.p_shortlist,
}


def compare_cells(old: Cells, new: Cells) -> Iterator[str]:
    """Yield ``Sheet!A1: old became new`` for every cell that differs.

    Numbers may differ by the tolerance: a workbook that was opened and saved again can lose a last digit.
    """
    for place in dict.fromkeys((*old, *new)):
        before, after = old.get(place), new.get(place)
        if before != after and not _same_number(before, after):
            yield f"{place[0]}!{place[1]}: {_text_of(before)} became {_text_of(after)}"


def check_ranking_cells(cells: Cells, report: Report) -> tuple[int, list[str]]:
    """Return how many cells of the ranking were compared with a run's result, and those that differ."""
    rows = {row.values[h.PROPOSAL.en].value: row for row in table_of(cells, h.RANKING, h.PROPOSAL) if _has_key(row)}
    n_cells, wrong = 0, []
    for entry in report.proposals:
        row = rows.pop(entry.proposal, None)
        if row is None:
            wrong.append(f"{h.RANKING.en}: {entry.proposal} is missing")
            continue
        for heading, value_of in _COLUMNS.items():
            if heading not in row.addresses:
                continue
            n_cells += 1
            found, expected = row.values.get(heading), value_of(entry)
            if not _has_value(found, expected):
                where = f"{h.RANKING.en}!{row.addresses[heading]} ({entry.proposal}, {heading})"
                wrong.append(f"{where}: {_text_of(found)}, run.json has {expected}")
    wrong += [f"{h.RANKING.en}: {key} is not in run.json" for key in rows]
    return n_cells, wrong


def check_score_cells(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    cells: Cells,
    rubric: Rubric,
    competition: Competition | None,
    *,
    of: str,
) -> Iterator[str]:
    """List rows of ratings.csv that contradict the sheet of scores, and scores that only one of the two has."""
    table = named_rows(table_of(cells, h.SCORES, h.PROPOSAL), h.PROPOSAL.en, h.JUDGE.en)
    # A criterion with a name in only one language has a heading in that language.
    headings = {one.key: next(iter(one.name.by_language.values()), one.key) for one in rubric.criteria}
    seen: set[tuple[str, str, str]] = set()
    for number, row in rows:
        key = (row["proposal"], row["judge"])
        if not row["criterion"]:
            continue
        place = f"row {number} ({row['proposal']} · {row['judge']} · {row['criterion']})"
        heading = headings.get(row["criterion"])
        sheet = table.get(key)
        if heading is None or sheet is None or heading not in sheet.addresses:
            yield f"{place}: {row['score']} stands in no cell of {of}"
            continue
        seen.add((*key, row["criterion"]))
        where = f"{h.SCORES.en}!{sheet.addresses[heading]}"
        found = sheet.values.get(heading)
        if not _has_value(found, _number(row["score"])):
            yield f"{place}: {row['score']}, {of} has {_text_of(found)} ({where})"
        yield from _check_time(place, row["scored_at"], sheet, competition, of=of)
    for (proposal, judge), sheet in table.items():
        for criterion, heading in headings.items():
            if heading in sheet.values and (proposal, judge, criterion) not in seen:
                held = f"{_text_of(sheet.values[heading])} ({h.SCORES.en}!{sheet.addresses[heading]})"
                yield f"no row for {proposal} · {judge} · {criterion}: {of} has {held}"


def _check_time(place: str, text: str, sheet: TableRow, competition: Competition | None, *, of: str) -> Iterator[str]:
    found = sheet.values.get(h.SAVED_AT.en)
    if found is None or competition is None:
        return
    local = datetime.fromisoformat(text).astimezone(competition.zone).replace(tzinfo=None)
    # A workbook stores times as fractions of days, exact to some milliseconds.
    if abs((local - datetime.fromisoformat(found.value)).total_seconds()) > 1:
        yield f"{place}, scored_at: {text}, {of} has {found.value} ({h.SCORES.en}!{sheet.addresses[h.SAVED_AT.en]})"


def _has_key(row: TableRow) -> bool:
    return h.PROPOSAL.en in row.values


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _has_value(found: CellValue | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    number = _number(found.value) if found.kind == "number" else None
    return number is not None and math.isclose(number, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _same_number(one: CellValue | None, other: CellValue | None) -> bool:
    if one is None or other is None or not one.kind == other.kind == "number":
        return False
    return math.isclose(float(one.value), float(other.value), rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _text_of(value: CellValue | None) -> str:
    return "nothing" if value is None else value.value[:120]
