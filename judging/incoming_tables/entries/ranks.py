"""Ranks in place of scores: recognised and asked about, and turned round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.number_formats import number_text
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.questions import Question
from judging.incoming_tables.texts.headings import fields_of

_LEAST_RANKED: Final = 3
_LEAST_RANKED_ALONE: Final = 5
_RANK_TIER: Final = 4


def settle_ranks(taken: Taken, known: Known, mapping: TableMapping) -> None:
    """Ask whether numbers are ranks, where every judge gave 1, 2, 3 and so on; turn them round when they are."""
    answer = mapping.answers.get("ranks")
    scored = [entry for entry in taken.entries if "score" in entry.values]
    if not scored:
        return
    if answer == "lower":
        _turn_round(taken, scored, known)
    elif answer != "higher" and (taken.has_ranks or _are_ranks(scored) or _is_headed_as_rank(mapping)):
        taken.questions.append(
            Question(
                name="ranks",
                text=Message("Each judge gave 1, 2, 3 and so on once. Are these ranks, so that 1 is the best?"),
                answers={
                    "lower": Message("ranks: lower is better"),
                    "higher": Message("scores: higher is better"),
                },
            )
        )


def _is_headed_as_rank(mapping: TableMapping) -> bool:
    return any(
        ("score", _RANK_TIER) in fields_of("scores", column.heading)
        for column in mapping.columns
        if column.use.field == "score"
    )


def _are_ranks(scored: Sequence[FileEntry]) -> bool:
    by_judge: dict[tuple[str, str], list[float]] = {}
    for entry in scored:
        place = (entry.values.get("judge", ""), entry.values.get("criterion", ""))
        by_judge.setdefault(place, []).append(float(entry.values["score"]))
    long_enough = [values for values in by_judge.values() if len(values) >= _LEAST_RANKED]
    if not long_enough or (len(long_enough) == 1 and len(long_enough[0]) < _LEAST_RANKED_ALONE):
        return False
    return all(_is_ranking(values) for values in by_judge.values() if len(values) > 1) and len(long_enough) * 2 >= len(
        by_judge
    )


def _is_ranking(values: Sequence[float]) -> bool:
    """Return whether values are 1..n, with ties as people write them: 1, 2, 2, 4 or 1, 2.5, 2.5, 4."""
    ordered = sorted(values)
    if ordered[0] == ordered[-1]:
        return False
    lowest = {value: ordered.index(value) + 1 for value in ordered}
    mean = {value: lowest[value] + (ordered.count(value) - 1) / 2 for value in ordered}
    return ordered in ([float(lowest[value]) for value in ordered], [mean[value] for value in ordered])


def _turn_round(taken: Taken, scored: Sequence[FileEntry], known: Known) -> None:
    ends: dict[str, tuple[float, float]] = {}
    for entry in scored:
        criterion, value = entry.values.get("criterion", ""), float(entry.values["score"])
        scale = known.scale_of(criterion)
        low, high = ends.get(criterion, (value, value))
        ends[criterion] = (scale.minimum, scale.maximum) if scale is not None else (min(low, value), max(high, value))
    for entry in scored:
        low, high = ends[entry.values.get("criterion", "")]
        entry.values["score"] = number_text(round(low + high - float(entry.values["score"]), 10))
    low, high = next(iter(ends.values()))
    taken.notes.append(
        Message(
            "Lower is better here: each number is turned round, so that {low} becomes {high}.",
            low=number_text(low),
            high=number_text(high),
        )
    )
