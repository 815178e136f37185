"""The columns of a table of scores, in whatever shape: long, by judge, by criterion, by both, by proposal, in slots."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from judging.errors import Message
from judging.incoming_tables.cells import letters_of
from judging.incoming_tables.columns import Assigned, Column, assign_plain, candidates, given_columns, is_left_out
from judging.incoming_tables.heading_names import criterion_name, full_grid, judge_name
from judging.incoming_tables.headings import (
    fields_of,
    is_judge_like,
    match_name,
    plain,
    split_pairs,
)
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import BY_HEADING, LEFT_OUT, Question, Use
from judging.incoming_tables.slots import find_slots
from judging.incoming_tables.synonyms import REQUIRED

_NUMBERED_ALIKE: Final = re.compile(r"(\D*)\d+")
_MOST: Final = 0.8
# Words of a field count as a column of scores only when nothing better is there: totals and ranks.
_LAST_TIERS: Final = (3, 4)


def assign_scores(columns: Sequence[Column], known: Known, answers: Mapping[str, str]) -> Assigned:
    """Return the uses of the columns of a table of scores."""
    slots = find_slots(columns, known)
    if slots is not None:
        rest = [column for column in columns if column.number not in slots.uses]
        fixed = assign_plain(rest, replace(known, headings=_without(known, slots)), answers, ())
        # Of the other columns only those that describe the whole row count.
        row_fields = {"proposal", "judge", "criterion", "scored_at", "category"} - slots.fields
        slots.uses |= {number: use for number, use in fixed.uses.items() if use.field in row_fields}
        return _finished(slots)
    named = _named_columns(columns, known)
    free = [column for column in columns if column.number not in named]
    assigned = _assign_fields(free, columns, known, answers)
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
    elif "score" not in has or not ({"proposal", "judge"} <= has):
        _assign_unnamed(assigned, columns, known, answers)
    return _finished(assigned)


def _ask_about_unknown(assigned: Assigned, columns: Sequence[Column], what: str, answers: Mapping[str, str]) -> None:
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
                columns=", ".join(column.name for column in unknown[:8]),
                what=what,
            ),
            answers={"leave out": Message("leave them out")},
        )
    )


def by_heading(use: Use, column: Column, known: Known) -> Use:
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


def _named_columns(columns: Sequence[Column], known: Known) -> dict[int, Use]:
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


def _assign_fields(
    free: Sequence[Column], columns: Sequence[Column], known: Known, answers: Mapping[str, str]
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


def _tier(column: Column) -> int:
    return next((tier for name, tier in fields_of("scores", column.heading) if name == "score"), 0)


def _assign_unnamed(assigned: Assigned, columns: Sequence[Column], known: Known, answers: Mapping[str, str]) -> None:
    """Find the columns of scores among those whose headings the roster and the rubric do not name."""
    has = assigned.fields
    free = [
        column
        for column in columns
        if (column.number not in assigned.uses or assigned.uses[column.number].field == "score")
        and column.heading
        and (column.is_numeric or (column.has_no_value and not fields_of("scores", column.heading)))
        and not is_left_out(column)
    ]
    if known.judges is not None and known.criteria is not None and "judge" not in has:
        free = []
    if {"proposal", "judge"} <= has:
        _assign_criteria(assigned, free, columns, answers, known)
    elif "proposal" in has or _first_is_key(assigned, columns, known):
        _assign_judges(assigned, free, columns, known, answers)
    elif "judge" in has and known.proposals is None:
        _assign_proposals(assigned, free, answers)


def _assign_criteria(
    assigned: Assigned, free: Sequence[Column], columns: Sequence[Column], answers: Mapping[str, str], known: Known
) -> None:
    free = [column for column in free if not column.has_no_value]
    if len(free) >= 2 and known.criteria is None:
        for column in free:
            assigned.uses[column.number] = Use("score", criterion=criterion_name(column))
        for column in columns:
            _assign_comment(assigned, column, {plain(criterion_name(other)): criterion_name(other) for other in free})
        return
    if len(free) == 1:
        _ask_about_score(assigned, free[0], answers)
        return
    # A total or a rank is what the judges gave when there is nothing else.
    for tier in _LAST_TIERS:
        last = candidates("scores", columns, ("score",))["score"].get(tier, [])
        usable = [column for column in last if column.share_of_numbers > 0 and column.number not in assigned.uses]
        if len(usable) == 1:
            assigned.uses[usable[0].number] = Use("score")
            return


def _ask_about_score(assigned: Assigned, column: Column, answers: Mapping[str, str]) -> None:
    """Use the only column of numbers as the score when somebody says that it is."""
    letters = letters_of(column.number)
    assigned.uses[column.number] = Use("score")
    if answers.get("column-score") != letters:
        assigned.questions.append(
            Question(
                name="column-score",
                text=Message("Column {column} has the only numbers: is it the score?", column=column.name),
                answers={letters: Message("column {column}", column=column.name)},
            )
        )


def _assign_comment(assigned: Assigned, column: Column, criteria: Mapping[str, str]) -> None:
    for first, second in split_pairs(column.heading):
        for one, other in ((first, second), (second, first)):
            meaning = fields_of("scores", other)
            if plain(one) in criteria and meaning and meaning[0][0] == "comment" and not column.is_numeric:
                assigned.uses[column.number] = Use("comment", criterion=criteria[plain(one)])


def _first_is_key(assigned: Assigned, columns: Sequence[Column], known: Known) -> bool:
    """Use a first column without a heading as the proposals, when its cells differ and judges' columns follow."""
    if not columns or columns[0].heading or known.proposals is not None:
        return False
    first, texts = columns[0], [cell.text for cell in columns[0].cells]
    if not texts or len(set(texts)) != len(texts) or sum(is_judge_like(column.heading) for column in columns[1:]) < 2:
        return False
    assigned.uses[first.number] = Use("proposal")
    return True


def _is_judges_column(column: Column, assigned: Assigned) -> bool:
    parts = [part for pair in split_pairs(column.heading) for part in pair]
    return (
        is_judge_like(column.heading)
        and column.number not in assigned.uses
        and column.share_of_numbers > 0
        and not any(name == "comment" for part in parts for name, _ in fields_of("scores", part))
    )


def _assign_judges(
    assigned: Assigned, free: Sequence[Column], columns: Sequence[Column], known: Known, answers: Mapping[str, str]
) -> None:
    """Use columns of numbers as the judges' when their headings look so; else ask whether they are criteria."""
    if known.judges is not None or not free:
        return
    pairs = full_grid(free)
    if pairs is not None:
        for column, (judge, criterion) in pairs.items():
            assigned.uses[column.number] = Use("score", judge=judge, criterion=criterion)
        return
    # A judge who has scored nothing is known by the heading alone.
    free = [column for column in free if not column.has_no_value or is_judge_like(column.heading)]
    # A judge's column is one even where most of its cells are no numbers: they will be complained about.
    worded = [column for column in columns if column not in free and _is_judges_column(column, assigned)]
    free = sorted((*free, *worded), key=lambda column: column.number)
    judge_like = [column for column in free if is_judge_like(column.heading)]
    answer = answers.get("columns")
    if len(judge_like) == len(free) >= 1 or answer == "judges":
        for column in free:
            assigned.uses[column.number] = Use("score", judge=judge_name(column))
    elif answer == "criteria":
        for column in free:
            assigned.uses[column.number] = Use("score", criterion=criterion_name(column))
    elif len(free) >= 2:
        for column in free:
            assigned.uses[column.number] = Use("score", judge=judge_name(column))
        assigned.questions.append(
            Question(
                name="columns",
                text=Message(
                    "Are {columns} names of judges, or criteria that one judge has scored?",
                    columns=", ".join(column.heading[:40] for column in free[:8]),
                ),
                answers={
                    "judges": Message("a column for each judge"),
                    "criteria": Message("a column for each criterion"),
                },
            )
        )


def _assign_proposals(assigned: Assigned, free: Sequence[Column], answers: Mapping[str, str]) -> None:
    """Use columns of numbers as the proposals' when their headings are numbered alike; else ask."""
    free = [column for column in free if not column.has_no_value]
    if len(free) < 2:
        return
    alike = {match[1] for column in free if (match := _NUMBERED_ALIKE.fullmatch(plain(criterion_name(column))))}
    is_clear = len(alike) == 1 and all(_NUMBERED_ALIKE.fullmatch(plain(criterion_name(column))) for column in free)
    answer = answers.get("columns")
    if answer == "criteria":
        for column in free:
            assigned.uses[column.number] = Use("score", criterion=criterion_name(column))
        return
    for column in free:
        assigned.uses[column.number] = Use("score", proposal=criterion_name(column))
    if not is_clear and answer != "proposals":
        assigned.questions.append(
            Question(
                name="columns",
                text=Message(
                    "Are {columns} proposals, or criteria on which one proposal was scored?",
                    columns=", ".join(column.heading[:40] for column in free[:8]),
                ),
                answers={
                    "proposals": Message("a column for each proposal"),
                    "criteria": Message("a column for each criterion"),
                },
            )
        )
