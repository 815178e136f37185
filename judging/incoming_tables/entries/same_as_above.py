"""Keys that stand once above several rows: ditto marks are read, empty cells asked about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.cells import RawCell
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.entries.other_rows import is_total_row
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.questions import Question, digest_of_cells, listed
from judging.incoming_tables.shapes.table_finding import Candidate
from judging.incoming_tables.texts.spelling import folded_script

_DITTO: Final = frozenset(
    [
        '"',
        "''",
        "″",
        "”",
        "“",
        "〃",
        '-"-',
        "ditto",
        "do.",
        "same",
        "same as above",
        "as above",
        "idem",
        "↑",
        "同上",
        "如上",
    ]
)
# Names above groups leave at least so many cells empty; fewer are more likely forgotten.
_LEAST_EMPTY: Final = 0.4


def fill_from_above(
    candidate: Candidate,
    uses: Mapping[int, Use],
    merged: Mapping[int, Mapping[int, RawCell]],
    known: Known,
    answers: Mapping[str, str],
    taken: Taken,
) -> dict[int, dict[int, RawCell]]:
    """Return, by row, the keys that stand in a row above it.

    ``merged`` has the cells that are filled already. Only tables with a column of judges and one of proposals are
    filled: elsewhere a row without its key may be a total.
    """
    keys = {number: use.field for number, use in uses.items() if use.field in ("judge", "proposal") and not use.slot}
    scores = [number for number, use in uses.items() if use.field == "score"]
    fills: dict[int, dict[int, RawCell]] = {}
    if sorted(keys.values()) != ["judge", "proposal"]:
        return fills
    for column, name in keys.items():
        other = next(number for number in keys if number != column)
        above: RawCell | None = None
        n_named = 0
        dittos: dict[int, RawCell] = {}
        empty: dict[int, RawCell] = {}
        for row in candidate.sheet.rows:
            if row.number <= candidate.heading_rows[1] or column in merged.get(row.number, {}):
                continue
            cell = row.cells.get(column)
            if cell is not None and folded_script(cell.text) not in _DITTO:
                above, n_named = cell, n_named + 1
            elif above is None:
                continue
            elif cell is not None:
                dittos[row.number] = above
            elif (
                other in row.cells
                and any(number in row.cells for number in scores)
                and not is_total_row(row.cells, uses, known)
            ):
                empty[row.number] = above
        if dittos:
            taken.notes.append(
                Message(
                    "marks such as {mark} mean the {field} above: row {rows}",
                    mark="〃",
                    field=Message(name),
                    rows=listed([str(number) for number in dittos]),
                )
            )
        if len(empty) < 2 or len(empty) < _LEAST_EMPTY * (n_named + len(dittos) + len(empty)):
            empty = {}
        if empty:
            _ask(empty, name, answers, taken)
        for number, cell in (dittos | empty).items():
            fills.setdefault(number, {})[column] = cell
    return fills


def _ask(empty: Mapping[int, RawCell], name: str, answers: Mapping[str, str], taken: Taken) -> None:
    question = f"above-{name}-{digest_of_cells((number, cell.text) for number, cell in empty.items())}"
    rows = listed([str(number) for number in empty])
    if answers.get(question) == "same":
        taken.notes.append(Message("empty cells mean the {field} above: row {rows}", field=Message(name), rows=rows))
        return
    taken.questions.append(
        Question(
            name=question,
            text=Message(
                "The {field} is empty in {n} rows (row {rows}): is it the one above?",
                field=Message(name),
                n=len(empty),
                rows=rows,
            ),
            answers={"same": Message("yes, the same as above")},
        )
    )
