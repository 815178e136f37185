"""Files that were read and validated, as far as that needs no database."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from judging.competition import CompetitionRules, RoundRules
from judging.errors import InvalidInput, Message
from judging.schemas.roster_rows import KINDS, check_header, load_rows
from judging.services.imports import rosters
from judging.services.imports.import_report import Complaints, ImportSheet
from judging.workbook.reading import read_table
from judging.workbook.template import INSTRUCTIONS

# Teams before their proposals, people before their assignments.
_ORDER = ("teams", "judges", "proposals", "assignments", "scores")
_OTHER_NAMES = {kind.removesuffix("s"): kind for kind in KINDS}


class ReadRow(Protocol):
    """A row of a file."""

    @property
    def number(self) -> int:
        """The row number that the user sees."""

    @property
    def values(self) -> Mapping[str, str]:
        """The non-empty cells by heading."""


class ReadTable(Protocol):
    """A sheet of a file."""

    @property
    def name(self) -> str:
        """The title of the sheet."""

    @property
    def header(self) -> tuple[str, ...]:
        """The headings, in order."""

    @property
    def rows(self) -> Sequence[ReadRow]:
        """The non-empty rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTarget:
    """What the rows of a file are checked against: the rules of the competition and of the chosen round."""

    competition_key: str
    round_key: str | None
    competition: CompetitionRules
    rules: RoundRules | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file that was read and validated; ``complaints`` are those that need no database."""

    target: ImportTarget
    filename: str
    digest: str
    sheets: tuple[ImportSheet, ...]
    left_out: tuple[str, ...]
    complaints: Complaints


def load_file(target: ImportTarget, *, stream: IO[bytes], filename: str, kind: str | None = None) -> LoadedFile:
    """Read and validate a CSV file or workbook; this may take seconds and needs no database.

    Parameters
    ----------
    target : ImportTarget
    stream, filename
        The upload; the suffix of the name distinguishes CSV from Excel.
    kind : str, optional
        Kind of rows, one of KINDS; required when the sheets are not named after a kind.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or what it contains is not known.
    """
    content = stream.read()
    return load_tables(
        target,
        read_table(io.BytesIO(content), filename),
        filename=filename,
        digest=hashlib.sha256(content).hexdigest(),
        kind=kind,
    )


def load_tables(
    target: ImportTarget, read: Iterable[ReadTable], *, filename: str, digest: str, kind: str | None = None
) -> LoadedFile:
    """Validate sheets that have been read already; see ``load_file``."""
    kinds, left_out = _match_kinds(list(read), kind)
    complaints = Complaints()
    sheets = _load(kinds, target, complaints)
    return LoadedFile(
        target=target,
        filename=filename,
        digest=digest,
        sheets=tuple(sheets),
        left_out=tuple(left_out),
        complaints=complaints,
    )


def _match_kinds(read: list[ReadTable], kind: str | None) -> tuple[list[tuple[str, ReadTable]], list[str]]:
    """Return the tables with their kind, and the names of the tables of no known kind."""
    named = [(_kind_named(table.name), table) for table in read]
    if kind is not None:
        if kind not in KINDS:
            raise InvalidInput({"kind": Message("choose one of: {known}", known=", ".join(KINDS))})
        matched = [(kind, table) for name, table in named if name == kind] or [(kind, table) for table in read[:1]]
    else:
        matched = [(name, table) for name, table in named if name is not None]
    if not matched:
        text = Message("say what this file contains, or name its sheets for it: {known}", known=", ".join(KINDS))
        raise InvalidInput({"kind": text})
    matched_tables = [table for _, table in matched]
    # The template's page of instructions is part of every filled-in template.
    unknown_names = [table.name for table in read if table not in matched_tables and table.name != INSTRUCTIONS]
    return sorted(matched, key=lambda pair: _ORDER.index(pair[0])), unknown_names


def _kind_named(name: str) -> str | None:
    plain = name.strip().casefold()
    return plain if plain in KINDS else _OTHER_NAMES.get(plain)


def _load(kinds: list[tuple[str, ReadTable]], target: ImportTarget, complaints: Complaints) -> list[ImportSheet]:
    sheets = []
    for kind, table in kinds:
        name = table.name if len(kinds) > 1 else ""
        column_of, header_complaints = check_header(kind, table.header)
        if header_complaints:
            complaints.add_header(name, header_complaints)
            continue
        rows, row_complaints = load_rows(
            kind,
            ((row.number, row.values) for row in table.rows),
            column_of=column_of,
            competition=target.competition,
            rules=target.rules,
        )
        for number, column, text in row_complaints:
            complaints.add(name, number, column, text)
        sheets.append(ImportSheet(kind, name, tuple(rows)))
        if kind == "proposals":
            # Teams that are named in a sheet of proposals must be stored before the proposals.
            sheets.insert(-1, rosters.inline_teams(sheets[-1], complaints))
    return sheets
