"""Which column is the proposal, the judge, the score or another plain field, by headings and content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from judging.errors import Listed, Message
from judging.incoming_tables.containers.cells import letters_of
from judging.incoming_tables.field_words import word_of
from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.mapping import LEFT_OUT, Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.columns import NAME_PARTS, Assigned, HeadedColumn
from judging.incoming_tables.texts.headings import bracketed, fields_of, plain
from judging.incoming_tables.texts.synonyms import FIELDS

_SAYS_KEY: Final = frozenset(["id", "no", "number", "code", "key", "编号", "号", "代号", "代码"])
_MOST: Final = 0.8


def given_columns(columns: Sequence[HeadedColumn], known: Known) -> tuple[dict[str, HeadedColumn], list[str]]:
    """Return the columns that a person named by their heading, and the fields whose heading is missing or repeated."""
    found: dict[str, HeadedColumn] = {}
    wrong = []
    for name, heading in known.headings.items():
        same = [column for column in columns if column.heading == heading] or [
            column for column in columns if plain(column.heading) == plain(heading)
        ]
        if len(same) == 1:
            found[name] = same[0]
        else:
            wrong.append(name)
    return found, wrong


def candidates(
    kind: str, columns: Iterable[HeadedColumn], names: Iterable[str]
) -> dict[str, dict[int, list[HeadedColumn]]]:
    """Return, by field and certainty, the columns whose heading names it; 0 is the most certain."""
    found: dict[str, dict[int, list[HeadedColumn]]] = {name: {} for name in names}
    for column in columns:
        for name, tier in fields_of(kind, column.heading) or fields_of(kind, bracketed(column.heading)):
            if name in found and not (name == "judge" and column.is_anonymous):
                found[name].setdefault(tier, []).append(column)
    return found


def choose(name: str, same: Sequence[HeadedColumn], names: Names | None, answer: str | None) -> HeadedColumn | Question:
    """Return the one of several columns that is meant, or the question which."""
    if len(same) == 1:
        return same[0]
    by_letters = {letters_of(column.number): column for column in same}
    if answer in by_letters:
        return by_letters[answer]
    if names is not None:
        shares = sorted(
            ((column.share_of(names), -column.number, column) for column in same), key=lambda item: item[:2]
        )
        if shares[-1][0] >= _MOST and shares[-1][0] > shares[-2][0]:
            return shares[-1][2]
    if name in ("proposal", "judge", "key"):
        keyed = [column for column in same if _SAYS_KEY & set(plain(column.heading).split()) or _ends_as_key(column)]
        if len(keyed) == 1:
            return keyed[0]
    filled = [column for column in same if not column.is_empty]
    if len(filled) == 1:
        return filled[0]
    if name in ("comment", "scored_at", "category"):
        # They are optional: of several that are equally likely none is used.
        return same[0] if name == "comment" else filled[-1] if filled else same[0]
    return Question(
        name=f"column-{name}",
        text=Message(
            "Columns {columns} could each be the {field}: which one is it?",
            columns=Listed(column.name for column in same),
            field=word_of(name),
        ),
        answers={letters: Message("column {column}", column=column.name) for letters, column in by_letters.items()},
    )


def _ends_as_key(column: HeadedColumn) -> bool:
    return plain(column.heading).endswith(("编号", "号", "代号", "代码"))


def assign_plain(
    columns: Sequence[HeadedColumn], known: Known, answers: Mapping[str, str], required: Sequence[str]
) -> Assigned:
    """Return the uses of a table with one row for each judge, team, proposal or assignment."""
    assigned = Assigned()
    given, wrong = given_columns(columns, known)
    for name, column in given.items():
        assigned.uses[column.number] = Use(name)
    names_of = {"judge": known.judges, "proposal": known.proposals}
    free = [column for column in columns if column.number not in assigned.uses]
    tiers = candidates(known.kind, free, (name for name in FIELDS[known.kind] if name not in given))
    # All fields choose among the most certain headings first: `Name` is a title only when no column is called title.
    for tier in range(6):
        for name, of_field in tiers.items():
            same = [column for column in of_field.get(tier, ()) if column.number not in assigned.uses]
            if not same or name in assigned.fields:
                continue
            chosen = choose(name, same, names_of.get(name), answers.get(f"column-{name}"))
            if isinstance(chosen, Question):
                assigned.questions.append(chosen)
                for column in same:
                    assigned.uses.setdefault(column.number, LEFT_OUT)
                assigned.uses[same[0].number] = Use(name)
            else:
                assigned.uses[chosen.number] = Use(name)
    own = {use.field for use in assigned.uses.values()}
    if own & NAME_PARTS and (not own >= NAME_PARTS or ("name" if known.kind == "judges" else "judge") in own):
        assigned.without_name_parts()
    assigned.missing = tuple(name for name in (*required, *wrong) if name not in assigned.fields)
    return assigned
