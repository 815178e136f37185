"""Import files into a competition: check everything, report all complaints at once, then store everything.

``destination.find_target`` reads what the rows of a file are checked against, ``loaded_file.load_file`` reads and
validates the file without a database, ``checking.check_file`` reports all complaints, ``store_file`` checks again and
stores.

One file may contain several sheets, each named after its kind of rows. They are stored in the order of their
dependencies, so that one file may add a new team, its proposal and the proposal's judges.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.services import audit
from judging.services.access import Actor
from judging.services.competitions.definitions import is_practice
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import assignments, rosters, scores
from judging.services.imports.checking import require_no_complaint
from judging.services.imports.destination import Destination, find_destination
from judging.services.imports.import_report import ImportOutcome, ImportReport
from judging.services.imports.incoming_files import remember_mapping
from judging.services.imports.loaded_file import LoadedFile
from judging.services.jobs.job_requests import File, request_job
from judging.services.roster_entries.history import RosterLog
from judging.services.rounds import practice

_NEWEST_IMPORTS = 50
"""Among which the same file is looked for."""


def request_import(
    session: Session,
    actor: Actor,
    competition_key: str,
    file: File,
    *,
    round_key: str | None,
    kind: str | None,
    mapping: dict[str, Any] | None,
    check_only: bool,
    at: datetime,
) -> tables.Job:
    """Ask for the import of a large file; see `store_file`."""
    destination = find_destination(session, actor, competition_key, round_key)
    request = {
        "competition": competition_key,
        "round": round_key,
        "kind": kind,
        "mapping": mapping,
        "check_only": check_only,
    }
    return request_job(
        session,
        actor,
        "import",
        competition=destination.row,
        round_row=destination.chosen,
        request=request,
        file=file,
        at=at,
    )


def store_file(
    session: Session,
    actor: Actor,
    loaded: LoadedFile,
    *,
    at: datetime,
    check_only: bool = False,
    confirmed_by: int | None = None,
) -> ImportReport:
    """Store a loaded file, or only report what storing would do.

    Parameters
    ----------
    session : Session
        Of a write transaction.
    actor : Actor
        An organiser of the competition.
    loaded : LoadedFile
    at : datetime
    check_only : bool
        Do everything, report it, and roll it back.
    confirmed_by : int, optional
        Another person who has compared the scores with what the judges handed in; without one they wait for such a
        person and do not count (``scoresheets.entered``).

    Raises
    ------
    InvalidInput
        With every complaint by row and column; nothing is stored then.
    Conflict
        When the file contains scores and the round is not open, or the rules changed since the file was loaded.
    """
    destination = find_destination(
        session, actor, loaded.target.competition_key, loaded.target.round_key, is_locked=True
    )
    known, sheets = require_no_complaint(session, loaded, destination, at)
    loaded = replace(loaded, sheets=sheets)
    try:
        with session.begin_nested() as savepoint:
            outcomes = _store(session, actor, loaded, known, destination, at=at, confirmed_by=confirmed_by)
            if check_only:
                savepoint.rollback()
    except IntegrityError as error:
        raise Conflict(Message("Somebody else changed this roster at the same moment. Please try again.")) from error
    if check_only:
        # Changed rows are as before: the audit log has nothing to say of them.
        audit.take(session)
    before = None if any(one.n_new or one.n_changed for one in outcomes) else _find_import(session, destination, loaded)
    report = ImportReport(
        loaded.filename,
        loaded.digest,
        not check_only,
        tuple(outcomes),
        loaded.left_out,
        stored_before="" if before is None else before.at.isoformat(),
    )
    # The same file once more, as by a second press of the button, has changed nothing that could be recorded.
    if not check_only and before is None:
        remember_mapping(session, actor, loaded.target.competition_key, loaded, at=at)
        _record_import(session, actor, destination, report, loaded, at=at)
    return report


def _store(
    session: Session,
    actor: Actor,
    loaded: LoadedFile,
    known: CompetitionRoster,
    destination: Destination,
    *,
    at: datetime,
    confirmed_by: int | None,
) -> list[ImportOutcome]:
    outcomes: list[ImportOutcome] = []
    log = RosterLog(session, actor, destination.row.pk, at=at, file=loaded.filename[:200])
    for sheet in loaded.sheets:
        if sheet.kind == "teams":
            outcomes.append(rosters.store_teams(session, sheet, known, log=log))
        elif sheet.kind == "judges":
            outcomes.append(rosters.store_judges(session, actor, sheet, known, at=at, log=log))
        elif sheet.kind == "proposals":
            round_row = _round_to_enter(destination)
            outcomes.append(rosters.store_proposals(session, sheet, known, round_row=round_row, log=log))
        elif sheet.kind == "assignments":
            outcomes.append(
                assignments.store_assignments(
                    session, sheet, known, rounds=destination.rounds, chosen=destination.chosen, at=at
                )
            )
        elif destination.chosen is not None and destination.rules is not None:
            outcomes.append(
                scores.store_scores(
                    session,
                    actor,
                    sheet,
                    known,
                    round_row=destination.chosen,
                    rules=destination.rules,
                    at=at,
                    confirmed_by=confirmed_by,
                    filename=loaded.filename[:200],
                )
            )
    if any(sheet.kind in ("judges", "proposals") for sheet in loaded.sheets):
        practice.follow_roster(session, destination.row, at=at)
    return [
        outcome
        for outcome in outcomes
        if outcome.kind != "teams" or outcome.n_new + outcome.n_changed + outcome.n_unchanged
    ]


def _round_to_enter(destination: Destination) -> tables.Round | None:
    """Return the round that imported proposals enter: the chosen one, otherwise the first one, unless it is closed.

    A round of practice is entered by the proposals that its rules name, and by no others.
    """
    if destination.chosen is not None:
        if destination.chosen.state == "closed":
            raise Conflict(Message("Round {round} is closed; reopen it first.", round=destination.chosen.key))
        return destination.chosen
    first = next((row for row in destination.rounds.values() if not is_practice(row)), None)
    return first if first is not None and first.state != "closed" else None


def _find_import(session: Session, destination: Destination, loaded: LoadedFile) -> tables.AuditEntry | None:
    """Return the newest import of the same file into the same place."""
    entries = session.exec(
        select(tables.AuditEntry)
        .where(tables.AuditEntry.competition_id == destination.row.pk, tables.AuditEntry.action == "file.imported")
        .order_by(col(tables.AuditEntry.id).desc())
        .limit(_NEWEST_IMPORTS)
    ).all()
    chosen = destination.chosen.key if destination.chosen else None
    same = (entry for entry in entries if entry.detail.get("digest") == loaded.digest)
    return next((entry for entry in same if entry.detail.get("round") == chosen), None)


def _record_import(
    session: Session, actor: Actor, destination: Destination, report: ImportReport, loaded: LoadedFile, *, at: datetime
) -> None:
    detail: dict[str, Any] = {"digest": report.digest, "round": destination.chosen.key if destination.chosen else None}
    if loaded.how_read:
        detail["read"] = [str(text) for text in loaded.how_read]
    for outcome in report.outcomes:
        counts = detail.setdefault(outcome.kind, {"new": 0, "changed": 0, "unchanged": 0})
        counts["new"] += outcome.n_new
        counts["changed"] += outcome.n_changed
        counts["unchanged"] += outcome.n_unchanged
    audit.record(
        session,
        actor,
        "file.imported",
        f"{destination.row.key} {report.filename}"[:200],
        at=at,
        competition_id=destination.row.id,
        detail=detail,
    )
