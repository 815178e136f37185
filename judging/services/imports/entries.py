"""Teams and proposals that a platform posts: read like the rows of a file, by the same checks, stored by the same code.

What is refused is told row by row with the value, so that a platform can show it to whoever has typed it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import ReadRow, ReadTable
from judging.schemas.roster_rows import COLUMNS, load_rows
from judging.services.access import Actor
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import checking, storing
from judging.services.imports.completing import complete
from judging.services.imports.destination import find_destination
from judging.services.imports.import_report import ImportReport, ImportSheet
from judging.services.imports.loaded_file import ImportTarget, LoadedFile, load_tables

FILENAME = "entries.json"
MEDIA_TYPE = "application/json"
KIND = "entries"
"""Of a job whose file contains posted entries."""
_KINDS = ("teams", "proposals")
NOTHING = Message("Nothing was imported: some entries have mistakes. Correct them and try again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedValue:
    """A value that cannot be stored: list and index of its row (from 0), key, column, and what is wrong."""

    kind: str
    index: int
    key: str
    column: str
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesResult:
    """What storing has done, or would do; ``added`` are the keys of new rows, by kind."""

    report: ImportReport
    added: Mapping[str, tuple[str, ...]]
    refused: tuple[RefusedValue, ...]


@dataclass(slots=True)
class _Listed(Complaints):
    """Complaints of which each is kept with its place."""

    found: list[tuple[str, int, str, str]] = field(default_factory=list)

    def add(self, sheet: str, row: int, column: str, text: str) -> None:
        """Add one complaint, and keep it."""
        Complaints.add(self, sheet, row, column, text)
        self.found.append((sheet, row, column, text))


def content_of(posted: Mapping[str, Any]) -> bytes:
    """Return posted entries as the file of a job."""
    return json.dumps(posted, ensure_ascii=False, sort_keys=True).encode()


def load_entries(target: ImportTarget, posted: Mapping[str, Sequence[Mapping[str, Any]]]) -> LoadedFile:
    """Return posted teams and proposals as a file that was read; rows are numbered from 1 in each list."""
    read = [
        ReadTable(
            kind=kind,
            mapping=TableMapping(kind=kind, sheets=(kind,)),
            rows=tuple(
                ReadRow(number, {name: text for name, value in row.items() if (text := (value or "").strip())}, kind)
                for number, row in enumerate(posted.get(kind) or (), 1)
            ),
            how_read=(),
            notes=(),
            questions=(),
            # Whoever posts knows the values by these names.
            complaints=Complaints(words={("", column.name): column.name for column in COLUMNS[kind]}),
        )
        for kind in _KINDS
    ]
    return load_tables(target, read, filename=FILENAME, digest=hashlib.sha256(content_of(posted)).hexdigest())


def find_refused(session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime) -> tuple[RefusedValue, ...]:
    """Return every value that cannot be stored; a reading session is enough."""
    complaints = _Listed()
    for table in loaded.read:
        _, found = load_rows(table.kind, table.rows, competition=loaded.target.competition, rules=loaded.target.rules)
        for number, column, text in found:
            complaints.add(table.kind, number, column, text)
    destination = find_destination(session, actor, loaded.target.competition_key, loaded.target.round_key)
    known = CompetitionRoster.of(session, destination.row)
    checking.check_sheets(session, loaded.sheets, known, destination, complaints, at=at)
    values = {(table.kind, row.number): row for table in loaded.read for row in table.rows}
    return tuple(
        RefusedValue(
            kind=kind,
            index=number - 1,
            key=values[kind, number].get("key") or "",
            column=column,
            value=values[kind, number].get(column) or "",
            text=text,
        )
        for kind, number, column, text in dict.fromkeys(complaints.found)
    )


def without_refused(loaded: LoadedFile, refused: Sequence[RefusedValue]) -> LoadedFile:
    """Return the file without the rows that have a refused value, for a preview of the others."""
    rows = {(one.kind, one.index + 1) for one in refused}
    read = [
        replace(table, rows=tuple(row for row in table.rows if (table.kind, row.number) not in rows))
        for table in loaded.read
    ]
    return load_tables(loaded.target, read, filename=loaded.filename, digest=loaded.digest)


def preview_basis(
    session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime
) -> tuple[LoadedFile, tuple[RefusedValue, ...]]:
    """Return the rows that could be stored, and every refused value; what needs a refused row is refused too."""
    refused: tuple[RefusedValue, ...] = ()
    while found := find_refused(session, actor, loaded, at=at):
        refused += found
        loaded = without_refused(loaded, found)
    return loaded, refused


def store_entries(
    session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime, check_only: bool
) -> EntriesResult:
    """Store all of it, or only report what would be stored; see ``storing.store_file``."""
    destination = find_destination(session, actor, loaded.target.competition_key, loaded.target.round_key)
    known = CompetitionRoster.of(session, destination.row)
    before = {"teams": frozenset(known.teams), "proposals": frozenset(known.proposals)}
    sheets = complete(loaded.sheets, known, loaded.target.competition, Complaints())
    report = storing.store_file(session, actor, loaded, at=at, check_only=check_only)
    return EntriesResult(report=report, added={kind: _new(sheets, kind, before[kind]) for kind in _KINDS}, refused=())


def _new(sheets: Sequence[ImportSheet], kind: str, before: frozenset[str]) -> tuple[str, ...]:
    keys = [row["key"] for sheet in sheets if sheet.kind == kind for row in sheet.rows]
    return tuple(key for key in dict.fromkeys(keys) if key not in before)
