"""The files of ``judging plan``: proposals, judges, and pairs of both, from CSV or Excel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from marshmallow import EXCLUDE, Schema, ValidationError

from judging.assignment.roster import Paper, Reader
from judging.errors import InvalidInput, Message
from judging.schemas.cell_fields import Count, Key, Line

_SEPARATOR = ";"
_MOST_COMPLAINTS = 50

_PROPOSAL = Schema.from_dict(
    {
        "proposal": Key(longest=60, required=True),
        "city": Line(longest=60),
        "category": Line(longest=60),
        "language": Line(longest=20),
    }
)
_JUDGE = Schema.from_dict(
    {
        "judge": Key(longest=40, required=True),
        "city": Line(longest=60),
        "categories": Line(longest=1000),
        "languages": Line(longest=200),
        "max_load": Count(),
    }
)
_PAIR = Schema.from_dict({"proposal": Key(longest=60, required=True), "judge": Key(longest=40, required=True)})


class _Row(Protocol):
    """One row of an uploaded table."""

    @property
    def number(self) -> int:
        """Its number as the person sees it."""

    @property
    def values(self) -> Mapping[str, str]:
        """Its cells by heading, empty ones left out."""


class _Table(Protocol):
    """An uploaded table, whoever read it: schemas know no file formats."""

    @property
    def name(self) -> str:
        """Its name in complaints."""

    @property
    def header(self) -> tuple[str, ...]:
        """Its headings."""

    @property
    def rows(self) -> Sequence[_Row]:
        """Its rows."""


def load_papers(table: _Table) -> list[Paper]:
    """Return the proposals of a table with the columns ``proposal`` and optionally ``city, category, language``."""
    rows = _load(table, _PROPOSAL(), unique="proposal")
    return [
        Paper(
            name=row["proposal"],
            city=row.get("city", ""),
            category=row.get("category", ""),
            language=row.get("language", ""),
        )
        for row in rows
    ]


def load_readers(table: _Table) -> list[Reader]:
    """Return the judges of a table with the column ``judge`` and optionally ``city, categories, languages, max_load``.

    Several categories or languages in one cell are separated by commas or semicolons.
    """
    rows = _load(table, _JUDGE(), unique="judge")
    return [
        Reader(
            name=row["judge"],
            city=row.get("city", ""),
            categories=_parts(row.get("categories", "")),
            languages=_parts(row.get("languages", "")),
            max_load=row.get("max_load"),
        )
        for row in rows
    ]


def load_pairs(table: _Table, *, papers: list[Paper], readers: list[Reader], strict: bool) -> list[tuple[str, str]]:
    """Return the pairs of a table with the columns ``proposal`` and ``judge``.

    With ``strict`` a pair of somebody who is in neither list is refused; else it is left out: a judge may have left.
    """
    known_papers, known_readers = {paper.name for paper in papers}, {reader.name for reader in readers}
    pairs, complaints = [], {}
    for row, values in zip(table.rows, _load(table, _PAIR()), strict=True):
        for heading, known in (("proposal", known_papers), ("judge", known_readers)):
            if values[heading] not in known and strict:
                complaints[_place(table, row, heading)] = [
                    Message("`{text}` is not in the list given beside it.", text=values[heading])
                ]
        if values["proposal"] in known_papers and values["judge"] in known_readers:
            pairs.append((values["proposal"], values["judge"]))
    if complaints:
        raise InvalidInput(complaints)
    return pairs


def _load(table: _Table, schema: Schema, *, unique: str | None = None) -> list[Mapping[str, Any]]:
    required = [name for name, field in schema.fields.items() if field.required]
    if missing := [name for name in required if name not in table.header]:
        raise InvalidInput(
            {
                table.name: Message(
                    "the column {column} is missing; the columns are {known}",
                    column=", ".join(missing),
                    known=", ".join(schema.fields),
                )
            }
        )
    loaded: list[Mapping[str, Any]] = []
    complaints: dict[str, list[str]] = {}
    first: dict[str, _Row] = {}
    for row in table.rows:
        try:
            values = schema.load({k: v for k, v in row.values.items() if v.strip()}, unknown=EXCLUDE)
        except ValidationError as error:
            messages: dict[str, list[str]] = error.messages_dict
            complaints |= {_place(table, row, heading): texts for heading, texts in messages.items()}
            continue
        if unique and (before := first.setdefault(values[unique], row)) is not row:
            complaints[_place(table, row, unique)] = [
                Message("`{text}` stands in row {row} already.", text=values[unique], row=before.number)
            ]
        loaded.append(values)
    if complaints:
        raise InvalidInput(dict(list(complaints.items())[:_MOST_COMPLAINTS]))
    return loaded


def _place(table: _Table, row: _Row, heading: str) -> str:
    return f"{table.name}, row {row.number}, {heading}"


def _parts(text: str) -> list[str]:
    for mark in ",，、；":
        text = text.replace(mark, _SEPARATOR)
    return [part.strip() for part in text.split(_SEPARATOR) if part.strip()]
