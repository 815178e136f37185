"""Find the table on a sheet: its heading rows, whatever stands above, and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from judging.incoming_tables.containers.cells import NO_VALUE, NUMBER, PERCENT, RawCell, RawRow, RawSheet
from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.shapes.columns import Assigned, HeadedColumn, column_of
from judging.incoming_tables.shapes.plain_fields import assign_plain
from judging.incoming_tables.shapes.score_columns import assign_scores
from judging.incoming_tables.texts.headings import fields_of, forms, is_judge_like, is_total, plain
from judging.incoming_tables.texts.number_texts import read_number_text
from judging.incoming_tables.texts.spelling import folded
from judging.incoming_tables.texts.synonyms import REQUIRED

# Rows in which a heading is looked for, and rows below it that show what the columns hold.
_ROWS_TRIED: Final = 40
_SAMPLE: Final = 60
_MOST_HEADING_ROWS: Final = 3
_LONGEST_HEADING: Final = 300
_NUMBERS: Final = frozenset(("number", "either", "percent"))


@dataclass(frozen=True, eq=False)
class Candidate:
    """One way to see a table on a sheet."""

    sheet: RawSheet
    heading_rows: tuple[int, int]
    columns: tuple[HeadedColumn, ...]
    assigned: Assigned
    title: Mapping[str, str] = field(default_factory=dict)

    @property
    def quality(self) -> tuple[float, ...]:
        """Return how much of what is needed was found; the larger the better."""
        scores = self.assigned.n_scores
        return (
            -self.is_numeric,
            -len(self.assigned.missing),
            -self.has_no_score,
            -self.assigned.n_repeated,
            -len(self.assigned.questions),
            len(self.assigned.fields) + min(scores, 40) / 100,
            -(self.heading_rows[1] - self.heading_rows[0]),
            -self.heading_rows[0] / 1e6,
        )

    @property
    def is_numeric(self) -> bool:
        """Return whether the row of headings is more likely a row of data: numbers stand in it."""
        headings = [column.heading for column in self.columns if column.heading]
        n_numbers = sum(read_number_text(heading).kind in ("number", "percent") for heading in headings)
        return n_numbers > 0.3 * len(headings)

    @property
    def has_no_score(self) -> bool:
        """Return whether no column of scores holds a number: then the row of headings is more likely another one."""
        uses = self.assigned.uses
        scores = [column for column in self.columns if column.number in uses and uses[column.number].field == "score"]
        return bool(scores) and not any(column.share_of_numbers for column in scores)

    @property
    def is_complete(self) -> bool:
        """Return whether every required field has a column."""
        return not self.assigned.missing

    @property
    def lacks_only_judge(self) -> bool:
        """Return whether only the judge is missing, whom the title of the sheet may name."""
        return self.assigned.missing == ("judge",)

    @property
    def lacks_only_proposal(self) -> bool:
        """Return whether only the proposal is missing, which the title of the sheet may name."""
        return self.assigned.missing == ("proposal",)


def find_table(
    sheet: RawSheet, known: Known, answers: Mapping[str, str], heading_rows: tuple[int, int] | None = None
) -> Candidate | None:
    """Return the best way to see a table on a sheet, None when there is no row that could be a heading.

    Parameters
    ----------
    sheet : RawSheet
    known : Known
    answers : mapping of str to str
    heading_rows : (first, last), optional
        When a person named them.
    """
    best: Candidate | None = None
    rows = sheet.rows
    for index, row in enumerate(islice(rows, None) if heading_rows else islice(rows, _ROWS_TRIED)):
        if heading_rows is not None and row.number != heading_rows[0]:
            continue
        for n_rows in range(1, _MOST_HEADING_ROWS + 1):
            block = rows[index : index + n_rows]
            if len(block) < n_rows or block[-1].number - block[0].number != n_rows - 1:
                break
            if heading_rows is not None and block[-1].number != heading_rows[1]:
                continue
            if n_rows > 1 and heading_rows is None and not _may_be_heading(block, sheet):
                break
            candidate = _candidate(sheet, block, rows[index + n_rows : index + n_rows + _SAMPLE], known, answers, index)
            if best is None or candidate.quality > best.quality:
                best = candidate
    return best


def is_heading_again(row: RawRow, candidate_headings: Mapping[int, str]) -> bool:
    """Return whether a row repeats the headings, as on every printed page; headings are given folded."""
    if row.cells.keys() != candidate_headings.keys():
        return False
    return all(folded(cell.text) == candidate_headings[column] for column, cell in row.cells.items())


def is_other_heading(row: RawRow, known: Known) -> bool:
    """Return whether a row looks like the headings of another table: words of every required field, and no number."""
    if any(cell.kind in (NUMBER, PERCENT) for cell in row.cells.values()) or len(row.cells) < 2:
        return False
    fields = {name for cell in row.cells.values() for name, tier in fields_of(known.kind, cell.text) if tier <= 2}
    people = [cell for cell in row.cells.values() if is_judge_like(cell.text) or _is_named(cell.text, known.judges)]
    if known.kind == "scores":
        return "proposal" in fields and (len({"judge", "score"} & fields) == 2 or len(people) >= 2)
    return set(REQUIRED[known.kind]) <= fields and len(fields) >= 2


def _is_named(text: str, names: Names | None) -> bool:
    return names is not None and any(form in names.of_headings for form in forms(text))


def _candidate(
    sheet: RawSheet,
    block: Sequence[RawRow],
    below: Sequence[RawRow],
    known: Known,
    answers: Mapping[str, str],
    index: int,
) -> Candidate:
    headings = headings_of(block, sheet)
    width = max((column for row in (*block, *below) for column in row.cells), default=0)
    columns = tuple(
        column_of(number, headings.get(number, ""), (row.cells.get(number) for row in below))
        for number in range(1, width + 1)
    )
    title = _title(sheet.rows[:index])
    if known.kind == "scores":
        if title.get("judge") and known.judges is None:
            # The judge is named above the table, so its columns are criteria.
            answers = {"columns": "criteria", **answers}
        assigned = assign_scores(columns, known, answers)
    else:
        assigned = assign_plain(columns, known, answers, REQUIRED[known.kind])
    rows = (block[0].number, block[-1].number)
    return Candidate(sheet, rows, columns, assigned, title)


def headings_of(block: Sequence[RawRow], sheet: RawSheet) -> dict[int, str]:
    """Return the heading of each column; of several rows from top to bottom, those of merged cells for each column."""
    top = _spread(block, sheet)
    numbers = sorted({column for row in top for column in row})
    found = {}
    for number in numbers:
        parts = dict.fromkeys(row[number] for row in top if row.get(number))
        found[number] = "\n".join(parts)[:_LONGEST_HEADING]
    return found


def _spread(block: Sequence[RawRow], sheet: RawSheet) -> list[dict[int, str]]:
    rows: list[dict[int, str]] = []
    merged = {(r1, c1): (r2, c2) for r1, c1, r2, c2 in sheet.merged}
    for index, row in enumerate(block):
        texts = {column: cell.text for column, cell in row.cells.items() if cell.kind != NO_VALUE}
        below = set(block[index + 1].cells) if index + 1 < len(block) else set()
        spread: dict[int, str] = {}
        for column, text in texts.items():
            spread[column] = text
            _, last = merged.get((row.number, column), (0, 0))
            if not last and not sheet.merged and below:
                # In a text file the heading above several columns stands above the first of them.
                last = column
                while last + 1 not in texts and last + 1 in below:
                    last += 1
            for other in range(column + 1, last + 1):
                spread[other] = text
        rows.append(spread)
    return rows


def _may_be_heading(block: Sequence[RawRow], sheet: RawSheet) -> bool:
    """Return whether several rows can be one heading: no numbers, and gaps or merged cells in an upper one."""
    if any(read_number_text(cell.text).kind in _NUMBERS for row in block for cell in row.cells.values()):
        return False
    last = block[-1]
    if all(len(row.cells) >= len(last.cells) and len(row.cells) > 1 for row in block[:-1]) and not sheet.merged:
        # A complete row above: what follows is data.
        return any(len(row.cells) < len(last.cells) for row in block[:-1])
    return len(last.cells) >= 2


def _title(above: Sequence[RawRow]) -> dict[str, str]:
    """Return what the lines above a table say, such as ``Judge: Chan Tai Man``: field -> value."""
    found: dict[str, str] = {}
    for row in above:
        cells = [cell for _, cell in sorted(row.cells.items())]
        for index, cell in enumerate(cells):
            name, sign, value = cell.text.replace("：", ":").partition(":")
            following = cells[index + 1].text if index + 1 < len(cells) else ""
            said = value.strip() if sign and value.strip() else following
            meaning = [field_name for field_name, tier in fields_of("scores", name) if tier == 1]
            named = meaning[0] if meaning and said and not is_total(said) and plain(said) != plain(name) else ""
            if named in ("judge", "proposal"):
                found.setdefault(named, said)
    return found


def texts_of(row: RawRow) -> dict[int, RawCell]:
    """Return the cells of a row in the order of their columns."""
    return dict(sorted(row.cells.items()))
