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
    for first, second in split_pairs(name):
        meaning = fields_of("scores", second)
        if meaning and meaning[0][0] == "score" and is_judge_like(first):
            return first
    return " ".join(name.split())


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
