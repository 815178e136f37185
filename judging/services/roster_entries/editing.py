"""Change one judge, team or proposal by hand, with the checks of a file; ``entering`` adds new ones.

A field that is empty in a form is emptied: what may be empty has no value then, and what must be there is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.reading import ReadRow
from judging.schemas.roster_rows import FileRow, load_rows
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import rosters
from judging.services.imports.import_report import ImportSheet
from judging.services.roster_entries.history import RosterLog, list_history
from judging.services.rounds import practice

FIELDS = {
    "judges": ("name", "city", "email", "categories", "languages", "max_load", "affiliation"),
    "teams": ("name", "city", "affiliation", "email", "mentors"),
    "proposals": ("team", "title", "category", "language", "summary", "deck_url", "video_url"),
}
"""What can be entered for each kind, besides the key."""
_REQUIRED = {"judges": ("name", "city"), "teams": ("name", "city"), "proposals": ("team", "title")}
_EMPTY: dict[str, Any] = {"categories": [], "languages": [], "summary": ""}
# Another address belongs to its person (`people.account_changes`); a form cannot take an account away.
_NEVER_EMPTIED: dict[str, tuple[str, ...]] = {"judges": ("email",), "teams": (), "proposals": ()}

_TABLES: dict[str, type[tables.Judge | tables.Team | tables.Proposal]] = {
    "judges": tables.Judge,
    "teams": tables.Team,
    "proposals": tables.Proposal,
}

RosterRow = tables.Judge | tables.Team | tables.Proposal


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One row of a roster with its values as texts, and the key of its newest change (0 without one)."""

    kind: str
    row: RosterRow
    values: Mapping[str, str]
    newest_change: int


def get_entry(session: Session, actor: Actor, competition_key: str, kind: str, row_key: str) -> RosterEntry:
    """Return one row of a roster, for organisers and auditors; NotFound when there is none."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    roster = CompetitionRoster.of(session, competition_row)
    row = rows_of(roster, kind).get(row_key)
    if row is None:
        raise NotFound
    history = list_history(session, actor, competition_key, kind, row_key)
    return RosterEntry(kind, row, texts_of(kind, row, roster), history[0].row.pk if history else 0)


def lock_entry(session: Session, actor: Actor, competition_key: str, kind: str, row_key: str) -> int:
    """Lock one row until the transaction ends; return the key of its newest change, 0 without one.

    Raises
    ------
    NotFound
        When there is no such row.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    table = _TABLES[kind]
    row = session.exec(
        select(table)
        .where(table.competition_id == competition_row.id, table.key == row_key)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    history = list_history(session, actor, competition_key, kind, row_key)
    return history[0].row.pk if history else 0


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """The values of a row as read from texts, before the roster was asked: ``read_entry``."""

    kind: str
    sheet: ImportSheet


def read_entry(session: Session, actor: Actor, competition_key: str, kind: str, values: Mapping[str, str]) -> ReadEntry:
    """Read typed values of a row, ``key`` included; a reading session is enough.

    Raises
    ------
    InvalidInput
        With every complaint by field.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    sheet, complaints = _read(competition_row, kind, values)
    if complaints:
        raise InvalidInput(complaints)
    return ReadEntry(kind, sheet)


def change_entry(
    session: Session,
    actor: Actor,
    competition_key: str,
    new: ReadEntry,
    *,
    newest_change: int | None = None,
    at: datetime,
) -> str:
    """Change a row of a roster to the given values; a value that is missing or empty is emptied.

    Parameters
    ----------
    session, actor, competition_key
    new : ReadEntry
        With the key of the row.
    newest_change : int, optional
        Of the row when its values were displayed: whoever changed it since is not overwritten.
    at : datetime

    Raises
    ------
    InvalidInput
        With every complaint by field.
    Conflict
        When somebody else has changed the row since.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    kind, sheet = new.kind, new.sheet
    row_key = str(sheet.rows[0]["key"])
    lock_entry(session, actor, competition_key, kind, row_key)
    entry = get_entry(session, actor, competition_key, kind, row_key)
    if newest_change is not None and newest_change != entry.newest_change:
        raise Conflict(
            Message(
                "{key} was changed since this page was opened. What you typed is still here; compare it with the "
                "history below and save it again.",
                key=row_key,
            )
        )
    roster = CompetitionRoster.of(session, competition_row)
    if complaints := _complaints_of_roster(session, roster, sheet):
        raise InvalidInput(complaints)
    row = rows_of(roster, kind)[row_key]
    before = texts_of(kind, row, roster)
    _store(session, actor, competition_row, roster, sheet, at=at)
    for name in FIELDS[kind]:
        if sheet.rows[0].get(name) is None and name not in (*_REQUIRED[kind], *_NEVER_EMPTIED[kind]):
            setattr(row, name, _EMPTY.get(name))
    session.add(row)
    session.flush()
    after = texts_of(kind, row, CompetitionRoster.of(session, competition_row))
    changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if not changes:
        return row_key
    return _finish(session, actor, competition_row, kind, row_key, changes, at=at)


def _read(
    competition_row: tables.Competition, kind: str, values: Mapping[str, str]
) -> tuple[ImportSheet, dict[str, list[str]]]:
    typed = {name: str(values.get(name) or "").strip() for name in ("key", *FIELDS[kind])}
    read = ReadRow(1, {name: text for name, text in typed.items() if text})
    rows, found = load_rows(kind, [read], competition=definition_of(competition_row))
    complaints: dict[str, list[str]] = {}
    for _, column, text in found:
        complaints.setdefault(column, []).append(text)
    for name in _REQUIRED[kind]:
        if not typed[name] and name not in complaints:
            complaints[name] = [Message("this must be filled in")]
    return ImportSheet(kind, "", tuple(_known_columns(kind, row) for row in rows)), complaints


def _complaints_of_roster(session: Session, roster: CompetitionRoster, sheet: ImportSheet) -> dict[str, list[str]]:
    found = Complaints()
    nothing: dict[str, frozenset[str]] = {"judges": frozenset(), "teams": frozenset(), "proposals": frozenset()}
    rosters.check_rows(session, sheet, roster, nothing, found)
    complaints: dict[str, list[str]] = {}
    for cause in found.causes.values():
        complaints.setdefault(cause.column, []).extend(cause.texts)
    return complaints


def _known_columns(kind: str, row: FileRow) -> FileRow:
    return FileRow(row.number, {name: value for name, value in row.values.items() if name in ("key", *FIELDS[kind])})


def _store(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    roster: CompetitionRoster,
    sheet: ImportSheet,
    *,
    at: datetime,
) -> None:
    if sheet.kind == "teams":
        rosters.store_teams(session, sheet, roster)
        return
    if sheet.kind == "judges":
        rosters.store_judges(session, actor, sheet, roster, at=at)
    else:
        rosters.store_proposals(session, sheet, roster, round_row=None)
    practice.follow_roster(session, competition_row, at=at)


def _finish(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    kind: str,
    key: str,
    changes: Mapping[str, tuple[str, str]],
    *,
    at: datetime,
) -> str:
    RosterLog(session, actor, competition_row.pk, at=at).note(kind, key, "changed", changes)
    session.flush()
    audit.record(
        session,
        actor,
        "roster.changed",
        f"{competition_row.key} {key}",
        at=at,
        competition_id=competition_row.pk,
        detail={"kind": kind, "action": "changed", "fields": sorted(changes)},
    )
    return key


def rows_of(roster: CompetitionRoster, kind: str) -> Mapping[str, RosterRow]:
    """Return the rows of one kind by key."""
    rows: Mapping[str, RosterRow] = getattr(roster, kind)
    return rows


def texts_of(kind: str, row: RosterRow, roster: CompetitionRoster) -> dict[str, str]:
    """Return the values of a row as a form shows them."""
    team_keys = {team.id: team.key for team in roster.teams.values()}
    texts = {}
    for name in FIELDS[kind]:
        if isinstance(row, tables.Judge) and name == "email":
            value: Any = roster.emails.get(row.pk)
        elif isinstance(row, tables.Proposal) and name == "team":
            value = team_keys.get(row.team_id)
        else:
            value = getattr(row, name)
        texts[name] = ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return texts


def list_team_keys(session: Session, competition_row: tables.Competition) -> list[tuple[str, str]]:
    """Return key and name of every team, for a choice."""
    rows = session.exec(
        select(tables.Team.key, tables.Team.name)
        .where(tables.Team.competition_id == competition_row.id)
        .order_by(col(tables.Team.key))
    ).all()
    return [(key, name) for key, name in rows]
