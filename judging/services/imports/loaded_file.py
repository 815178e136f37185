"""Files that were read and validated, as far as that needs no database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from judging.competition import CompetitionRules, RoundRules
from judging.errors import Conflict, InvalidInput, Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.cells import Book, RawSheet
from judging.incoming_tables.containers.read_book import read_book
from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.questions import Question
from judging.incoming_tables.reading import ReadTable, read_table, with_encoding
from judging.incoming_tables.texts.headings import plain
from judging.schemas.cell_fields import names_of
from judging.schemas.roster_rows import KINDS, load_rows
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports.import_report import ImportSheet
from judging.workbook.corrected import mark_mistakes
from judging.workbook.roster.columns import SHEET_NAMES
from judging.workbook.roster.template import INSTRUCTIONS

# Teams before their proposals, people before their assignments.
_ORDER: Final = ("teams", "judges", "proposals", "assignments", "scores")
_KIND_NAMED: Final = {
    plain(name): kind
    for kind in KINDS
    for name in (kind, kind.removesuffix("s"), *SHEET_NAMES[kind].by_language.values())
}

RosterNames = Mapping[str, tuple[str, ...]]
"""Key -> the other names by which a file may call the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTarget:
    """What the rows of a file are checked against: the rules of the competition and of the chosen round, its roster.

    ``names`` has, under ``judges`` and ``proposals``, the keys with the names that a file may use in their place.
    """

    competition_key: str
    round_key: str | None
    competition: CompetitionRules
    rules: RoundRules | None
    names: Mapping[str, RosterNames] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file that was read and validated; ``complaints`` are those that need no database.

    Attributes
    ----------
    read : tuple of ReadTable
        How each of its tables was read.
    """

    target: ImportTarget
    filename: str
    digest: str
    sheets: tuple[ImportSheet, ...]
    left_out: tuple[str, ...]
    complaints: Complaints
    read: tuple[ReadTable, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return what has to be answered before the rows are known."""
        return tuple(question for table in self.read for question in table.questions)

    @property
    def has_questions(self) -> bool:
        """Return whether something has to be answered first."""
        return any(table.questions for table in self.read)

    @property
    def how_read(self) -> tuple[Message, ...]:
        """Return how the file was read, in words."""
        return tuple(dict.fromkeys(text for table in self.read for text in table.how_read))


def names_of_roster(roster: CompetitionRoster) -> dict[str, RosterNames]:
    """Return the names by which a file may call the judges and proposals of a roster."""
    teams = {team.id: team for team in roster.teams.values()}
    judges = {
        key: tuple(filter(None, (judge.name, roster.emails.get(judge.pk)))) for key, judge in roster.judges.items()
    }
    proposals = {}
    for key, proposal in roster.proposals.items():
        team = teams.get(proposal.team_id)
        of_team = (team.key, team.name) if team is not None else ()
        proposals[key] = tuple(filter(None, (proposal.title, *of_team)))
    return {"judges": judges, "proposals": proposals}


def load_file(
    target: ImportTarget,
    *,
    content: bytes,
    filename: str,
    kind: str | None = None,
    mapping: TableMapping | None = None,
    headings: Mapping[str, str] | None = None,
) -> LoadedFile:
    """Read and validate a file; this may take seconds and needs no database.

    Parameters
    ----------
    target : ImportTarget
    content, filename
        The upload.
    kind : str, optional
        Kind of rows, one of KINDS; required when the sheets are not named after a kind.
    mapping : TableMapping, optional
        How the rows of this kind are to be read, as far as a person decided it.
    headings : mapping of str to str, optional
        Field -> its heading in the file, where a person named it.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or what it contains is not known.
    """
    if kind is not None and kind not in KINDS:
        raise InvalidInput({"kind": Message("choose one of: {known}", known=Listed(KINDS))})
    mapping = with_encoding(mapping)
    book = read_book(content, filename, encoding=(mapping.encoding or None) if mapping else None)
    books, left_out = _match_kinds(book, kind)
    read: list[ReadTable] = []
    added: dict[str, RosterNames] = {"judges": {}, "proposals": {}}
    if target.rules is None and any(table_kind == "scores" for table_kind, _ in books):
        raise Conflict(Message("Choose the round that these scores belong to."))
    for table_kind, part in books:
        known = replace(known_of(target, table_kind, added), headings=headings or {})
        table = read_table(part, known, mapping if table_kind == kind else None)
        read.append(table)
        if table_kind in added:
            added[table_kind] = {
                row.values["key"]: tuple(filter(None, (row.get("name"), row.get("email"), row.get("title"))))
                for row in table.rows
                if "key" in row.values
            }
    left_out += [name for table in read for name in _not_read(book, table, books, left_out)]
    return load_tables(target, read, filename=filename, digest=hashlib.sha256(content).hexdigest(), left_out=left_out)


def corrected_file(
    loaded: LoadedFile, complaints: Complaints, content: bytes, translate: Callable[[str], str] = str
) -> bytes:
    """Return the file as a workbook with a column of complaints, each translated."""
    return mark_mistakes(content, loaded.filename, loaded.read[0].mapping, complaints, translate=translate)


def known_of(target: ImportTarget, kind: str, added: Mapping[str, RosterNames]) -> Known:
    """Return what the reader may know: roster, rules, and what other sheets of the same file add."""
    if kind not in ("assignments", "scores"):
        return Known(kind=kind)
    names = {what: Names({**target.names.get(what, {}), **added.get(what, {})}) for what in ("judges", "proposals")}
    criteria = target.rules.rubric.criteria if target.rules is not None else ()
    return Known(
        kind=kind,
        judges=names["judges"],
        proposals=names["proposals"],
        criteria=Names({criterion.key: names_of(criterion.name) for criterion in criteria}) if criteria else None,
        scales={
            criterion.key: MarkScale(
                minimum=criterion.scale.minimum, maximum=criterion.scale.maximum, step=criterion.scale.step
            )
            for criterion in criteria
        },
    )


def load_tables(
    target: ImportTarget,
    read: Sequence[ReadTable],
    *,
    filename: str,
    digest: str,
    left_out: Iterable[str] = (),
) -> LoadedFile:
    """Validate tables that have been read already; see ``load_file``."""
    complaints = Complaints()
    sheets: list[ImportSheet] = []
    for table in read:
        name = table.mapping.sheets[0] if len(read) > 1 and table.mapping.sheets else ""
        complaints.take_in(table.all_complaints(), name)
        rows, row_complaints = load_rows(table.kind, table.rows, competition=target.competition, rules=target.rules)
        sheet_of = {row.number: row.sheet for row in table.rows if row.sheet}
        of_reader = complaints.copy()
        for number, column, text in row_complaints:
            place = sheet_of.get(number, name)
            if not of_reader.has(place, number, column):
                complaints.add(place, number, column, text)
        sheets.append(ImportSheet(table.kind, name, tuple(rows)))
    return LoadedFile(
        target=target,
        filename=filename,
        digest=digest,
        sheets=tuple(sheets),
        left_out=tuple(dict.fromkeys(left_out)),
        complaints=complaints,
        read=tuple(read),
    )


def _match_kinds(book: Book, kind: str | None) -> tuple[list[tuple[str, Book]], list[str]]:
    """Return the parts of a book with their kind, and the titles of the sheets of no known kind."""
    named = [(_kind_named(sheet.name), sheet) for sheet in book.sheets]
    if kind is not None:
        own = [sheet for name, sheet in named if name == kind and not sheet.is_hidden and sheet.rows]
        others = {name for name, sheet in named if name not in (None, kind)}
        # Of a book with sheets named after kinds only those of this kind are meant.
        sheets = own if own and (others or len(book.sheets) == 1) else list(book.sheets)
        return [(kind, replace(book, sheets=tuple(sheets)))], []
    matched = [(name, sheet) for name, sheet in named if name is not None and not sheet.is_hidden and _is_filled(sheet)]
    if not matched:
        matched = [(name, sheet) for name, sheet in named if name is not None and not sheet.is_hidden and sheet.rows]
    if not matched:
        text = Message("say what this file contains, or name its sheets for it: {known}", known=Listed(KINDS))
        raise InvalidInput({Message("kind"): text})
    # The template's page of instructions is part of every filled-in template, and so are its empty sheets.
    unknown = [
        sheet.name for name, sheet in named if name is None and sheet.name != INSTRUCTIONS and not sheet.is_hidden
    ]
    matched.sort(key=lambda pair: _ORDER.index(pair[0]))
    return [(name, replace(book, sheets=(sheet,))) for name, sheet in matched], unknown


def _not_read(book: Book, table: ReadTable, books: Sequence[tuple[str, Book]], known: Sequence[str]) -> list[str]:
    if len(books) > 1:
        return []
    return [
        sheet.name
        for sheet in book.sheets
        if sheet.name not in (*table.mapping.sheets, *known, INSTRUCTIONS) and sheet.rows and not sheet.is_hidden
    ]


def _is_filled(sheet: RawSheet) -> bool:
    return len(sheet.rows) > 1


def _kind_named(name: str) -> str | None:
    return _KIND_NAMED.get(plain(name))
