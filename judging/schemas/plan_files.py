"""Load the files of ``judging plan`` from CSV or Excel: proposals, judges, and pairs of a proposal and a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from marshmallow import EXCLUDE, Schema, ValidationError

from judging.assignment.roster import RosterJudge, RosterProposal
from judging.errors import InvalidInput, Message
from judging.schemas.cell_fields import CountCell, KeyCell, LineCell

_SEPARATOR = ";"
_MOST_COMPLAINTS = 50

_PROPOSAL = Schema.from_dict(
    {
        "proposal": KeyCell(longest=60, required=True),
        "city": LineCell(longest=60),
        "category": LineCell(longest=60),
        "language": LineCell(longest=20),
    }
)
_JUDGE = Schema.from_dict(
    {
        "judge": KeyCell(longest=40, required=True),
        "city": LineCell(longest=60),
        "categories": LineCell(longest=1000),
        "languages": LineCell(longest=200),
        "max_load": CountCell(),
    }
)
_PAIR = Schema.from_dict({"proposal": KeyCell(longest=60, required=True), "judge": KeyCell(longest=40, required=True)})


class _Row(Protocol):
    """One row of an uploaded table."""

    @property
    def number(self) -> int:
        """The row number that the user sees."""

    @property
    def values(self) -> Mapping[str, str]:
        """The non-empty cells by heading."""


class _Table(Protocol):
    """An uploaded table of any file format."""

    @property
    def name(self) -> str:
        """The name for complaints."""

    @property
    def header(self) -> tuple[str, ...]:
        """The headings."""

    @property
    def rows(self) -> Sequence[_Row]:
        """The rows."""


def load_proposals(table: _Table) -> list[RosterProposal]:
    """Return the proposals of a table with the columns ``proposal`` and optionally ``city, category, language``."""
    rows = _load(table, _PROPOSAL(), unique="proposal")
    return [
        RosterProposal(
            name=row["proposal"],
            city=row.get("city", ""),
            category=row.get("category", ""),
            language=row.get("language", ""),
        )
        for row in rows
    ]


def load_judges(table: _Table) -> list[RosterJudge]:
    """Return the judges of a table with the column ``judge`` and optionally ``city, categories, languages, max_load``.

    Several categories or languages in one cell are separated by commas or semicolons.
    """
    rows = _load(table, _JUDGE(), unique="judge")
    return [
        RosterJudge(
            name=row["judge"],
            city=row.get("city", ""),
            categories=_parts(row.get("categories", "")),
            languages=_parts(row.get("languages", "")),
            max_load=row.get("max_load"),
        )
        for row in rows
    ]


def load_pairs(
    table: _Table, *, proposals: list[RosterProposal], judges: list[RosterJudge], strict: bool
) -> list[tuple[str, str]]:
    """Return the pairs of a table with the columns ``proposal`` and ``judge``.

    With ``strict`` a pair with an unknown proposal or judge is refused; otherwise it is skipped.
    """
    known_proposals, known_judges = {proposal.name for proposal in proposals}, {judge.name for judge in judges}
    pairs, complaints = [], {}
    for row, values in zip(table.rows, _load(table, _PAIR()), strict=True):
        for heading, known in (("proposal", known_proposals), ("judge", known_judges)):
            if values[heading] not in known and strict:
                complaints[_place(table, row, heading)] = [
                    Message("`{text}` is not in the list given beside it.", text=values[heading])
                ]
        if values["proposal"] in known_proposals and values["judge"] in known_judges:
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
    first_rows: dict[str, _Row] = {}
    for row in table.rows:
        try:
            values = schema.load({k: v for k, v in row.values.items() if v.strip()}, unknown=EXCLUDE)
        except ValidationError as error:
            messages: dict[str, list[str]] = error.messages_dict
            complaints |= {_place(table, row, heading): texts for heading, texts in messages.items()}
            continue
        if unique and (first_row := first_rows.setdefault(values[unique], row)) is not row:
            complaints[_place(table, row, unique)] = [
                Message("`{text}` is in row {row} already.", text=values[unique], row=first_row.number)
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
