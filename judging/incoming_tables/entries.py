"""Turn the rows of a table, in whatever shape, into entries: a score, judge, team, proposal or assignment each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from judging.errors import Message
from judging.incoming_tables import cells as kinds
from judging.incoming_tables.cells import Cell, RawRow, letters_of
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.headings import without_scale
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import Question, Use
from judging.incoming_tables.number_texts import is_missing
from judging.incoming_tables.recognising import Recognised
from judging.incoming_tables.spelling import folded, folded_script
from judging.incoming_tables.synonyms import TOTAL_ROWS
from judging.incoming_tables.table_finding import Candidate, is_heading_again, is_other_heading

_TIMES: Final = "scored_at"
_KEYS: Final = ("proposal", "judge", "key")
# Fields whose cells are texts: a date there is a text that Excel has changed.
_ID_LIKE: Final = frozenset(("proposal", "judge", "key", "team", "name", "title", "team_name", "criterion"))


@dataclass(slots=True)
class Entry:
    """One score, or one judge, team, proposal or assignment, with its place.

    Attributes
    ----------
    sheet : str
        Empty when the file has only one.
    row : int
    column : str
        Where its score stands: ``score``, or the heading of a judge's or criterion's column.
    values : dict of str to str
        Field -> text.
    mark : Cell or None
        The cell of the score.
    moment : Cell or None
        The cell of the time.
    """

    sheet: str
    row: int
    column: str
    values: dict[str, str]
    mark: Cell | None = None
    moment: Cell | None = None


@dataclass(slots=True)
class Taken:
    """All entries of a file, and what was noticed on the way."""

    entries: list[Entry] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    n_empty: int = 0


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
    fills = _fills(candidate)
    last_heading = max((number for number, heading in headings.items() if heading), default=0)
    for row in candidate.sheet.rows:
        if row.number <= candidate.heading_rows[1]:
            continue
        gap = gap or row.number > before + 1
        before = row.number
        if is_heading_again(row, folded_headings):
            again.append(row.number)
            continue
        if is_other_heading(row, known):
            if "table" in recognised.mapping.answers:
                taken.notes.append(Message("row {row} begins another table, which is not read", row=row.number))
            else:
                taken.questions.append(_other_table(candidate, row))
            break
        cells = {**fills.get(row.number, {}), **row.cells}
        used = {number: cells[number] for number in uses if number in cells}
        if _is_total(used, uses, known):
            totals.append(row.number)
            continue
        if not used:
            if gap or len(cells) == 1:
                footers.append(row.number)
            else:
                _complain_beside(candidate, row, cells, complaints, name)
            continue
        if gap and _is_footer(used, uses):
            footers.append(row.number)
            continue
        _complain_beyond(candidate, row, last_heading, complaints, name)
        taken.entries.extend(_entries(row.number, used, uses, headings, constants, complaints, name, taken))
    _note_rows(taken, totals, Message("left out as a total: row {rows}", rows=_rows(totals)))
    _note_rows(taken, again, Message("left out as headings repeated: row {rows}", rows=_rows(again)))
    _note_rows(taken, footers, Message("left out as a line below the table: row {rows}", rows=_rows(footers)))


def _rows(rows: list[int]) -> str:
    return ", ".join(map(str, rows[:5])) + (f" (+{len(rows) - 5})" if len(rows) > 5 else "")


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


def _fills(candidate: Candidate) -> dict[int, dict[int, Cell]]:
    """Return, by row, the values of merged cells that begin above it."""
    merged = [area for area in candidate.sheet.merged if area[2] > area[0] > candidate.heading_rows[1]]
    tops = {area[0] for area in merged}
    values = {row.number: row.cells for row in candidate.sheet.rows if row.number in tops}
    fills: dict[int, dict[int, Cell]] = {}
    for first, column, last, _ in merged:
        cell = values.get(first, {}).get(column)
        if cell is not None:
            for number in range(first + 1, last + 1):
                fills.setdefault(number, {})[column] = cell
    return fills


def _is_total(used: Mapping[int, Cell], uses: Mapping[int, Use], known: Known) -> bool:
    """Return whether a row is computed from the others: its first key says so, and nobody is called that."""
    for name in _KEYS:
        names = known.proposals if name == "proposal" else known.judges if name == "judge" else None
        for number, use in uses.items():
            cell = used.get(number)
            if use.field != name or cell is None:
                continue
            if _says_total(cell.text) and (names is None or names.find(cell.text) is None):
                return True
    return False


@lru_cache(maxsize=20_000)
def _says_total(text: str) -> bool:
    return folded_script(without_scale(text)) in TOTAL_ROWS


def _is_footer(used: Mapping[int, Cell], uses: Mapping[int, Use]) -> bool:
    """Return whether a row below a gap is a remark: only one cell, and no score."""
    return len(used) == 1 and len(uses) > 1 and not any(uses[number].field == "score" for number in used)


def _complain_beside(
    candidate: Candidate, row: RawRow, cells: Mapping[int, Cell], complaints: Complaints, name: str
) -> None:
    headed = {column.number for column in candidate.columns if column.heading}
    if not set(cells) & headed:
        number = min(cells)
        complaints.add(name, row.number, letters_of(number), Message("There is nothing above this cell."))


def _complain_beyond(candidate: Candidate, row: RawRow, last: int, complaints: Complaints, name: str) -> None:
    """Complain about cells to the right of the headings: a decimal comma may have split a score into two cells."""
    beyond = [number for number in row.cells if number > last]
    if beyond and not candidate.sheet.merged:
        complaints.add(
            name,
            row.number,
            letters_of(beyond[0]),
            Message("There is nothing above this cell. If a comma inside a number made it, save the file as .xlsx."),
        )


def _entries(
    number: int,
    used: Mapping[int, Cell],
    uses: Mapping[int, Use],
    headings: Mapping[int, str],
    constants: Mapping[str, str],
    complaints: Complaints,
    name: str,
    taken: Taken,
) -> Iterator[Entry]:
    shared = dict(constants)
    moment = None
    scores: list[tuple[int, Use]] = [(column, use) for column, use in uses.items() if use.field == "score"]
    is_wide = any(use.judge or use.criterion or use.proposal or use.slot for _, use in scores)
    comments: dict[tuple[str, str, str, int], str] = {}
    slots: dict[int, dict[str, str]] = {}
    for column, cell in used.items():
        use = uses[column]
        if use.field == "score":
            continue
        if use.field == _TIMES:
            moment = cell
            continue
        text = _text(cell, use, number, complaints, name)
        if text is None:
            continue
        if use.slot:
            slots.setdefault(use.slot, {})[use.field] = text
        elif use.field == "comment" and (use.judge or use.criterion or use.proposal):
            comments[use.judge, use.criterion, use.proposal, 0] = text
        else:
            shared[use.field] = text
    if not scores:
        yield Entry(name, number, "", shared, None, moment)
        return
    given = 0
    overall = shared.pop("comment", None) if is_wide and not all(use.slot for _, use in scores) else None
    for column, use in scores:
        score = used.get(column)
        own = {**shared, **slots.get(use.slot, {})}
        own |= {key: value for key in ("judge", "criterion", "proposal") if (value := getattr(use, key))}
        comment = comments.get((use.judge, use.criterion, use.proposal, 0))
        if comment is not None:
            own["comment"] = comment
        if score is None and is_wide and not comment:
            if use.slot and "judge" in slots.get(use.slot, {}):
                taken.n_empty += 1
            continue
        given += 1
        label = "score" if not is_wide else headings.get(column, "").partition("\n")[0][:40] or letters_of(column)
        yield Entry(name, number, label, own, score, moment)
    if overall is not None or (given == 0 and is_wide):
        # The comment on the whole sheet, or a proposal that nobody has scored.
        values = dict(shared)
        if overall is not None:
            values["comment"] = overall
        first = scores[0][1]
        if given == 0:
            values |= {key: value for key in ("judge", "proposal") if (value := getattr(first, key))}
        if overall is None or ("judge" in values and "proposal" in values):
            yield Entry(name, number, "comment" if overall is not None else "", values, None, moment)


def _text(cell: Cell, use: Use, number: int, complaints: Complaints, name: str) -> str | None:
    """Return the text of a cell that is no score and no time; None when it is missing or was complained about."""
    if cell.kind == kinds.NO_VALUE:
        complaints.add(name, number, use.field, no_stored_value())
        return None
    if cell.kind == kinds.ERROR:
        if cell.text != "#N/A":
            complaints.add(name, number, use.field, Message("The cell shows the error {error}.", error=cell.text))
        return None
    if cell.kind in (kinds.DATE, kinds.TIME) and use.field in _ID_LIKE:
        complaints.add(
            name,
            number,
            use.field,
            Message(
                "This is the date {date}: Excel has made it of what was typed. Make the column text and retype it.",
                date=cell.text,
            ),
        )
        return None
    if use.field in ("judge", "proposal") and is_missing(cell.text):
        return None
    return cell.text


def no_stored_value() -> Message:
    """Return the complaint about a formula that was never computed."""
    return Message(
        "The formula has no stored value. Open the workbook in Excel or LibreOffice, save it there, and use that copy."
    )
