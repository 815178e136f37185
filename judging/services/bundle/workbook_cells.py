"""Comparison of the cells of a bundle's workbook with the values that they should have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.competition import CompetitionRules
from judging.rubric import Rubric
from judging.workbook import headings as h
from judging.workbook.cell_list import Cells, CellValue, TableRow, named_rows, table_of

TOLERANCE = 1e-9

# The columns of the ranking with an unrounded number of the run, by the English heading.
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

    Numbers may differ by the tolerance, because saving a workbook again may change the last digit.
    """
    for place in dict.fromkeys((*old, *new)):
        before, after = old.get(place), new.get(place)
        if before != after and not _same_number(before, after):
            yield f"{place[0]}!{place[1]}: {_displayed(before)} became {_displayed(after)}"


def check_ranking_cells(cells: Cells, report: Report) -> tuple[int, list[str]]:
    """Return how many cells of the ranking were compared with a run's result, and those that differ."""
    rows = {row.values[h.PROPOSAL.en].value: row for row in table_of(cells, h.RANKING, h.PROPOSAL) if _has_key(row)}
    n_cells, differing = 0, []
    for entry in report.proposals:
        row = rows.pop(entry.proposal, None)
        if row is None:
            differing.append(f"{h.RANKING.en}: {entry.proposal} is missing")
            continue
        for heading, value_of in _COLUMNS.items():
            if heading not in row.addresses:
                continue
            n_cells += 1
            cell, expected = row.values.get(heading), value_of(entry)
            if not _has_value(cell, expected):
                address = f"{h.RANKING.en}!{row.addresses[heading]} ({entry.proposal}, {heading})"
                differing.append(f"{address}: {_displayed(cell)}, run.json has {expected}")
    differing += [f"{h.RANKING.en}: {key} is not in run.json" for key in rows]
    return n_cells, differing


def check_score_cells(
    rows: Sequence[tuple[int, Mapping[str, str]]],
    cells: Cells,
    rubric: Rubric,
    competition: CompetitionRules | None,
    *,
    of: str,
) -> Iterator[str]:
    """Report rows of ratings.csv that the sheet of scores contradicts, and scores that only one of the two contains."""
    table = named_rows(table_of(cells, h.SCORES, h.PROPOSAL), h.PROPOSAL.en, h.JUDGE.en)
    # A criterion with a name in one language only has that name as its heading.
    headings = {
        criterion.key: next(iter(criterion.name.by_language.values()), criterion.key) for criterion in rubric.criteria
    }
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
        address = f"{h.SCORES.en}!{sheet.addresses[heading]}"
        cell = sheet.values.get(heading)
        if not _has_value(cell, _number(row["score"])):
            yield f"{place}: {row['score']}, {of} has {_displayed(cell)} ({address})"
        yield from _check_time(place, row["scored_at"], sheet, competition, of=of)
    for (proposal, judge), sheet in table.items():
        for criterion, heading in headings.items():
            if heading in sheet.values and (proposal, judge, criterion) not in seen:
                cell_text = f"{_displayed(sheet.values[heading])} ({h.SCORES.en}!{sheet.addresses[heading]})"
                yield f"no row for {proposal} · {judge} · {criterion}: {of} has {cell_text}"


def _check_time(
    place: str, text: str, sheet: TableRow, competition: CompetitionRules | None, *, of: str
) -> Iterator[str]:
    saved_at = sheet.values.get(h.SAVED_AT.en)
    if saved_at is None or competition is None:
        return
    local = datetime.fromisoformat(text).astimezone(competition.zone).replace(tzinfo=None)
    # A workbook stores a time as a fraction of a day, with a precision of some milliseconds.
    if abs((local - datetime.fromisoformat(saved_at.value)).total_seconds()) > 1:
        yield f"{place}, scored_at: {text}, {of} has {saved_at.value} ({h.SCORES.en}!{sheet.addresses[h.SAVED_AT.en]})"


def _has_key(row: TableRow) -> bool:
    return h.PROPOSAL.en in row.values


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _has_value(cell: CellValue | None, expected: float | None) -> bool:
    if cell is None or expected is None:
        return cell is None and expected is None
    number = _number(cell.value) if cell.kind == "number" else None
    return number is not None and math.isclose(number, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _same_number(one: CellValue | None, other: CellValue | None) -> bool:
    if one is None or other is None or not one.kind == other.kind == "number":
        return False
    return math.isclose(float(one.value), float(other.value), rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _displayed(value: CellValue | None) -> str:
    return "nothing" if value is None else value.value[:120]
