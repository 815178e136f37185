"""Check a loaded file against the database: every complaint at once, nothing stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from judging.errors import Conflict, Message
from judging.incoming_tables.complaints import Complaints
from judging.services.access import Actor
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import assignments, rosters, scores
from judging.services.imports.completing import complete
from judging.services.imports.destination import Destination, find_destination
from judging.services.imports.import_report import ImportSheet
from judging.services.imports.loaded_file import LoadedFile


def check_file(session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime) -> None:
    """Raise InvalidInput with every complaint about a loaded file, without storing anything; a reader's session does.

    Parameters
    ----------
    session : Session
    actor : Actor
        An organiser of the competition.
    loaded : LoadedFile
    at : datetime
    """
    require_no_complaint(
        session, loaded, find_destination(session, actor, loaded.target.competition_key, loaded.target.round_key), at
    )


def find_complaints(session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime) -> Complaints:
    """Return all complaints about a loaded file, those of the database included; see ``check_file``."""
    destination = find_destination(session, actor, loaded.target.competition_key, loaded.target.round_key)
    complaints = loaded.complaints.copy()
    if not loaded.has_questions:
        check_sheets(
            session, loaded.sheets, CompetitionRoster.of(session, destination.row), destination, complaints, at=at
        )
    return complaints


def require_no_complaint(
    session: Session, loaded: LoadedFile, destination: Destination, at: datetime
) -> tuple[CompetitionRoster, tuple[ImportSheet, ...]]:
    """Return the roster that the file changes and the complete sheets, or raise what does not permit to store it."""
    if definition_of(destination.row) != loaded.target.competition or destination.rules != loaded.target.rules:
        raise Conflict(Message("The rules changed while this file was read. Please import it again."))
    known = CompetitionRoster.of(session, destination.row)
    if any(sheet.kind == "scores" and sheet.rows for sheet in loaded.sheets):
        scores.require_open(destination.chosen)
    complaints, sheets = loaded.complaints.copy(), loaded.sheets
    if not loaded.has_questions:
        sheets = check_sheets(session, loaded.sheets, known, destination, complaints, at=at)
    complaints.raise_if_any(
        Message("Nothing was imported: the file has mistakes. Correct them and try again."), loaded.how_read
    )
    return known, sheets


def check_sheets(
    session: Session,
    sheets: Sequence[ImportSheet],
    known: CompetitionRoster,
    destination: Destination,
    complaints: Complaints,
    *,
    at: datetime,
) -> tuple[ImportSheet, ...]:
    """Add every complaint about rows that the database has; return the complete sheets."""
    sheets = complete(sheets, known, definition_of(destination.row), complaints)
    in_file = {
        kind: frozenset(row["key"] for sheet in sheets if sheet.kind == kind for row in sheet.rows)
        for kind in ("judges", "teams", "proposals")
    }
    for sheet in sheets:
        if sheet.kind == "assignments":
            assignments.check_rows(
                session, sheet, known, in_file, complaints, rounds=destination.rounds, chosen=destination.chosen
            )
        elif sheet.kind != "scores":
            rosters.check_rows(session, sheet, known, in_file, complaints)
        elif destination.chosen is not None and destination.rules is not None:
            scores.check_rows(
                session,
                sheet,
                known,
                in_file,
                complaints,
                round_row=destination.chosen,
                rules=destination.rules,
                at=at,
            )
    return sheets
