"""A judge's own scoresheets of a round in one table: order, ties, and what can be submitted at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from judging.schemas.scoresheets import complaints_on_submit
from judging.services.scoresheets.queues import SUBMITTED, Entry, RoundQueue
from judging.services.scoresheets.versions import IMPORTED, Version


@dataclass(frozen=True, slots=True)
class ReadySheet:
    """A scoresheet that is complete, and not submitted as it is."""

    entry: Entry
    version: Version


@dataclass(frozen=True, slots=True)
class OwnGrid:
    """The rows in order, the totals that several proposals have, and the number of sheets that can be submitted."""

    entries: tuple[Entry, ...]
    tied: frozenset[str]
    n_ready: int


def grid_of(shown: RoundQueue, by: str) -> OwnGrid:
    """Return the table of a round, by key of the proposal, or from the highest total or score on a criterion down.

    Proposals without the score are last; equal ones are by key.
    """
    criteria = shown.rules.rubric.keys

    def value(entry: Entry) -> float | None:
        if by == "total":
            return entry.total
        return entry.version.sheet.scores.get(by) if entry.version is not None and by in criteria else None

    def place(entry: Entry) -> tuple[float, str]:
        found = value(entry)
        return (float("inf") if found is None else -found, entry.proposal.key)

    totals = Counter(_rounded(entry) for entry in shown.to_score if entry.total is not None)
    tied = {entry.proposal.key for entry in shown.to_score if totals[_rounded(entry)] > 1}
    return OwnGrid(tuple(sorted(shown.to_score, key=place)), frozenset(tied), len(ready_sheets(shown)))


def ready_sheets(shown: RoundQueue) -> list[ReadySheet]:
    """Return the scoresheets that can be submitted: complete, justified where needed, and typed by the judge."""
    if not shown.is_open:
        return []
    return [
        ReadySheet(entry, entry.version)
        for entry in shown.to_score
        if entry.version is not None
        and entry.state != SUBMITTED
        and entry.version.source != IMPORTED
        and not complaints_on_submit(shown.rules.rubric, entry.version.sheet)
    ]


def _rounded(entry: Entry) -> float | None:
    return None if entry.total is None else round(entry.total, 6)
