"""Columns of scores whose headings nobody knows: judges, criteria or proposals, by their look; else asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from judging.errors import Listed, Message
from judging.incoming_tables.containers.cells import letters_of
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.columns import Assigned, HeadedColumn, is_left_out
from judging.incoming_tables.shapes.heading_names import criterion_name, full_grid, judge_name
from judging.incoming_tables.shapes.plain_fields import candidates
from judging.incoming_tables.texts.headings import fields_of, is_judge_like, plain, split_pairs

_NUMBERED_ALIKE: Final = re.compile(r"(\D*)\d+")
_NUMBERED_TURN: Final = re.compile(
    r"(?:score|mark|rating|round|attempt|trial|time|run|评分|分数|得分|打分|轮次?)\s*\d+|第[一二三四五\d]+[轮次]"
)
_LAST_TIERS: Final = (3, 4)


def assign_unnamed(
    assigned: Assigned, columns: Sequence[HeadedColumn], known: Known, answers: Mapping[str, str]
) -> None:
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
    assigned: Assigned,
    free: Sequence[HeadedColumn],
    columns: Sequence[HeadedColumn],
    answers: Mapping[str, str],
    known: Known,
) -> None:
    free = [column for column in free if not column.has_no_value]
    if len(free) >= 2 and known.criteria is None and all(_NUMBERED_TURN.fullmatch(plain(c.heading)) for c in free):
        _ask_which_turn(assigned, free, answers)
        return
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


def _ask_which_turn(assigned: Assigned, free: Sequence[HeadedColumn], answers: Mapping[str, str]) -> None:
    """Ask whether `Score 1, Score 2` or `Round 1, Round 2` are criteria, or one of them is the score."""
    by_letters = {letters_of(column.number): column for column in free}
    answer = answers.get("columns", "")
    if answer in by_letters:
        assigned.uses[by_letters[answer].number] = Use("score")
        return
    for column in free:
        assigned.uses[column.number] = Use("score", criterion=criterion_name(column))
    if answer != "criteria":
        assigned.questions.append(
            Question(
                name="columns",
                text=Message(
                    "Are {columns} criteria, or scores at different times of which one counts?",
                    columns=Listed(column.heading[:40] for column in free[:8]),
                ),
                answers={
                    "criteria": Message("a column for each criterion"),
                    **{
                        letters: Message("column {column}", column=column.name)
                        for letters, column in by_letters.items()
                    },
                },
            )
        )


def _ask_about_score(assigned: Assigned, column: HeadedColumn, answers: Mapping[str, str]) -> None:
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


def _assign_comment(assigned: Assigned, column: HeadedColumn, criteria: Mapping[str, str]) -> None:
    for first, second in split_pairs(column.heading):
        for one, other in ((first, second), (second, first)):
            meaning = fields_of("scores", other)
            if plain(one) in criteria and meaning and meaning[0][0] == "comment" and not column.is_numeric:
                assigned.uses[column.number] = Use("comment", criterion=criteria[plain(one)])


def _first_is_key(assigned: Assigned, columns: Sequence[HeadedColumn], known: Known) -> bool:
    """Use a first column without a heading as the proposals, when its cells differ and judges' columns follow."""
    if not columns or columns[0].heading or known.proposals is not None:
        return False
    first, texts = columns[0], [cell.text for cell in columns[0].cells]
    if not texts or len(set(texts)) != len(texts) or sum(is_judge_like(column.heading) for column in columns[1:]) < 2:
        return False
    assigned.uses[first.number] = Use("proposal")
    return True


def _is_judges_column(column: HeadedColumn, assigned: Assigned) -> bool:
    parts = [part for pair in split_pairs(column.heading) for part in pair]
    return (
        is_judge_like(column.heading)
        and column.number not in assigned.uses
        and column.share_of_numbers > 0
        and not any(name == "comment" for part in parts for name, _ in fields_of("scores", part))
    )


def _assign_judges(
    assigned: Assigned,
    free: Sequence[HeadedColumn],
    columns: Sequence[HeadedColumn],
    known: Known,
    answers: Mapping[str, str],
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
    n_judge_like = sum(is_judge_like(column.heading) for column in free)
    if free:
        _assign_named_by_heading(assigned, free, "judge", answers, is_clear=n_judge_like == len(free))


def _assign_proposals(assigned: Assigned, free: Sequence[HeadedColumn], answers: Mapping[str, str]) -> None:
    """Use columns of numbers as the proposals' when their headings are numbered alike; else ask."""
    free = [column for column in free if not column.has_no_value]
    if len(free) < 2:
        return
    alike = {match[1] for column in free if (match := _NUMBERED_ALIKE.fullmatch(plain(criterion_name(column))))}
    is_clear = len(alike) == 1 and all(_NUMBERED_ALIKE.fullmatch(plain(criterion_name(column))) for column in free)
    _assign_named_by_heading(assigned, free, "proposal", answers, is_clear=is_clear)


def _assign_named_by_heading(
    assigned: Assigned,
    free: Sequence[HeadedColumn],
    what: Literal["judge", "proposal"],
    answers: Mapping[str, str],
    *,
    is_clear: bool,
) -> None:
    """Use columns of scores as those of the judges or proposals of their headings; ask whether they are criteria."""
    answer, instead = answers.get("columns"), f"{what}s"
    if answer == "criteria" and not (is_clear and what == "judge"):
        for column in free:
            assigned.uses[column.number] = Use("score", criterion=criterion_name(column))
        return
    if len(free) < 2 and not is_clear and answer != instead:
        return
    for column in free:
        if what == "judge":
            assigned.uses[column.number] = Use("score", judge=judge_name(column))
        else:
            assigned.uses[column.number] = Use("score", proposal=criterion_name(column))
    if is_clear or answer == instead:
        return
    columns = ", ".join(column.heading[:40] for column in free[:8])
    assigned.questions.append(
        Question(
            name="columns",
            text=Message("Are {columns} names of judges, or criteria that one judge has scored?", columns=columns)
            if what == "judge"
            else Message("Are {columns} proposals, or criteria on which one proposal was scored?", columns=columns),
            answers={
                instead: Message("a column for each judge")
                if what == "judge"
                else Message("a column for each proposal"),
                "criteria": Message("a column for each criterion"),
            },
        )
    )
