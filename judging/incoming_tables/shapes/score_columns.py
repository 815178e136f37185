"""The columns of a table of scores, in whatever shape: long, by judge, by criterion, by both, by proposal, in slots."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from judging.errors import Listed, Message
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import LEFT_OUT, Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.columns import Assigned, HeadedColumn, is_left_out
from judging.incoming_tables.shapes.heading_names import is_score_of_judge
from judging.incoming_tables.shapes.named_columns import named_columns
from judging.incoming_tables.shapes.plain_fields import assign_plain
from judging.incoming_tables.shapes.slots import find_slots
from judging.incoming_tables.shapes.unnamed_columns import assign_unnamed
from judging.incoming_tables.texts.headings import fields_of, is_judge_like
from judging.incoming_tables.texts.synonyms import REQUIRED

_NUMBERED_ALIKE: Final = re.compile(r"(\D*)\d+")
_MOST: Final = 0.8
# Words of a field count as a column of scores only when nothing better is there: totals and ranks.
_LAST_TIERS: Final = (3, 4)


def assign_scores(columns: Sequence[HeadedColumn], known: Known, answers: Mapping[str, str]) -> Assigned:
    """Return the uses of the columns of a table of scores."""
    slots = find_slots(columns, known)
    if slots is not None:
        rest = [column for column in columns if column.number not in slots.uses]
        fixed = assign_plain(rest, replace(known, headings=_without(known, slots)), answers, ())
        # Of the other columns only those that describe the whole row count.
        row_fields = {"proposal", "judge", "criterion", "scored_at", "category"} - slots.fields
        slots.uses |= {number: use for number, use in fixed.uses.items() if use.field in row_fields}
        return _finished(slots)
    named = named_columns(columns, known)
    of_a_judge = [column.number for column in columns if is_score_of_judge(column)]
    set_aside = {*named, *(of_a_judge if len(of_a_judge) > 1 else ())}
    free = [column for column in columns if column.number not in set_aside]
    assigned = _assign_fields(free, columns, known, answers)
    if _are_judges_columns(columns, named):
        # The first and last names are those of contestants.
        assigned.without_name_parts()
    has = assigned.fields
    of_criteria = {number: use for number, use in named.items() if use.criterion and not use.judge and not use.proposal}
    of_judges = {number: use for number, use in named.items() if use.judge}
    of_proposals = {number: use for number, use in named.items() if use.proposal}
    if of_judges and "judge" not in has:
        assigned = _without_fields(assigned, ("score", "judge"))
        assigned.uses |= of_judges
        _ask_about_unknown(assigned, columns, "judge", answers)
    elif of_proposals and "proposal" not in has:
        assigned = _without_fields(assigned, ("score", "proposal"))
        assigned.uses |= of_proposals
        _ask_about_unknown(assigned, columns, "proposal", answers)
    elif of_criteria and ("score" not in has or "criterion" not in has):
        assigned = _without_fields(assigned, ("score", "criterion"))
        assigned.uses |= of_criteria
        _ask_about_near_criteria(assigned, columns, known, answers)
    elif "score" not in has or not ({"proposal", "judge"} <= has):
        assign_unnamed(assigned, columns, known, answers)
    return _finished(assigned)


def _are_judges_columns(columns: Sequence[HeadedColumn], named: Mapping[int, Use]) -> bool:
    """Return whether several columns of numbers are headed by judges."""
    judges = [
        column
        for column in columns
        if (column.number in named and named[column.number].judge)
        or (column.is_numeric and is_judge_like(column.heading))
    ]
    return len(judges) > 1


def _ask_about_unknown(
    assigned: Assigned, columns: Sequence[HeadedColumn], what: str, answers: Mapping[str, str]
) -> None:
    """Ask about columns of numbers beside those of known judges or proposals: perhaps a name is misspelt."""
    unknown = [
        column
        for column in columns
        if column.number not in assigned.uses and column.heading and column.is_numeric and not is_left_out(column)
    ]
    if not unknown:
        return
    question = "unknown-" + hashlib.sha256(repr([column.heading for column in unknown]).encode()).hexdigest()[:8]
    if answers.get(question) == "leave out":
        return
    assigned.questions.append(
        Question(
            name=question,
            text=Message(
                "Columns {columns} hold numbers, and the roster has no {what} of that name. Leave them out?",
                columns=Listed(column.name for column in unknown[:8]),
                what=what,
            ),
            answers={"leave out": Message("leave them out")},
        )
    )


def _ask_about_near_criteria(
    assigned: Assigned, columns: Sequence[HeadedColumn], known: Known, answers: Mapping[str, str]
) -> None:
    """Ask about a column of numbers whose heading is nearly a criterion that no other column has."""
    used = {use.criterion for use in assigned.uses.values()}
    for column in columns:
        if column.number in assigned.uses or not column.heading or not column.is_numeric or is_left_out(column):
            continue
        near = [key for key in known.criteria.nearest_keys(column.heading) if key not in used] if known.criteria else []
        if not near:
            continue
        question = "criterion-" + hashlib.sha256(column.heading.encode()).hexdigest()[:8]
        answer = answers.get(question)
        if answer in near:
            assigned.uses[column.number] = Use("score", criterion=answer)
            used.add(answer)
        elif answer != "leave out":
            assigned.questions.append(
                Question(
                    name=question,
                    text=Message(
                        "Column {column} is none of the criteria; the nearest is {near}. Is it that one?",
                        column=column.name,
                        near=near[0],
                    ),
                    answers={
                        **{key: Message("criterion {key}", key=key) for key in near},
                        "leave out": Message("leave them out"),
                    },
                )
            )


def with_missing(assigned: Assigned, known: Known) -> Assigned:
    """Return uses that a person gave, with the required fields that they leave without a column."""
    if known.kind == "scores":
        return _finished(assigned)
    assigned.missing = tuple(name for name in REQUIRED[known.kind] if name not in assigned.fields)
    return assigned


def _finished(assigned: Assigned) -> Assigned:
    scores = [use for use in assigned.uses.values() if use.field == "score"]
    has = assigned.fields
    has |= {name for name in ("judge", "proposal") if scores and all(getattr(use, name) for use in scores)}
    missing = [name for name in ("proposal", "judge", "score") if name not in has]
    assigned.missing = tuple(dict.fromkeys((*missing, *(name for name in assigned.missing if name not in has))))
    return assigned


def _without(known: Known, slots: Assigned) -> dict[str, str]:
    return {name: heading for name, heading in known.headings.items() if name not in slots.fields}


def _without_fields(assigned: Assigned, names: Sequence[str]) -> Assigned:
    uses = {number: use for number, use in assigned.uses.items() if use.field not in names}
    questions = [
        question for question in assigned.questions if question.name not in {f"column-{name}" for name in names}
    ]
    return Assigned(uses, questions, assigned.missing)


def _assign_fields(
    free: Sequence[HeadedColumn], columns: Sequence[HeadedColumn], known: Known, answers: Mapping[str, str]
) -> Assigned:
    """Return the plain fields; a total or a rank is the score only when no other column can be."""
    assigned = assign_plain(free, known, answers, ())
    for number, use in list(assigned.uses.items()):
        column = next(column for column in columns if column.number == number)
        if use.field == "score" and "score" not in known.headings and _tier(column) in _LAST_TIERS:
            del assigned.uses[number]
    for name, names in (("proposal", known.proposals), ("judge", known.judges)):
        if name not in assigned.fields and names:
            # The content tells what a heading does not: all cells are on the roster.
            n_rows = max((len(column.cells) for column in columns), default=0)
            filled = [column for column in free if len(column.cells) >= max(2, n_rows / 2)]
            found = [column for column in filled if column.share_of(names) >= _MOST]
            found = [column for column in found if not assigned.uses.get(column.number, LEFT_OUT).field]
            if len(found) == 1:
                assigned.uses[found[0].number] = Use(name)
    return assigned


def _tier(column: HeadedColumn) -> int:
    return next((tier for name, tier in fields_of("scores", column.heading) if name == "score"), 0)
