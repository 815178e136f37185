"""Import files into a competition: check everything, report all complaints at once, then store everything.

``find_target`` reads what the rows of a file are checked against, ``load_file`` reads and validates the file without a
database, ``check_file`` reports all complaints, ``store_file`` checks again and stores.

One file may contain several sheets, each named after its kind of rows. They are stored in the order of their
dependencies, so that one file may add a new team, its proposal and the proposal's judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import RoundRules
from judging.errors import Conflict, Message, NotFound
from judging.incoming_tables.complaints import Complaints
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports import assignments, rosters, scores
from judging.services.imports.import_report import ImportOutcome, ImportReport, ImportSheet
from judging.services.imports.incoming_files import remember_mapping
from judging.services.imports.loaded_file import ImportTarget, LoadedFile, names_of_roster
from judging.services.jobs.job_requests import File, request_job


@dataclass(frozen=True, slots=True)
class _Place:
    """The destination of a file: the competition, its rounds, and the round chosen with the file."""

    row: tables.Competition
    rounds: Mapping[str, tables.Round]
    chosen: tables.Round | None
    rules: RoundRules | None


def find_target(session: Session, actor: Actor, competition_key: str, *, round_key: str | None = None) -> ImportTarget:
    """Return what a file is checked against.

    Parameters
    ----------
    session : Session
        A reading session is enough.
    actor : Actor
        An organiser of the competition.
    competition_key : str
    round_key : str, optional
        The round of the assignments and scores, which the proposals enter.
    """
    place = _find_place(session, actor, competition_key, round_key)
    return ImportTarget(
        competition_key=competition_key,
        round_key=round_key,
        competition=definition_of(place.row),
        rules=place.rules,
        names=names_of_roster(CompetitionRoster.of(session, place.row)),
    )


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
    place = _find_place(session, actor, competition_key, round_key)
    request = {
        "competition": competition_key,
        "round": round_key,
        "kind": kind,
        "mapping": mapping,
        "check_only": check_only,
    }
    return request_job(
        session, actor, "import", competition=place.row, round_row=place.chosen, request=request, file=file, at=at
    )


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
    _checked(session, loaded, _find_place(session, actor, loaded.target.competition_key, loaded.target.round_key), at)


def find_complaints(session: Session, actor: Actor, loaded: LoadedFile, *, at: datetime) -> Complaints:
    """Return all complaints about a loaded file, those of the database included; see ``check_file``."""
    place = _find_place(session, actor, loaded.target.competition_key, loaded.target.round_key)
    complaints = loaded.complaints.copy()
    if not loaded.has_questions:
        _check(session, loaded.sheets, CompetitionRoster.of(session, place.row), place, complaints, at=at)
    return complaints


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
    place = _find_place(session, actor, loaded.target.competition_key, loaded.target.round_key, is_locked=True)
    known = _checked(session, loaded, place, at)
    try:
        with session.begin_nested() as savepoint:
            outcomes = _store(session, actor, loaded, known, place, at=at, confirmed_by=confirmed_by)
            if check_only:
                savepoint.rollback()
    except IntegrityError as error:
        raise Conflict(Message("Somebody else changed this roster at the same moment. Please try again.")) from error
    report = ImportReport(loaded.filename, loaded.digest, not check_only, tuple(outcomes), loaded.left_out)
    if not check_only:
        remember_mapping(session, actor, loaded.target.competition_key, loaded, at=at)
        _record_import(session, actor, place, report, loaded, at=at)
    return report


def _find_place(
    session: Session, actor: Actor, competition_key: str, round_key: str | None, *, is_locked: bool = False
) -> _Place:
    row = get_competition(session, actor, competition_key, "organiser")
    query = (
        select(tables.Round)
        .where(tables.Round.competition_id == row.id)
        .order_by(col(tables.Round.position))
        .execution_options(populate_existing=True)
    )
    # Locked, so that nobody saves a scoresheet or closes the round between checking and storing.
    rows = session.exec(query.with_for_update() if is_locked else query).all()
    rounds = {row_of_round.key: row_of_round for row_of_round in rows}
    if round_key is not None and round_key not in rounds:
        raise NotFound(Message("There is no round {round} in this competition.", round=round_key))
    chosen = rounds[round_key] if round_key is not None else None
    return _Place(row, rounds, chosen, rules_of(chosen) if chosen is not None else None)


def _checked(session: Session, loaded: LoadedFile, place: _Place, at: datetime) -> CompetitionRoster:
    """Return the roster that the file changes, or raise what does not permit to store the file."""
    if definition_of(place.row) != loaded.target.competition or place.rules != loaded.target.rules:
        raise Conflict(Message("The rules changed while this file was read. Please import it again."))
    known = CompetitionRoster.of(session, place.row)
    if any(sheet.kind == "scores" and sheet.rows for sheet in loaded.sheets):
        scores.require_open(place.chosen)
    complaints = loaded.complaints.copy()
    if not loaded.has_questions:
        _check(session, loaded.sheets, known, place, complaints, at=at)
    complaints.raise_if_any(
        Message("Nothing was imported: the file has mistakes. Correct them and try again."), loaded.how_read
    )
    return known


def _check(
    session: Session,
    sheets: Sequence[ImportSheet],
    known: CompetitionRoster,
    place: _Place,
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
            assignments.check_rows(sheet, known, in_file, complaints, rounds=place.rounds, chosen=place.chosen)
        elif sheet.kind != "scores":
            rosters.check_rows(session, sheet, known, in_file, complaints)
        elif place.chosen is not None and place.rules is not None:
            scores.check_rows(
                session,
                sheet,
                known,
                in_file,
                complaints,
                round_row=place.chosen,
                rules=place.rules,
                at=at,
            )


def _store(
    session: Session,
    actor: Actor,
    loaded: LoadedFile,
    known: CompetitionRoster,
    place: _Place,
    *,
    at: datetime,
    confirmed_by: int | None,
) -> list[ImportOutcome]:
    outcomes: list[ImportOutcome] = []
    for sheet in loaded.sheets:
        if sheet.kind == "teams":
            outcomes.append(rosters.store_teams(session, sheet, known))
        elif sheet.kind == "judges":
            outcomes.append(rosters.store_judges(session, actor, sheet, known, at=at))
        elif sheet.kind == "proposals":
            outcomes.append(rosters.store_proposals(session, sheet, known, round_row=_round_to_enter(place)))
        elif sheet.kind == "assignments":
            outcomes.append(
                assignments.store_assignments(session, sheet, known, rounds=place.rounds, chosen=place.chosen, at=at)
            )
        elif place.chosen is not None and place.rules is not None:
            outcomes.append(
                scores.store_scores(
                    session,
                    actor,
                    sheet,
                    known,
                    round_row=place.chosen,
                    rules=place.rules,
                    at=at,
                    confirmed_by=confirmed_by,
                    filename=loaded.filename[:200],
                )
            )
    return [
        outcome
        for outcome in outcomes
        if outcome.kind != "teams" or outcome.n_new + outcome.n_changed + outcome.n_unchanged
    ]


def _round_to_enter(place: _Place) -> tables.Round | None:
    """Return the round that imported proposals enter: the chosen one, otherwise the first one unless it is closed."""
    if place.chosen is not None:
        if place.chosen.state == "closed":
            raise Conflict(Message("Round {round} is closed; reopen it first.", round=place.chosen.key))
        return place.chosen
    first = next(iter(place.rounds.values()), None)
    return first if first is not None and first.state != "closed" else None


def _record_import(
    session: Session, actor: Actor, place: _Place, report: ImportReport, loaded: LoadedFile, *, at: datetime
) -> None:
    detail: dict[str, Any] = {"digest": report.digest, "round": place.chosen.key if place.chosen else None}
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
        f"{place.row.key} {report.filename}"[:200],
        at=at,
        competition_id=place.row.id,
        detail=detail,
    )
