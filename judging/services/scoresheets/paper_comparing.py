"""What several people typed from one scoresheet on paper: when it is the same, and where it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from itertools import combinations
from typing import Any

from judging.incoming_text import normalised
from judging.schemas.scoresheets import SheetContent
from judging.services.people.independence import Lineage, are_independent

EMPTY, TYPED_ONCE, DIFFERENT, COUNTS = "empty", "typed_once", "different", "counts"
"""Nobody has typed it; one person has; two have, and not the same; two independent people have typed the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """The newest typing of one person; ``n_typed`` counts the typings of this person, corrections included."""

    number: int
    typed_by: int
    name: str
    typed_at: datetime
    sheet: SheetContent
    n_typed: int = 1


@dataclass(frozen=True, slots=True)
class PaperDifference:
    """A field that was not typed the same by everybody: its name as in the schema, and each person's value."""

    field: str
    values: tuple[str, ...]


def to_stored(sheet: SheetContent) -> dict[str, Any]:
    """Return a scoresheet as plain data."""
    return {**asdict(sheet), "scores": dict(sheet.scores), "comments": dict(sheet.comments)}


def from_stored(content: dict[str, Any]) -> SheetContent:
    """Return the scoresheet of plain data."""
    return SheetContent(**{one.name: content[one.name] for one in fields(SheetContent) if one.name in content})


def state_of(typings: Sequence[Typing], lineage: Lineage) -> str:
    """Return how far a scoresheet on paper is."""
    if not typings:
        return EMPTY
    if agreeing(typings, lineage) is not None:
        return COUNTS
    return TYPED_ONCE if len(typings) == 1 or not differences_of(typings) else DIFFERENT


def agreeing(typings: Sequence[Typing], lineage: Lineage) -> tuple[Typing, Typing] | None:
    """Return the first two typings that are the same and of independent people, in the order of typing."""
    ordered = sorted(typings, key=lambda typing: typing.number)
    for first, second in combinations(ordered, 2):
        if _compared(first.sheet) == _compared(second.sheet) and are_independent(
            lineage, first.typed_by, second.typed_by
        ):
            return first, second
    return None


def differences_of(typings: Sequence[Typing]) -> list[PaperDifference]:
    """Return the fields that were not typed the same by everybody."""
    compared = [_compared(typing.sheet) for typing in typings]
    names = dict.fromkeys(name for values in compared for name in values)
    return [
        PaperDifference(name, tuple(values.get(name, "") for values in compared))
        for name in names
        if len({values.get(name, "") for values in compared}) > 1
    ]


def _compared(sheet: SheetContent) -> dict[str, str]:
    """Return the fields that are not empty as text; spaces, line ends and widths of characters do not count."""
    values: dict[str, object] = {f"scores.{key}": f"{value:.10g}" for key, value in sheet.scores.items()}
    values |= {f"comments.{key}": text for key, text in sheet.comments.items()}
    names = ("comment", "chair_note", "justification", "language", "confidence")
    values |= {name: getattr(sheet, name) for name in names}
    values["identity_revealed"] = "1" if sheet.identity_revealed else ""
    unified = {name: " ".join(normalised(str(value), "NFKC").split()) for name, value in values.items() if value}
    return {name: text for name, text in unified.items() if text}
