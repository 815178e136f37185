"""A judge's own earlier scores on each criterion of a round, to compare while scoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judging import tables
from judging.services.scoresheets.queues import RoundQueue
from judging.web.judge.sheet_form import shown


@dataclass(frozen=True, slots=True)
class SameScore:
    """One value that the judge has given on a criterion, and the proposals that got it, by key."""

    value: str
    proposals: tuple[tables.Proposal, ...]


def scores_so_far(round_queue: RoundQueue, but: str) -> Mapping[str, tuple[SameScore, ...]]:
    """Return the judge's own scores of a round by criterion, highest first; nobody else's.

    Parameters
    ----------
    round_queue : RoundQueue
        The judge's own assignments with their newest versions; those given back do not count.
    but : str
        The key of the proposal that is being scored: it is left out.
    """
    given: dict[str, dict[float, list[tables.Proposal]]] = {key: {} for key in round_queue.rules.rubric.keys}
    for entry in sorted(round_queue.to_score, key=lambda entry: entry.proposal.key):
        if entry.version is None or entry.proposal.key == but:
            continue
        for key, value in entry.version.sheet.scores.items():
            given[key].setdefault(value, []).append(entry.proposal)
    return {
        key: tuple(
            SameScore(shown(value), tuple(proposals)) for value, proposals in sorted(values.items(), reverse=True)
        )
        for key, values in given.items()
    }
