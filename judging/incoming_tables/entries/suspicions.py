"""Marks that must not be counted without a look: far above all others, far below the scale, split by a comma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.number_formats import number_text
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import LEFT_OUT
from judging.incoming_tables.questions import Question, digest_of_cells, listed
from judging.incoming_tables.shapes.columns import is_left_out
from judging.incoming_tables.shapes.recognising import Recognised

_GAP: Final = 3.0
_TIMES_MEDIAN: Final = 5.0
_LEAST_MARKS: Final = 5
_MOST_DECIMALS: Final = 2


def settle_large(taken: Taken, known: Known, answers: Mapping[str, str]) -> None:
    """Ask about marks that are several times larger than all others, such as 85 among 8.5 and 9."""
    by_criterion: dict[str, list[FileEntry]] = {}
    for entry in taken.entries:
        if "score" in entry.values:
            by_criterion.setdefault(entry.values.get("criterion", ""), []).append(entry)
    large: list[FileEntry] = []
    for criterion, entries in by_criterion.items():
        scale = known.scale_of(criterion)
        large += [entry for entry in _large(entries) if scale is None or scale.contains(float(entry.values["score"]))]
    if not large:
        return
    question = "large-" + digest_of_cells((entry.row, entry.column, entry.values["score"]) for entry in large)
    if answers.get(question) == "right":
        taken.notes.append(Message("{n} scores far above all others are used as they are", n=len(large)))
        return
    taken.questions.append(
        Question(
            name=question,
            text=Message(
                "Some scores are several times larger than all others: {cells}. Are they right?",
                cells=listed([f"{entry.values['score']} ({entry.row})" for entry in large]),
            ),
            answers={"right": Message("they are right")},
        )
    )


def settle_small(taken: Taken, known: Known, answers: Mapping[str, str]) -> None:
    """Ask when every mark is in the lowest tenth of its scale: marks out of 10 on a scale from 0 to 100."""
    scored = [entry for entry in taken.entries if "score" in entry.values]
    values = [(float(entry.values["score"]), known.scale_of(entry.values.get("criterion", ""))) for entry in scored]
    if len(scored) < _LEAST_MARKS or answers.get("scale") == "right":
        return
    if any(scale is None or scale.minimum != 0 or value > scale.maximum / 10 for value, scale in values):
        return
    highest = max(value for value, _ in values)
    end = max(scale.maximum for _, scale in values if scale is not None)
    if highest == 0:
        return
    taken.questions.append(
        Question(
            name="scale",
            text=Message(
                "No score is above {highest}, and the scale ends at {end}. Are they on that scale?",
                highest=number_text(highest),
                end=number_text(end),
            ),
            answers={"right": Message("they are right")},
        )
    )


def _large(entries: Sequence[FileEntry]) -> list[FileEntry]:
    if len(entries) < _LEAST_MARKS:
        return []
    ordered = sorted(entries, key=lambda entry: float(entry.values["score"]))
    values = [float(entry.values["score"]) for entry in ordered]
    median = values[len(values) // 2]
    for index in range(max(1, len(values) - max(1, len(values) // 20)), len(values)):
        below, value = values[index - 1], values[index]
        if below > 0 and value >= _GAP * below and value >= _TIMES_MEDIAN * median:
            return list(ordered[index:])
    return []


def settle_split(taken: Taken, recognised: Recognised) -> None:
    """Ask whether a comma inside numbers has split them: 8,5 without quotation marks is 8 and a comment of 5."""
    for candidate in recognised.candidates:
        uses = candidate.assigned.uses
        for column in candidate.columns:
            before = uses.get(column.number - 1)
            use = uses.get(column.number, LEFT_OUT)
            if before is None or before.field != "score" or use.field not in ("", "comment") or not column.cells:
                continue
            # A column that is left out and filled in every row is something of its own.
            is_full = len(column.cells) >= max(len(other.cells) for other in candidate.columns)
            if not use.field and is_full and {cell.text for cell in column.cells} != {"0", "5"}:
                continue
            question = f"split-{digest_of_cells((cell.text,) for cell in column.cells)}"
            if is_left_out(column) or recognised.mapping.answers.get(question) == "right":
                continue
            if all(cell.text.isdecimal() and len(cell.text) <= _MOST_DECIMALS for cell in column.cells):
                taken.questions.append(
                    Question(
                        name=question,
                        text=Message(
                            "Column {column} has only whole numbers, beside scores: has a comma split 8,5 in two?",
                            column=column.name,
                        ),
                        answers={"right": Message("no, the columns are right")},
                    )
                )
