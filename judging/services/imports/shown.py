"""How a file was read, as plain values for a page: what was recognised, the first rows as they will be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from judging.incoming_tables.complaints import HOW_READ
from judging.incoming_tables.containers.cells import letters_of
from judging.incoming_tables.mapping import SHAPES
from judging.incoming_tables.reading import QUESTION, ReadTable
from judging.incoming_tables.texts.synonyms import FIELDS
from judging.schemas.stored_messages import from_stored, to_stored
from judging.services.imports.loaded_file import LoadedFile

_FIRST_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuestion:
    """A question with its answers, as texts to be translated."""

    name: str
    text: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """One table of a file.

    Attributes
    ----------
    mapping : dict
        As ``TableMapping.to_dict`` writes it; ``columns`` also has the letters of each column.
    header, rows
        The first rows as they will be stored.
    """

    kind: str
    mapping: dict[str, Any]
    other_sheets: tuple[str, ...]
    shape: str
    notes: tuple[str, ...]
    questions: tuple[ShownQuestion, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """How a file was read, and what is wrong with it."""

    tables: tuple[ShownTable, ...]
    complaints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    problem: str = ""

    @property
    def has_questions(self) -> bool:
        """Return whether something has to be answered before anything can be stored."""
        return any(table.questions for table in self.tables)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "tables": [
                {
                    "kind": table.kind,
                    "mapping": table.mapping,
                    "other_sheets": list(table.other_sheets),
                    "shape": to_stored(table.shape),
                    "notes": [to_stored(note) for note in table.notes],
                    "questions": [
                        {
                            "name": question.name,
                            "text": to_stored(question.text),
                            "answers": [[answer, to_stored(text)] for answer, text in question.answers],
                        }
                        for question in table.questions
                    ],
                    "header": list(table.header),
                    "rows": [[number, list(cells)] for number, cells in table.rows],
                    "n_rows": table.n_rows,
                }
                for table in self.tables
            ],
            "complaints": [[to_stored(place), [to_stored(text) for text in texts]] for place, texts in self.complaints],
            "problem": to_stored(self.problem),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Return what ``to_dict`` wrote."""
        tables = tuple(
            ShownTable(
                kind=table["kind"],
                mapping=table["mapping"],
                other_sheets=tuple(table["other_sheets"]),
                shape=from_stored(table["shape"]),
                notes=tuple(from_stored(note) for note in table["notes"]),
                questions=tuple(
                    ShownQuestion(
                        name=question["name"],
                        text=from_stored(question["text"]),
                        answers=tuple((answer, from_stored(text)) for answer, text in question["answers"]),
                    )
                    for question in table["questions"]
                ),
                header=tuple(table["header"]),
                rows=tuple((number, tuple(cells)) for number, cells in table["rows"]),
                n_rows=table["n_rows"],
            )
            for table in stored["tables"]
        )
        complaints = tuple(
            (from_stored(place), tuple(from_stored(text) for text in texts)) for place, texts in stored["complaints"]
        )
        return cls(tables=tables, complaints=complaints, problem=from_stored(stored["problem"]))


def show(loaded: LoadedFile, messages: dict[str, list[str]] | None = None, problem: str = "") -> ShownFile:
    """Return how a file was read, with the complaints of its check.

    What a page shows beside them anyway, the questions and how the file was read, is left out of the complaints.
    """
    complaints = tuple(
        (place, tuple(texts)) for place, texts in (messages or {}).items() if place not in (HOW_READ, QUESTION)
    )
    return ShownFile(
        tables=tuple(_table(table, loaded.left_out) for table in loaded.read), complaints=complaints, problem=problem
    )


def _table(table: ReadTable, left_out: Sequence[str]) -> ShownTable:
    first = table.rows[:_FIRST_ROWS]
    header = tuple(name for name in FIELDS[table.kind] if any(name in row.values for row in first))
    mapping = table.mapping.to_dict()
    for number, column in enumerate(mapping["columns"], 1):
        column["letters"] = letters_of(number)
    return ShownTable(
        kind=table.kind,
        mapping=mapping,
        other_sheets=tuple(left_out),
        shape=SHAPES[table.mapping.shape],
        notes=table.notes,
        questions=tuple(
            ShownQuestion(name=question.name, text=question.text, answers=tuple(question.answers.items()))
            for question in table.questions
        ),
        header=header,
        rows=tuple((row.number, tuple(row.values.get(name, "") for name in header)) for row in first),
        n_rows=len(table.rows),
    )


def fields_of(kinds: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what a column can be, by kind of rows."""
    return {kind: tuple(FIELDS[kind]) for kind in kinds}
