"""Columns such as ``Judge 1, Score 1, Judge 2, Score 2``: who scored stands beside each score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.shapes.columns import Assigned, HeadedColumn
from judging.incoming_tables.texts.headings import fields_of, plain, split_pairs
from judging.incoming_tables.texts.synonyms import FIELDS

_INDEXED: Final = re.compile(r"(.*?)\s*#?(\d{1,3})\s*(\D*)")
# `Judge A`, `Judge A score`, `评委甲`
_LETTERED: Final = re.compile(
    r"(.*?(?:\s|(?<=[\u3400-\u9fff])))([a-h一二三四五六七八九甲乙丙丁戊己])(?:\s+(\D*)|(?=[\u3400-\u9fff]*$)(\D*))"
)
_LETTERS: Final = "abcdefgh", "一二三四五六七八九", "甲乙丙丁戊己"
_MOST: Final = 0.8
_SCORE_TIER: Final = 2


def find_slots(columns: Sequence[HeadedColumn], known: Known) -> Assigned | None:
    """Return the uses of columns such as ``Judge 1, Score 1, Judge 2, Score 2``, None when there are none."""
    stems: dict[str, dict[int, HeadedColumn]] = {}
    for column in columns:
        if (indexed := _indexed(plain(column.heading))) is not None:
            stem, index = indexed
            stems.setdefault(stem, {}).setdefault(index, column)
    meanings: dict[str, list[str]] = {}
    for stem, by_index in stems.items():
        if len(by_index) >= 2 and (name := _meaning(stem, by_index, known)) is not None:
            meanings.setdefault(name, []).append(stem)
    scores, people = meanings.get("score", []), meanings.get("judge", []) + meanings.get("proposal", [])
    if len(scores) != 1 or len(people) != 1 or set(stems[scores[0]]) != set(stems[people[0]]):
        return None
    person = "judge" if meanings.get("judge") else "proposal"
    assigned = Assigned()
    for name, found in meanings.items():
        if name in ("score", person, "comment", "scored_at") and len(found) == 1:
            for index, column in stems[found[0]].items():
                assigned.uses[column.number] = Use(name, slot=index)
    return assigned


def _indexed(heading: str) -> tuple[str, int] | None:
    """Return the words of a heading such as ``judge 2 score`` without its number, and the number."""
    if (match := _INDEXED.fullmatch(heading)) is not None and (match[1] or match[3]):
        return " ".join(f"{match[1]} {match[3]}".split()), int(match[2])
    if (match := _LETTERED.fullmatch(heading)) is not None:
        index = next(letters.index(match[2]) for letters in _LETTERS if match[2] in letters) + 1
        return " ".join(f"{match[1]} {match[3] or match[4] or ''}".split()), index
    return None


def _meaning(stem: str, by_index: Mapping[int, HeadedColumn], known: Known) -> str | None:
    filled = [column for column in by_index.values() if not column.is_empty]
    roster: tuple[tuple[str, Names | None], ...] = (("judge", known.judges), ("proposal", known.proposals))
    for name, names in roster:
        if names and filled and all(column.share_of(names) >= _MOST for column in filled):
            return name
    found = [name for name, _ in fields_of("scores", stem) if name in FIELDS["scores"]]
    if not found:
        # `Judge 1 score` beside `Judge 1`
        found = [
            name
            for first, second in split_pairs(stem)
            for name, tier in fields_of("scores", second)
            if tier <= _SCORE_TIER and "judge" in (who for who, _ in fields_of("scores", first)[:1])
        ]
    if not found:
        return None
    if found[0] == "judge" and filled and known.judges is None and all(column.is_numeric for column in filled):
        # `Judge 1, Judge 2` above numbers are the judges' scores, unless a column of scores stands beside each.
        return "judge"
    return found[0]
