"""Recognise how a book is to be understood: its sheet, its heading rows, the use of its columns, and open questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from judging.errors import Message
from judging.incoming_tables.containers.cells import Book, RawSheet
from judging.incoming_tables.containers.encodings import ENCODING_NAMES
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import LEFT_OUT, ColumnUse, TableMapping, Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.file_names import judge_of_file
from judging.incoming_tables.shapes.named_columns import by_heading
from judging.incoming_tables.shapes.score_columns import with_missing
from judging.incoming_tables.shapes.sheet_choice import choose_sheets
from judging.incoming_tables.shapes.table_finding import Candidate, find_table, headings_of
from judging.incoming_tables.texts.headings import plain
from judging.incoming_tables.texts.synonyms import FIELDS


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
    chosen, constants, sheet_is, questions = choose_sheets(candidates, known, given, answers)
    if book.separator and sheet_is in ("judge", "proposal"):
        # A text file has no sheet but its name, and that is no more than a hint.
        constants, sheet_is = {}, ""
    if not constants and len(chosen) == 1 and chosen[0].lacks_only_judge and known.kind == "scores":
        constants, asked = judge_of_file(book, chosen[0], known, answers)
        sheet_is, questions = ("file" if constants else sheet_is), [*questions, *asked]
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
    said = {name for constant in constants.values() for name in constant}
    missing = tuple(name for name in first.assigned.missing if name not in said)
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
