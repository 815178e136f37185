"""Recognise how a book is to be understood: its sheet, its heading rows, the use of its columns, and open questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from judging.errors import Message
from judging.incoming_tables.cells import Book, RawSheet
from judging.incoming_tables.encodings import ENCODING_NAMES
from judging.incoming_tables.headings import match_name, plain
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import LEFT_OUT, ColumnUse, Question, TableMapping, Use
from judging.incoming_tables.score_columns import by_heading, with_missing
from judging.incoming_tables.synonyms import FIELDS
from judging.incoming_tables.table_finding import Candidate, find_table, headings_of


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """How a book is understood.

    Attributes
    ----------
    mapping : TableMapping
    candidates : tuple of Candidate
        The tables to be read, one a sheet.
    constants : mapping of str to (field -> value)
        By the title of a sheet: what every row of it belongs to.
    left_out : tuple of str
        Titles of sheets that are not read.
    missing : tuple of str
        Required fields that no column has.
    questions : tuple of Question
    """

    mapping: TableMapping
    candidates: tuple[Candidate, ...] = ()
    constants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def recognise(book: Book, known: Known, given: TableMapping | None = None) -> Recognised:
    """Return how a book is understood.

    Parameters
    ----------
    book : Book
    known : Known
    given : TableMapping, optional
        What a person decided, or what was remembered of a file of the same shape. Its columns are found again by their
        headings; what it does not say is recognised.
    """
    answers = dict(given.answers) if given is not None else {}
    encoding_questions = _encoding_question(book)
    sheets = [sheet for sheet in book.sheets if not sheet.is_hidden and sheet.rows]
    if given is not None and given.sheets:
        sheets = [sheet for sheet in book.sheets if sheet.name in given.sheets and sheet.rows] or sheets
    candidates = []
    for sheet in sheets:
        candidate = _with_given(sheet, known, given, answers)
        if candidate is not None:
            candidates.append(candidate)
    if not candidates:
        mapping = TableMapping(kind=known.kind, answers=answers, encoding=_encoding(book))
        return Recognised(mapping=mapping, missing=tuple(FIELDS[known.kind])[:1], questions=encoding_questions)
    chosen, constants, sheet_is, questions = _choose(candidates, known, given, answers)
    first = chosen[0]
    mapping = TableMapping(
        kind=known.kind,
        sheets=tuple(candidate.sheet.name for candidate in chosen),
        heading_rows=first.heading_rows,
        columns=tuple(
            ColumnUse(column.heading, first.assigned.uses.get(column.number, LEFT_OUT)) for column in first.columns
        ),
        sheet_is=sheet_is,
        encoding=_encoding(book),
        answers=answers,
    )
    names = {candidate.sheet.name for candidate in chosen}
    missing = tuple(name for name in first.assigned.missing if not (name == "judge" and constants))
    return Recognised(
        mapping=mapping,
        candidates=tuple(chosen),
        constants=constants,
        left_out=tuple(sheet.name for sheet in book.sheets if sheet.name not in names and sheet.rows),
        missing=missing,
        questions=(*encoding_questions, *questions, *first.assigned.questions),
    )


def _encoding(book: Book) -> str:
    return book.encoding.encoding if book.encoding is not None else ""


def _encoding_question(book: Book) -> tuple[Question, ...]:
    """Return the question how a short text file is to be decoded."""
    reading = book.encoding
    if reading is None or not reading.others:
        return ()
    samples = {reading.encoding: reading.sample, **reading.others}
    return (
        Question(
            name="encoding",
            text=Message("The file has too few characters to tell its encoding. Which reading is right?"),
            answers={
                name: Message("{encoding}: {sample}", encoding=ENCODING_NAMES[name], sample=sample)
                for name, sample in samples.items()
            },
        ),
    )


def _with_given(
    sheet: RawSheet, known: Known, given: TableMapping | None, answers: Mapping[str, str]
) -> Candidate | None:
    """Return the table of a sheet as a person decided, where the headings are those that the person saw."""
    if given is None or not given.columns:
        table = answers.get("table", "")
        rows = (int(table), int(table)) if table.isdecimal() and len(table) < 8 else None
        if given is not None and given.heading_rows[0] > 0:
            rows = given.heading_rows
        return find_table(sheet, known, answers, rows)
    at_given = find_table(sheet, known, answers, given.heading_rows)
    for candidate in (at_given, find_table(sheet, known, answers)):
        if candidate is not None and (uses := _uses_again(candidate, given, known)) is not None:
            assigned = replace(candidate.assigned, uses=uses, questions=[])
            return replace(candidate, assigned=with_missing(assigned, known))
    again = _find_headings(sheet, given)
    if again is not None and (candidate := find_table(sheet, known, answers, again)) is not None:
        uses = _uses_again(candidate, given, known)
        if uses is not None:
            return replace(
                candidate, assigned=with_missing(replace(candidate.assigned, uses=uses, questions=[]), known)
            )
    return at_given or find_table(sheet, known, answers)


def _find_headings(sheet: RawSheet, given: TableMapping) -> tuple[int, int] | None:
    n_rows = given.heading_rows[1] - given.heading_rows[0] + 1
    wanted = [plain(column.heading) for column in given.columns if column.heading]
    for index in range(min(len(sheet.rows), 100)):
        block = sheet.rows[index : index + n_rows]
        shown = {plain(text) for text in headings_of(block, sheet).values()}
        if wanted and set(wanted) <= shown:
            return block[0].number, block[-1].number
    return None


def _uses_again(candidate: Candidate, given: TableMapping, known: Known) -> dict[int, Use] | None:
    """Return the uses of a mapping for the columns with its headings; None when a used heading is missing."""
    left = list(candidate.columns)
    uses: dict[int, Use] = {}
    for column in given.columns:
        same = next((other for other in left if plain(other.heading) == plain(column.heading)), None)
        if same is None:
            if column.use.field:
                return None
            continue
        left.remove(same)
        uses[same.number] = by_heading(column.use, same, known)
    return uses


def _choose(
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
                    sheets=", ".join(candidate.sheet.name for candidate in complete),
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
    if without_judge and known.kind == "scores":
        return _by_judge(without_judge, known, answers)
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


def _by_judge(
    without_judge: Sequence[Candidate], known: Known, answers: Mapping[str, str]
) -> tuple[list[Candidate], dict[str, dict[str, str]], str, list[Question]]:
    """Return the sheets of judges: named in a line above the table, or by the title of the sheet."""
    titled = [candidate for candidate in without_judge if candidate.title.get("judge")]
    if len(titled) == len(without_judge):
        return (
            list(titled),
            {candidate.sheet.name: {"judge": candidate.title["judge"]} for candidate in titled},
            "title",
            [],
        )
    if known.judges is not None:
        found = {candidate.sheet.name: known.judges.find(candidate.sheet.name) for candidate in without_judge}
        named = [
            candidate for candidate in without_judge if (match := found[candidate.sheet.name]) and len(match.keys) == 1
        ]
        if named and len(named) == len(without_judge):
            return named, {candidate.sheet.name: {"judge": candidate.sheet.name} for candidate in named}, "judge", []
        if not named:
            return [without_judge[0]], {}, "", []
        chosen = named
    else:
        if len(without_judge) < 2:
            return [without_judge[0]], {}, "", []
        chosen = list(without_judge)
    alike = {tuple(plain(column.heading) for column in candidate.columns) for candidate in chosen}
    constants = {candidate.sheet.name: {"judge": candidate.sheet.name} for candidate in chosen}
    if len(alike) == 1 and len(chosen) == len(without_judge):
        return chosen, constants, "judge", []
    others = [candidate.sheet.name for candidate in without_judge if candidate not in chosen]
    question = Question(
        name="sheets-of-judges",
        text=Message(
            "Sheets {sheets} are read as one judge each, and {others} left out. Is that right?",
            sheets=", ".join(candidate.sheet.name for candidate in chosen),
            others=", ".join(others) or "none",
        ),
        answers={"yes": Message("yes")},
    )
    return chosen, constants, "judge", [] if answers.get("sheets-of-judges") == "yes" else [question]
