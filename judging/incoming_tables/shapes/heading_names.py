"""Judges and criteria that headings name, where neither roster nor rubric knows them."""

from __future__ import annotations

from collections.abc import Sequence

from judging.incoming_tables.shapes.columns import HeadedColumn
from judging.incoming_tables.texts.headings import (
    bracketed,
    fields_of,
    is_judge_like,
    plain,
    split_pairs,
    without_scale,
)


def criterion_name(column: HeadedColumn) -> str:
    """Return the criterion that a heading names, on one line."""
    return " ".join((bracketed(column.heading) or without_scale(column.heading)).split())


def judge_name(column: HeadedColumn) -> str:
    """Return the judge that a heading names, without the word score beside the name."""
    item = bracketed(column.heading)
    name = item or without_scale(column.heading)
    for first, second in split_pairs(column.heading if item else name):
        for who, what in ((first, second), (second, first)):
            meaning = fields_of("scores", what)
            if meaning and meaning[0][0] == "score" and is_judge_like(who):
                return who
    return " ".join(name.split())


def is_score_of_judge(column: HeadedColumn) -> bool:
    """Return whether a heading is a word for a score together with something that looks like a judge."""
    return any(
        (meaning := fields_of("scores", what))[:1] and meaning[0][0] == "score" and is_judge_like(who)
        for first, second in split_pairs(column.heading)
        for who, what in ((first, second), (second, first))
    )


def full_grid(free: Sequence[HeadedColumn]) -> dict[HeadedColumn, tuple[str, str]] | None:
    """Return judge and criterion of each heading, when all headings together are a full table of the two."""
    readings: list[list[tuple[str, str]]] = [list(split_pairs(column.heading)) for column in free]
    if not free or not all(readings):
        return None
    for turned in (False, True):
        pairs: dict[HeadedColumn, tuple[str, str]] = {}
        for column, found in zip(free, readings, strict=True):
            for first, second in found:
                judge, criterion = (second, first) if turned else (first, second)
                if is_judge_like(judge) and not is_judge_like(criterion) and not fields_of("scores", criterion):
                    pairs[column] = (judge, criterion)
                    break
        judges = {plain(judge) for judge, _ in pairs.values()}
        criteria = {plain(criterion) for _, criterion in pairs.values()}
        cells = {(plain(judge), plain(criterion)) for judge, criterion in pairs.values()}
        if len(cells) == len(free) == len(judges) * len(criteria) and len(judges) >= 2:
            return pairs
    return None
