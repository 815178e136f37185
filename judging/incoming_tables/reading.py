"""The one reader: a book and what is known of it -> rows to be stored, how they were read, and what has to be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.cells import Book
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.containers.read_book import read_book
from judging.incoming_tables.describing import describe
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.entries.marks import read_marks
from judging.incoming_tables.entries.moments import read_moments
from judging.incoming_tables.entries.name_matching import match_names
from judging.incoming_tables.entries.name_parts import join_name_parts
from judging.incoming_tables.entries.ranks import settle_ranks
from judging.incoming_tables.entries.repeats import settle_repeats
from judging.incoming_tables.entries.suspicions import settle_large, settle_small, settle_split
from judging.incoming_tables.entries.taking import take_entries
from judging.incoming_tables.field_words import word_of
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import TableMapping, headings_of
from judging.incoming_tables.questions import Question
from judging.incoming_tables.shapes.heading_names import judge_name
from judging.incoming_tables.shapes.recognising import Recognised, recognise
from judging.incoming_tables.shapes.table_finding import Candidate
from judging.incoming_tables.texts.headings import is_judge_like
from judging.incoming_tables.texts.spelling import folded
from judging.incoming_tables.texts.synonyms import FIELDS, REQUIRED

_KEYS = frozenset(("key", "team", "round"))
QUESTION = Message("question")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One entry as it will be stored: its row in the file, and its cells as canonical texts by field.

    ``column`` is the heading of the column of its score.
    """

    number: int
    values: Mapping[str, str]
    sheet: str = ""
    column: str = "score"

    def get(self, name: str) -> str | None:
        """Return the text of a field, None when it is empty."""
        return self.values.get(name)


@dataclass(frozen=True, kw_only=True)
class ReadTable:
    """What the reader made of a file.

    Attributes
    ----------
    kind : str
    mapping : TableMapping
        How the file was read; with its answers it reads the same file the same way.
    rows : tuple of ReadRow
        Empty while a question is open whose answer decides them.
    how_read : tuple of Message
        The mapping in words.
    notes : tuple of Message
        What was left out, folded, or read in a way that is not plain.
    questions : tuple of Question
    complaints : Complaints
    digest : str
        SHA-256 of the file.
    """

    kind: str
    mapping: TableMapping
    rows: tuple[ReadRow, ...]
    how_read: tuple[Message, ...]
    notes: tuple[Message, ...]
    questions: tuple[Question, ...]
    complaints: Complaints = field(default_factory=Complaints)
    digest: str = ""

    def raise_if_unclear(self, message: str | None = None) -> None:
        """Raise InvalidInput with every complaint and every open question; both name how the file was read."""
        self.all_complaints().raise_if_any(message, self.how_read)

    def all_complaints(self) -> Complaints:
        """Return the complaints, and the open questions with their answers as the command line takes them."""
        complaints = self.complaints.copy()
        for question in self.questions:
            complaints.headings.setdefault(QUESTION, []).append(_with_answers(question))
        return complaints


def read_file(
    content: bytes, filename: str, known: Known, given: TableMapping | None = None, *, limits: Limits | None = None
) -> ReadTable:
    """Read a file of one kind of rows.

    Raises
    ------
    InvalidInput
        When the file cannot be read at all. Everything else is in the complaints and questions of the result.
    """
    given = with_encoding(given)
    book = read_book(content, filename, encoding=(given.encoding or None) if given else None, limits=limits)
    return replace(read_table(book, known, given), digest=hashlib.sha256(content).hexdigest())


def read_table(book: Book, known: Known, given: TableMapping | None = None) -> ReadTable:
    """Read one kind of rows of a book; see ``read_file``."""
    complaints = Complaints()
    recognised = recognise(book, known, given)
    complaints.words = {("", name): heading for name, heading in headings_of(recognised.mapping).items()}
    taken = Taken()
    questions = list(recognised.questions)
    if recognised.missing:
        complaints.add_header("", _missing(recognised, known))
    else:
        taken = take_entries(recognised, known, complaints)
        if book.separator == ",":
            settle_split(taken, recognised)
        join_name_parts(taken, known)
        read_moments(taken)
        _clean_texts(taken)
        if known.kind == "scores" and not taken.entries and not complaints and recognised.mapping.heading_rows[0] > 1:
            # The row of headings stands below the data, or is one of its rows.
            complaints.add_header("", [Message("no row has a score")])
        answers = recognised.mapping.answers
        if known.kind == "scores":
            match_names(taken, known, answers, complaints, ("criterion",))
            read_marks(taken, known, answers, complaints)
            _require_keys(taken, complaints)
        if {"judge", "proposal"} <= set(FIELDS[known.kind]):
            match_names(taken, known, answers, complaints, ("proposal", "judge"))
        if known.kind == "scores":
            settle_repeats(taken, known, answers, complaints)
            settle_ranks(taken, known, recognised.mapping)
            settle_large(taken, known, answers)
            settle_small(taken, known, answers)
        questions += taken.questions
    rows = tuple(
        ReadRow(entry.row, entry.values, entry.sheet, _column_of(entry)) for entry in taken.entries if entry.values
    )
    how_read, notes = describe(book, recognised, known)
    return ReadTable(
        kind=known.kind,
        mapping=recognised.mapping,
        rows=rows,
        how_read=how_read,
        notes=(*notes, *taken.notes),
        questions=tuple(questions),
        complaints=complaints,
    )


def table_of(kind: str, rows: Iterable[Mapping[str, str]]) -> ReadTable:
    """Return rows that are in order already, as if they had been read from a file with one heading row."""
    numbered = tuple(
        ReadRow(number, {name: text for name, text in values.items() if text}) for number, values in enumerate(rows, 2)
    )
    return ReadTable(kind=kind, mapping=TableMapping(kind=kind), rows=numbered, how_read=(), notes=(), questions=())


def _clean_texts(taken: Taken) -> None:
    """Remove characters that nobody sees from keys; in other texts a person may have meant them."""
    for entry in taken.entries:
        for name in _KEYS & entry.values.keys():
            entry.values[name] = folded(entry.values[name])


def with_encoding(given: TableMapping | None) -> TableMapping | None:
    """Return a mapping in which an answer to the question of the encoding is the encoding."""
    if given is None or "encoding" not in given.answers:
        return given
    answers = {name: answer for name, answer in given.answers.items() if name != "encoding"}
    return replace(given, encoding=given.answers["encoding"], answers=answers)


def _require_keys(taken: Taken, complaints: Complaints) -> None:
    """Complain about scores of nobody, or of nothing: nothing is filled in from the row above."""
    nameless: set[int] = set()
    for entry in taken.entries:
        for name in ("proposal", "judge"):
            if name not in entry.values and ("score" in entry.values or _has_other(entry)):
                if not complaints.has(entry.sheet, entry.row, name):
                    complaints.add(entry.sheet, entry.row, name, Message("empty; write a name"))
                nameless.add(id(entry))
    if nameless:
        taken.entries[:] = [entry for entry in taken.entries if id(entry) not in nameless]


def _has_other(entry: FileEntry) -> bool:
    return bool(entry.values) and entry.column == "score"


def _column_of(entry: FileEntry) -> str:
    return entry.column if entry.mark is not None and entry.column else "score"


def _missing(recognised: Recognised, known: Known) -> list[Message]:
    headings = [column.heading.replace("\n", " ")[:40] for column in recognised.mapping.columns if column.heading]
    columns = Listed(headings[:30]) or "-"
    if len(recognised.mapping.columns) == 1:
        return [Message("everything is in one column: separate the columns with commas, semicolons or tabs")]
    first = recognised.candidates[0] if recognised.candidates else None
    if first is not None and first.is_numeric:
        return [
            Message(
                "no row of headings is found: write one above the table, with {fields}",
                fields=_listed(REQUIRED[known.kind]),
            )
        ]
    texts = []
    for name in recognised.missing:
        if name in known.headings:
            texts.append(
                Message(
                    "there is no column `{heading}`; the file has: {columns}",
                    heading=known.headings[name],
                    columns=columns,
                )
            )
        else:
            texts.append(
                Message(
                    "no column is recognised as the {field}; the file has: {columns}",
                    field=word_of(name),
                    columns=columns,
                )
            )
        if name == "judge" and known.judges and (people := _unknown_people(first)):
            texts.append(
                Message("the roster has no judges called {names}: write their keys or names", names=Listed(people))
            )
        if name == "score" and known.criteria:
            texts.append(
                Message(
                    "a column of scores is called score, or by its criterion: {criteria}",
                    criteria=Listed(known.criteria.others),
                )
            )
    return texts


def _listed(names: tuple[str, ...]) -> str:
    """Return fields in words."""
    return Listed(map(word_of, names))


def _unknown_people(candidate: Candidate | None) -> list[str]:
    """Return the headings above numbers that look like judges."""
    columns = candidate.columns if candidate is not None else ()
    return [judge_name(column)[:40] for column in columns if column.is_numeric and is_judge_like(column.heading)][:8]


def _with_answers(question: Question) -> Message:
    return Message(
        "{question} Answer with {answers}",
        question=question.text,
        answers="; ".join(
            f"--answer {question.name}={answer} ({meaning})" for answer, meaning in question.answers.items()
        ),
    )
