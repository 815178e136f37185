"""Rows and cells that hold no entry: totals, lines below the table, cells with nothing above them, merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.cells import RawCell, RawRow, letters_of
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.questions import Question, digest_of_cells
from judging.incoming_tables.shapes.table_finding import Candidate
from judging.incoming_tables.texts.headings import without_scale
from judging.incoming_tables.texts.spelling import folded_script
from judging.incoming_tables.texts.synonyms import TOTAL_ROWS, TOTALS

_KEYS: Final = ("proposal", "judge", "key")
_SENTENCE: Final = re.compile(
    r"^\D*[:：。]\D*$|^[*※†]|^(?:note|remark|signature|註|注|备注|備註)\b|.{60}", re.IGNORECASE
)
_LINE: Final = re.compile(r":?[-=_+]{3,}:?")
# What Excel's subtotals write below each group: `P001 Total`, `P001 汇总`.
_SUBTOTAL: Final = re.compile(r".+\s(?:total|average|count|sum|max|min)|.+?\s?(?:汇总|小计|合计|平均值|计数)")


def fills_of(candidate: Candidate) -> dict[int, dict[int, RawCell]]:
    """Return, by row, the values of merged cells that begin above it."""
    merged = [area for area in candidate.sheet.merged if area[2] > area[0] > candidate.heading_rows[1]]
    tops = {area[0] for area in merged}
    values = {row.number: row.cells for row in candidate.sheet.rows if row.number in tops}
    fills: dict[int, dict[int, RawCell]] = {}
    for first, column, last, _ in merged:
        cell = values.get(first, {}).get(column)
        if cell is not None:
            for number in range(first + 1, last + 1):
                fills.setdefault(number, {})[column] = cell
    return fills


def is_total_row(cells: Mapping[int, RawCell], uses: Mapping[int, Use], known: Known) -> bool:
    """Return whether a row is computed from the others: its first key says so, and nobody is called that.

    The word may also stand in a column that is left out, when the row has no key.
    """
    keys = [number for number, use in uses.items() if use.field in _KEYS]
    if keys and not any(number in cells for number in keys):
        return any(_says_total(cell.text) for number, cell in cells.items() if number not in uses)
    if any(number not in cells for number in keys) and any(
        _SUBTOTAL.fullmatch(folded_script(cells[number].text)) for number in keys if number in cells
    ):
        return True
    for name in _KEYS:
        names = known.proposals if name == "proposal" else known.judges if name == "judge" else None
        for number, use in uses.items():
            cell = cells.get(number)
            if use.field != name or cell is None:
                continue
            if _says_total(cell.text) and (names is None or names.find(cell.text) is None):
                return True
    return False


@lru_cache(maxsize=20_000)
def _says_total(text: str) -> bool:
    return folded_script(without_scale(text)) in TOTAL_ROWS


def computed_rows(
    candidate: Candidate, uses: Mapping[int, Use], known: Known, answers: Mapping[str, str], taken: Taken
) -> frozenset[int]:
    """Return the rows whose key is a word such as ``Max`` or ``Rank``, where at least two of these words stand.

    One alone may be a name: that is asked.
    """
    keys = [(number, use.field) for number, use in uses.items() if use.field in _KEYS]
    words: dict[str, list[int]] = {}
    for row in candidate.sheet.rows:
        for number, name in keys:
            cell = row.cells.get(number)
            names = known.proposals if name == "proposal" else known.judges if name == "judge" else None
            if row.number <= candidate.heading_rows[1] or cell is None or (names is not None and names.find(cell.text)):
                continue
            word = folded_script(without_scale(cell.text))
            if word in TOTALS or word in TOTAL_ROWS:
                words.setdefault(word, []).append(row.number)
    rows = frozenset(row for rows in words.values() for row in rows)
    if len(words) != 1 or len(rows) > 1 or words.keys() <= TOTAL_ROWS:
        return rows if len(words) > 1 else frozenset()
    word, only = next(iter(words)), next(iter(rows))
    question = f"computed-{digest_of_cells([(word, only)])}"
    if question not in answers:
        taken.questions.append(
            Question(
                name=question,
                text=Message("Row {row} is called “{word}”: is that a name?", row=only, word=word),
                answers={
                    "computed": Message("no, it is computed or a limit: leave it out"),
                    "name": Message("yes, somebody or something is called so"),
                },
            )
        )
    # With a roster nobody is called so, as long as no person says it.
    has_roster = known.proposals is not None and known.judges is not None
    return rows if answers.get(question, "computed" if has_roster else "") == "computed" else frozenset()


def is_ruled_line(cells: Iterable[RawCell]) -> bool:
    """Return whether a row only draws a line, as below the headings of a table in an e-mail."""
    texts = [cell.text for cell in cells]
    return len(texts) > 1 and all(_LINE.fullmatch(text) for text in texts)


def is_footer(used: Mapping[int, RawCell], uses: Mapping[int, Use]) -> bool:
    """Return whether a row below a gap is a remark: only one cell, and no score."""
    return len(used) == 1 and len(uses) > 1 and not any(uses[number].field == "score" for number in used)


def is_remark(cells: Mapping[int, RawCell], used: Mapping[int, RawCell], uses: Mapping[int, Use]) -> bool:
    """Return whether a row is one sentence, such as `Signature: ...`, and no name: nothing else stands beside it."""
    return len(cells) == 1 and is_footer(used, uses) and _SENTENCE.search(next(iter(used.values())).text) is not None


def complain_beside(
    candidate: Candidate, row: RawRow, cells: Mapping[int, RawCell], complaints: Complaints, name: str
) -> None:
    """Complain about a row whose cells stand below no heading."""
    headed = {column.number for column in candidate.columns if column.heading}
    if not set(cells) & headed:
        number = min(cells)
        complaints.add(name, row.number, letters_of(number), Message("There is nothing above this cell."))


def complain_beyond(candidate: Candidate, row: RawRow, last: int, complaints: Complaints, name: str) -> None:
    """Complain about cells to the right of the headings: a decimal comma may have split a score into two cells."""
    beyond = [number for number in row.cells if number > last]
    if beyond and not candidate.sheet.merged:
        complaints.add(
            name,
            row.number,
            letters_of(beyond[0]),
            Message("There is nothing above this cell. If a comma inside a number made it, save the file as .xlsx."),
        )
