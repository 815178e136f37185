"""Import files into a competition: check everything, report all complaints at once, then store everything.

One file may contain several sheets, each named after its kind of rows. They are stored in the order of their
dependencies, so that one file may add a new team, its proposal and the proposal's judges.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CompetitionRules, RoundRules
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.roster_rows import KINDS, check_header, load_rows
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.competition_roster import CompetitionRoster
from judging.services.competitions import definition_of, rules_of
from judging.services.imports import assignments, rosters, scores
from judging.services.imports.import_report import Complaints, ImportOutcome, ImportReport, ImportSheet
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


@dataclass(frozen=True, slots=True)
class _Target:
    """The destination of a file: the competition with its rounds and roster, and the round chosen with the file."""

    row: tables.Competition
    definition: CompetitionRules
    rounds: Mapping[str, tables.Round]
    chosen: tables.Round | None
    rules: RoundRules | None


def import_file(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    stream: IO[bytes],
    filename: str,
    at: datetime,
    kind: str | None = None,
    round_key: str | None = None,
    check_only: bool = False,
) -> ImportReport:
    """Import a CSV file or workbook into a competition, or only report what the import would do.

    Parameters
    ----------
    session : Session
    actor : Actor
        An organiser of the competition.
    competition_key : str
    stream, filename
        The upload; the suffix of the name distinguishes CSV from Excel.
    at : datetime
    kind : str, optional
        Kind of rows, one of KINDS; required when the sheets are not named after a kind.
    round_key : str, optional
        The round of the assignments and scores, which the proposals enter.
    check_only : bool
        Do everything, report it, and roll it back.

    Raises
    ------
    InvalidInput
        With every complaint by row and column; nothing is stored then.
    Conflict
        When the file contains scores and the round is not open.
    """
    get_competition(session, actor, competition_key, "organiser")
    content = stream.read()
    return import_tables(
        session,
        actor,
        competition_key,
        read_table(io.BytesIO(content), filename),
        filename=filename,
        digest=hashlib.sha256(content).hexdigest(),
        at=at,
        kind=kind,
        round_key=round_key,
        check_only=check_only,
    )


def import_tables(
    session: Session,
    actor: Actor,
    competition_key: str,
    read: Iterable[ReadTable],
    *,
    filename: str,
    digest: str,
    at: datetime,
    kind: str | None = None,
    round_key: str | None = None,
    check_only: bool = False,
) -> ImportReport:
    """Import sheets that have been read already; see ``import_file``."""
    target = _target(session, actor, competition_key, round_key)
    kinds, left_out = _match_kinds(list(read), kind)
    complaints = Complaints()
    sheets = _load(kinds, target, complaints)
    known = CompetitionRoster.of(session, target.row)
    if any(sheet.kind == "scores" and sheet.rows for sheet in sheets):
        scores.require_open(target.chosen)
    _check(session, sheets, known, target, complaints, at=at)
    complaints.raise_if_any()
    try:
        with session.begin_nested() as savepoint:
            outcomes = _store(session, actor, sheets, known, target, at=at)
            if check_only:
                savepoint.rollback()
    except IntegrityError as error:
        raise Conflict(Message("Somebody else changed this roster at the same moment. Please try again.")) from error
    report = ImportReport(filename, digest, not check_only, tuple(outcomes), tuple(left_out))
    if not check_only:
        _record_import(session, actor, target, report, at=at)
    return report


def _target(session: Session, actor: Actor, competition_key: str, round_key: str | None) -> _Target:
    row = get_competition(session, actor, competition_key, "organiser")
    # Locked, so that nobody saves a scoresheet or closes the round between checking and storing.
    rows = session.exec(
        select(tables.Round)
        .where(tables.Round.competition_id == row.id)
        .order_by(col(tables.Round.position))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    rounds = {row_of_round.key: row_of_round for row_of_round in rows}
    if round_key is not None and round_key not in rounds:
        raise NotFound(Message("There is no round {round} in this competition.", round=round_key))
    chosen = rounds[round_key] if round_key is not None else None
    return _Target(row, definition_of(row), rounds, chosen, rules_of(chosen) if chosen is not None else None)


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


def _load(kinds: list[tuple[str, ReadTable]], target: _Target, complaints: Complaints) -> list[ImportSheet]:
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
            competition=target.definition,
            rules=target.rules,
        )
        for number, column, text in row_complaints:
            complaints.add(name, number, column, text)
        sheets.append(ImportSheet(kind, name, tuple(rows)))
        if kind == "proposals":
            # Teams that are named in a sheet of proposals must be stored before the proposals.
            sheets.insert(-1, rosters.inline_teams(sheets[-1], complaints))
    return sheets


def _check(
    session: Session,
    sheets: list[ImportSheet],
    known: CompetitionRoster,
    target: _Target,
    complaints: Complaints,
    *,
    at: datetime,
) -> None:
    in_file = {
        kind: frozenset(row["key"] for sheet in sheets if sheet.kind == kind for row in sheet.rows)
        for kind in ("judges", "teams", "proposals")
    }
    for sheet in sheets:
        if sheet.kind == "assignments":
            assignments.check_rows(sheet, known, in_file, complaints, rounds=target.rounds, chosen=target.chosen)
        elif sheet.kind != "scores":
            rosters.check_rows(session, sheet, known, in_file, complaints)
        elif target.chosen is not None and target.rules is not None:
            scores.check_rows(
                session,
                sheet,
                known,
                in_file,
                complaints,
                round_row=target.chosen,
                rules=target.rules,
                at=at,
            )


def _store(
    session: Session,
    actor: Actor,
    sheets: list[ImportSheet],
    known: CompetitionRoster,
    target: _Target,
    *,
    at: datetime,
) -> list[ImportOutcome]:
    outcomes: list[ImportOutcome] = []
    for sheet in sheets:
        if sheet.kind == "teams":
            outcomes.append(rosters.store_teams(session, sheet, known))
        elif sheet.kind == "judges":
            outcomes.append(rosters.store_judges(session, sheet, known, at=at))
        elif sheet.kind == "proposals":
            outcomes.append(rosters.store_proposals(session, sheet, known, round_row=_round_to_enter(target)))
        elif sheet.kind == "assignments":
            outcomes.append(
                assignments.store_assignments(session, sheet, known, rounds=target.rounds, chosen=target.chosen, at=at)
            )
        elif target.chosen is not None and target.rules is not None:
            outcomes.append(
                scores.store_scores(session, actor, sheet, known, round_row=target.chosen, rules=target.rules, at=at)
            )
    return [
        outcome
        for outcome in outcomes
        if outcome.kind != "teams" or outcome.n_new + outcome.n_changed + outcome.n_unchanged
    ]


def _round_to_enter(target: _Target) -> tables.Round | None:
    """Return the round that imported proposals enter: the chosen one, otherwise the first one unless it is closed."""
    if target.chosen is not None:
        if target.chosen.state == "closed":
            raise Conflict(Message("Round {round} is closed; reopen it first.", round=target.chosen.key))
        return target.chosen
    first = next(iter(target.rounds.values()), None)
    return first if first is not None and first.state != "closed" else None


def _record_import(session: Session, actor: Actor, target: _Target, report: ImportReport, *, at: datetime) -> None:
    detail: dict[str, Any] = {"digest": report.digest, "round": target.chosen.key if target.chosen else None}
    for outcome in report.outcomes:
        counts = detail.setdefault(outcome.kind, {"new": 0, "changed": 0, "unchanged": 0})
        counts["new"] += outcome.n_new
        counts["changed"] += outcome.n_changed
        counts["unchanged"] += outcome.n_unchanged
    audit.record(
        session,
        actor,
        "file.imported",
        f"{target.row.key} {report.filename}"[:200],
        at=at,
        competition_id=target.row.id,
        detail=detail,
    )
