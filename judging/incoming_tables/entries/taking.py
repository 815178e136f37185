"""Turn the rows of a table, in whatever shape, into entries: a score, judge, team, proposal or assignment each."""

from __future__ import annotations

from collections.abc import Mapping

from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.cells import RawRow
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.entries.other_rows import (
    complain_beside,
    complain_beyond,
    computed_rows,
    fills_of,
    is_footer,
    is_remark,
    is_ruled_line,
    is_total_row,
)
from judging.incoming_tables.entries.row_entries import entries_of_row
from judging.incoming_tables.entries.same_as_above import fill_from_above
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.recognising import Recognised
from judging.incoming_tables.shapes.table_finding import Candidate, is_heading_again, is_other_heading
from judging.incoming_tables.texts.headings import plain
from judging.incoming_tables.texts.spelling import folded


def take_entries(recognised: Recognised, known: Known, complaints: Complaints) -> Taken:
    """Return the entries of every table that was recognised."""
    taken = Taken()
    several = len(recognised.candidates) > 1
    for candidate in recognised.candidates:
        constants = recognised.constants.get(candidate.sheet.name, {})
        _take_table(candidate, constants, known, recognised, complaints, taken, candidate.sheet.name if several else "")
    return taken


def _take_table(
    candidate: Candidate,
    constants: Mapping[str, str],
    known: Known,
    recognised: Recognised,
    complaints: Complaints,
    taken: Taken,
    name: str,
) -> None:
    uses = {number: use for number, use in candidate.assigned.uses.items() if use.field}
    headings = {column.number: column.heading for column in candidate.columns}
    totals: list[int] = []
    footers: list[int] = []
    again: list[int] = []
    folded_headings = {column: folded(heading) for column, heading in headings.items() if heading}
    before = candidate.heading_rows[1]
    gap = False
    fills = fills_of(candidate)
    above = fill_from_above(candidate, uses, fills, known, recognised.mapping.answers, taken)
    computed = computed_rows(candidate, uses, known, recognised.mapping.answers, taken)
    last_heading = max((number for number, heading in headings.items() if heading), default=0)
    for row in candidate.sheet.rows:
        if row.number <= candidate.heading_rows[1]:
            continue
        gap = gap or row.number > before + 1
        before = row.number
        if is_heading_again(row, folded_headings):
            again.append(row.number)
            continue
        if is_other_heading(row, known) or _begins_again(row, uses, headings):
            if "table" in recognised.mapping.answers:
                taken.notes.append(Message("row {row} begins another table, which is not read", row=row.number))
            else:
                taken.questions.append(_other_table(candidate, row))
            break
        if is_ruled_line(row.cells.values()):
            continue
        cells = {**fills.get(row.number, {}), **row.cells, **above.get(row.number, {})}
        used = {number: cells[number] for number in uses if number in cells}
        if row.number in computed or is_total_row(cells, uses, known):
            totals.append(row.number)
            continue
        if not used:
            if gap or len(cells) == 1:
                footers.append(row.number)
            else:
                complain_beside(candidate, row, cells, complaints, name)
            continue
        if (gap and is_footer(used, uses)) or (known.kind == "scores" and is_remark(cells, used, uses)):
            footers.append(row.number)
            continue
        complain_beyond(candidate, row, last_heading, complaints, name)
        taken.entries.extend(entries_of_row(row.number, used, uses, headings, constants, complaints, name, taken))
    _note_rows(taken, totals, Message("left out as a total: row {rows}", rows=_rows(totals)))
    _note_rows(taken, again, Message("left out as headings repeated: row {rows}", rows=_rows(again)))
    _note_rows(taken, footers, Message("left out as a line below the table: row {rows}", rows=_rows(footers)))


def _begins_again(row: RawRow, uses: Mapping[int, Use], headings: Mapping[int, str]) -> bool:
    """Return whether a row has the headings of the keys again, above other columns."""
    keys = [number for number, use in uses.items() if use.field in ("proposal", "judge") and number in row.cells]
    return bool(keys) and all(plain(row.cells[number].text) == plain(headings[number]) for number in keys)


def _rows(rows: list[int]) -> str:
    return Listed(map(str, rows), most=5)


def _note_rows(taken: Taken, rows: list[int], note: Message) -> None:
    if rows:
        taken.notes.append(note)


def _other_table(candidate: Candidate, row: RawRow) -> Question:
    first = candidate.heading_rows[0]
    return Question(
        name="table",
        text=Message(
            "There are two tables: headings in row {first} and in row {second}. Which one?",
            first=first,
            second=row.number,
        ),
        answers={
            str(number): Message("the table with its headings in row {row}", row=number)
            for number in (first, row.number)
        },
    )  # fmt: skip
