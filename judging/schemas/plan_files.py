"""Load the files of ``judging plan`` from CSV or Excel: proposals, judges, and pairs of a proposal and a judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError

from judging.assignment.roster import RosterJudge, RosterProposal
from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.reading import ReadTable
from judging.schemas.cell_fields import CountCell, KeyCell, LineCell

_SEPARATOR = ";"

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


def load_proposals(table: ReadTable) -> list[RosterProposal]:
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


def load_judges(table: ReadTable) -> list[RosterJudge]:
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
    table: ReadTable, *, proposals: list[RosterProposal], judges: list[RosterJudge], strict: bool
) -> list[tuple[str, str]]:
    """Return the pairs of a table with the columns ``proposal`` and ``judge``.

    With ``strict`` a pair with an unknown proposal or judge is refused; otherwise it is skipped.
    """
    known_proposals, known_judges = {proposal.name for proposal in proposals}, {judge.name for judge in judges}
    pairs, complaints = [], Complaints()
    for row, values in zip(table.rows, _load(table, _PAIR()), strict=True):
        for heading, known in (("proposal", known_proposals), ("judge", known_judges)):
            if values[heading] not in known and strict:
                text = Message("`{text}` is not in the list given beside it.", text=values[heading])
                complaints.add(_name(table), row.number, heading, text)
        if values["proposal"] in known_proposals and values["judge"] in known_judges:
            pairs.append((values["proposal"], values["judge"]))
    complaints.raise_if_any(how_read=table.how_read)
    return pairs


def _load(table: ReadTable, schema: Schema, *, unique: str | None = None) -> list[Mapping[str, Any]]:
    loaded: list[Mapping[str, Any]] = []
    complaints = Complaints()
    complaints.take_in(table.all_complaints(), _name(table))
    first_rows: dict[str, int] = {}
    for row in table.rows:
        try:
            values = schema.load(dict(row.values), unknown=EXCLUDE)
        except ValidationError as error:
            messages: dict[str, list[str]] = error.messages_dict
            for heading, texts in messages.items():
                for text in texts:
                    complaints.add(_name(table), row.number, heading, text)
            continue
        if unique and (first_row := first_rows.setdefault(values[unique], row.number)) != row.number:
            text = Message("`{text}` is in row {row} already.", text=values[unique], row=first_row)
            complaints.add(_name(table), row.number, unique, text)
        loaded.append(values)
    complaints.raise_if_any(how_read=table.how_read)
    return loaded


def _name(table: ReadTable) -> str:
    """Return the name of a table: several files are read, and each complaint says which one it is about."""
    return ", ".join(table.mapping.sheets)


def _parts(text: str) -> list[str]:
    for mark in ",，、；":
        text = text.replace(mark, _SEPARATOR)
    return [part.strip() for part in text.split(_SEPARATOR) if part.strip()]
