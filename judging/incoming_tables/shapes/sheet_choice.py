"""Which sheets of a workbook are read: one, or one for each judge, proposal or criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judging.errors import Listed, Message
from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.table_finding import Candidate
from judging.incoming_tables.texts.headings import match_name, plain


def choose_sheets(
    candidates: Sequence[Candidate], known: Known, given: TableMapping | None, answers: Mapping[str, str]
) -> tuple[list[Candidate], dict[str, dict[str, str]], str, list[Question]]:
    """Return the tables to be read, what each sheet belongs to, what a sheet's title is, and open questions."""
    best = max(candidates, key=lambda candidate: candidate.quality)
    complete = [candidate for candidate in candidates if candidate.is_complete]
    if complete:
        chosen = next((candidate for candidate in complete if candidate.sheet.name == answers.get("sheet")), None)
        if chosen is None and len(complete) > 1:
            question = Question(
                name="sheet",
                text=Message(
                    "Several sheets could be meant: {sheets}. Which one?",
                    sheets=Listed(candidate.sheet.name for candidate in complete),
                ),
                answers={
                    candidate.sheet.name: Message("sheet {sheet}", sheet=candidate.sheet.name) for candidate in complete
                },
            )
            by_criterion = _by_criterion(complete, known)
            if by_criterion is not None:
                return complete, by_criterion, "criterion", []
            return [max(complete, key=lambda candidate: candidate.quality)], {}, "", [question]
        return [chosen or complete[0]], {}, "", []
    without_judge = [candidate for candidate in candidates if candidate.lacks_only_judge]
    without_proposal = [candidate for candidate in candidates if candidate.lacks_only_proposal]
    if known.kind == "scores" and without_judge and len(without_judge) >= len(without_proposal):
        return _by_title(without_judge, "judge", known.judges, answers)
    if known.kind == "scores" and without_proposal:
        return _by_title(without_proposal, "proposal", known.proposals, answers)
    return [best], {}, "", []


def _by_criterion(complete: Sequence[Candidate], known: Known) -> dict[str, dict[str, str]] | None:
    """Return the criterion of each sheet, when the title of every sheet names another one."""
    if not known.criteria or any("criterion" in candidate.assigned.fields for candidate in complete):
        return None
    keys = {
        candidate.sheet.name: match_name(candidate.sheet.name, known.criteria.of_headings) for candidate in complete
    }
    if None in keys.values() or len(set(keys.values())) < len(keys):
        return None
    return {name: {"criterion": str(key)} for name, key in keys.items()}


def _by_title(
    lacking: Sequence[Candidate], what: str, names: Names | None, answers: Mapping[str, str]
) -> tuple[list[Candidate], dict[str, dict[str, str]], str, list[Question]]:
    """Return the sheets of judges or proposals: named in a line above the table, or by the title of the sheet."""
    titled = [candidate for candidate in lacking if candidate.title.get(what)]
    if len(titled) == len(lacking):
        constants = {candidate.sheet.name: {what: candidate.title[what]} for candidate in titled}
        return titled, constants, "title" if what == "judge" else "title of proposal", []
    if names is not None:
        found = {candidate.sheet.name: names.find(candidate.sheet.name) for candidate in lacking}
        named = [candidate for candidate in lacking if (match := found[candidate.sheet.name]) and len(match.keys) == 1]
        if named and len(named) == len(lacking):
            return named, {candidate.sheet.name: {what: candidate.sheet.name} for candidate in named}, what, []
        if not named:
            return [lacking[0]], {}, "", []
        chosen = named
    else:
        if len(lacking) < 2:
            return [lacking[0]], {}, "", []
        chosen = list(lacking)
    alike = {tuple(plain(column.heading) for column in candidate.columns) for candidate in chosen}
    constants = {candidate.sheet.name: {what: candidate.sheet.name} for candidate in chosen}
    if len(alike) == 1 and len(chosen) == len(lacking):
        return chosen, constants, what, []
    others = [candidate.sheet.name for candidate in lacking if candidate not in chosen]
    of_judges = Message(
        "Sheets {sheets} are read as one judge each, and {others} left out. Is that right?",
        sheets=Listed(candidate.sheet.name for candidate in chosen),
        others=Listed(others) or "none",
    )
    of_proposals = Message(
        "Sheets {sheets} are read as one proposal each, and {others} left out. Is that right?",
        sheets=Listed(candidate.sheet.name for candidate in chosen),
        others=Listed(others) or "none",
    )
    question = Question(
        name=f"sheets-of-{what}s",
        text=of_judges if what == "judge" else of_proposals,
        answers={"yes": Message("yes")},
    )
    return chosen, constants, what, [] if answers.get(question.name) == "yes" else [question]
