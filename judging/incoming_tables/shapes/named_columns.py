"""Columns of scores whose headings name a judge, a criterion or a proposal that roster or rubric know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import BY_HEADING, Use
from judging.incoming_tables.shapes.columns import HeadedColumn
from judging.incoming_tables.shapes.heading_names import criterion_name, judge_name
from judging.incoming_tables.shapes.plain_fields import given_columns
from judging.incoming_tables.texts.headings import fields_of, match_name, split_pairs


def named_columns(columns: Sequence[HeadedColumn], known: Known) -> dict[int, Use]:
    """Return the columns whose headings name a judge, a criterion or a proposal that is known, alone or together."""
    given, _ = given_columns(columns, known)
    taken = {column.number for column in given.values()}
    named: dict[int, Use] = {}
    for column in columns:
        if column.number in taken or not column.heading:
            continue
        use = _named(column.heading, known)
        if use is None:
            continue
        own_field = fields_of("scores", column.heading)
        if own_field and not use.criterion and not column.is_numeric:
            continue
        named[column.number] = use
    return named


def _named(heading: str, known: Known) -> Use | None:
    for first, second in split_pairs(heading):
        use = _pair(first, second, known) or _pair(second, first, known)
        if use is not None:
            return use
    for name, names in (("judge", known.judges), ("criterion", known.criteria), ("proposal", known.proposals)):
        if names and (key := match_name(heading, names.of_headings)) is not None:
            return _use_of({name: key})
    return None


def _use_of(parts: Mapping[str, str], field: str = "score") -> Use:
    return Use(field, parts.get("judge", ""), parts.get("criterion", ""), parts.get("proposal", ""))


def _pair(first: str, second: str, known: Known) -> Use | None:
    """Return the use of a heading of two parts, such as a judge and a criterion, or a criterion and `comment`."""
    parts: dict[str, str] = {}
    for name, names in (("judge", known.judges), ("criterion", known.criteria), ("proposal", known.proposals)):
        if names and (key := match_name(first, names.of_headings)) is not None:
            parts = {name: key}
            break
    if not parts:
        return None
    for name, names in (("criterion", known.criteria), ("judge", known.judges)):
        if name not in parts and names and (key := match_name(second, names.of_headings)) is not None:
            return _use_of({**parts, name: key})
    meaning = fields_of("scores", second)
    if meaning and meaning[0][0] in ("score", "comment") and meaning[0][1] <= 2:
        return _use_of(parts, meaning[0][0])
    return None


def by_heading(use: Use, column: HeadedColumn, known: Known) -> Use:
    """Return a use in which the judge, criterion or proposal that the heading names stands for ``BY_HEADING``."""
    named = {"judge": known.judges, "criterion": known.criteria, "proposal": known.proposals}
    parts = {}
    for name, names in named.items():
        value = getattr(use, name)
        if value == BY_HEADING:
            key = match_name(column.heading, names.of_headings) if names else None
            value = key or (judge_name(column) if name == "judge" else criterion_name(column))
        parts[name] = value
    return replace(use, **parts)
