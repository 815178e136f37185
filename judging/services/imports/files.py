"""Files into a competition: all of it is checked first, all mistakes are told at once, and then all of it is stored.

One file may hold several sheets, each named for what it holds. They are taken in the order in which they build on each
other, so that a new team, its proposal and the proposal's judges may come together.
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
from judging.competition import Competition, Round
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.roster_rows import COLUMNS, KINDS, check_header, load_rows
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.competition_roster import CompetitionRoster
from judging.services.competitions import definition_of, rules_of
from judging.services.imports import assignments, rosters, scores
from judging.services.imports.import_report import Complaints, ImportOutcome, ImportReport, ImportSheet
from judging.workbook.reading import read_table
from judging.workbook.template import INSTRUCTIONS

# Teams before the proposals they hand in, people before what they are to do.
_ORDER = ("teams", "judges", "proposals", "assignments", "scores")
_OTHER_NAMES = {kind.removesuffix("s"): kind for kind in KINDS}


class ReadRow(Protocol):
    """A row as read from a file."""

    @property
    def number(self) -> int:
        """Its number as the person sees it."""

    @property
    def values(self) -> Mapping[str, str]:
        """Its cells that are not empty, by heading."""


class ReadTable(Protocol):
    """A sheet as read from a file."""

    @property
    def name(self) -> str:
        """Title of the sheet."""

    @property
    def header(self) -> tuple[str, ...]:
        """Headings, in order."""

    @property
    def rows(self) -> Sequence[ReadRow]:
        """Rows that are not empty."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a file goes: the competition with its rounds and roster, and the round chosen with the file."""

    row: tables.Competition
    definition: Competition
    rounds: Mapping[str, tables.Round]
    chosen: tables.Round | None
    rules: Round | None


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
    """Bring a CSV file or workbook into a competition, or only say what that would do.

    Parameters
    ----------
    session : Session
    actor : Actor
        An organiser of the competition.
    competition_key : str
    stream, filename
        The upload; the name tells CSV from Excel.
    at : datetime
    kind : str, optional
        What the file holds, one of KINDS; needed where sheets are not named for it.
    round_key : str, optional
        The round that assignments and scores belong to, and that proposals enter.
    check_only : bool
        Do everything, report it, and take it back.

    Raises
    ------
    InvalidInput
        With every complaint by row and column; nothing is stored then.
    Conflict
        When scores come for a round that is not open.
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
    """Bring sheets that were already read into a competition; see ``import_file``."""
    target = _target(session, actor, competition_key, round_key)
    kinds, left_out = _sort_out(list(read), kind)
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
    # Locked, so that no judge saves and nobody closes the round between check and storing.
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


def _sort_out(read: list[ReadTable], kind: str | None) -> tuple[list[tuple[str, ReadTable]], list[str]]:
    """Return which table holds what, and the names of those that hold nothing we know."""
    named = [(_kind_named(table.name), table) for table in read]
    if kind is not None:
        if kind not in KINDS:
            raise InvalidInput({"kind": Message("choose one of: {known}", known=", ".join(KINDS))})
        fitting = [(kind, table) for name, table in named if name == kind] or [(kind, table) for table in read[:1]]
    else:
        fitting = [(name, table) for name, table in named if name is not None]
    if not fitting:
        text = Message("say what this file holds, or name its sheets for it: {known}", known=", ".join(KINDS))
        raise InvalidInput({"kind": text})
    taken = [table for _, table in fitting]
    # The template's own page of instructions comes back with every filled-in template.
    strange = [table.name for table in read if table not in taken and table.name != INSTRUCTIONS]
    return sorted(fitting, key=lambda pair: _ORDER.index(pair[0])), strange


def _kind_named(name: str) -> str | None:
    plain = name.strip().casefold()
    return plain if plain in KINDS else _OTHER_NAMES.get(plain)


def _load(kinds: list[tuple[str, ReadTable]], target: _Target, complaints: Complaints) -> list[ImportSheet]:
    sheets = []
    for kind, table in kinds:
        name = table.name if len(kinds) > 1 else ""
        meaning, about_header = check_header(kind, table.header)
        if about_header:
            complaints.add_header(name, about_header)
            continue
        rows, found = load_rows(
            kind,
            ((row.number, row.values) for row in table.rows),
            column_of=meaning,
            competition=target.definition,
            rules=target.rules,
        )
        for number, column, text in found:
            complaints.add(name, number, column, text)
        sheets.append(ImportSheet(kind, name, tuple(rows)))
        if kind == "proposals":
            # Teams that proposals bring along are stored before them.
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
            outcomes.append(rosters.store_proposals(session, sheet, known, round_row=_entered(target)))
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


def _entered(target: _Target) -> tables.Round | None:
    """Return the round that imported proposals take part in: the chosen one, else the first while it is not closed."""
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


def template_columns() -> dict[str, list[tuple[str, Message, bool]]]:
    """Return the columns of every kind of sheet: heading, what belongs there, whether it must be there."""
    return {kind: [(column.name, column.about, column.is_required) for column in COLUMNS[kind]] for kind in KINDS}
