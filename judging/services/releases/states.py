"""The states of the releases of a round: in force, proposed, stale, superseded, lapsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CompetitionRules
from judging.errors import Message
from judging.services.competitions.definitions import definition_of
from judging.services.consents import RequiredConsents
from judging.services.releases.content import Content, content_of
from judging.services.releases.in_force import Signed, SignedRelease, in_force, list_signed
from judging.services.runs import calibration_runs

IN_FORCE, PROPOSED, STALE, SUPERSEDED, LAPSED = "in force", "proposed", "stale", "superseded", "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStatus:
    """One release with its state.

    Attributes
    ----------
    number, digest, reason, proposed_at, content
        As stored.
    proposed_by : str
    signatures : tuple of Signed
    required : RequiredConsents
        The cities whose signature is required or missing.
    state : str
        ``in force`` (the newest with all signatures), ``proposed`` (the newest, with signatures missing), ``stale``
        (proposed, but its content has changed since), ``superseded`` (was in force) or ``lapsed`` (never was).
    changed : tuple of Message
        Changes of scores, rules, run, decisions or awards since the release was proposed.
    """

    number: int
    digest: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    content: Content
    signatures: tuple[Signed, ...]
    required: RequiredConsents
    state: str
    changed: tuple[Message, ...]


def find_in_force(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> ReleaseStatus | None:
    """Return the newest release with all required signatures; the caller checks permissions."""
    releases = releases_of(session, competition_row, round_row, definition_of(competition_row))
    return next((release for release in releases if release.state == IN_FORCE), None)


def releases_of(
    session: Session, competition_row: tables.Competition, row: tables.Round, definition: CompetitionRules
) -> tuple[ReleaseStatus, ...]:
    """Return the releases of a round with their states, newest first; the caller checks permissions."""
    stored = list_signed(session, definition, row)
    newest_complete = in_force(stored)
    return tuple(
        _with_state(session, competition_row, row, definition, release, is_newest=place == 0, in_force=newest_complete)
        for place, release in enumerate(stored)
    )


def _with_state(
    session: Session,
    competition_row: tables.Competition,
    row: tables.Round,
    definition: CompetitionRules,
    signed: SignedRelease,
    *,
    is_newest: bool,
    in_force: SignedRelease | None,
) -> ReleaseStatus:
    release = signed.row
    if signed.required.is_complete:
        state = IN_FORCE if signed is in_force else SUPERSEDED
    else:
        state = PROPOSED if is_newest else LAPSED
    changed: tuple[Message, ...] = ()
    if state in (PROPOSED, IN_FORCE):
        changed = _changed(session, competition_row, row, definition, release)
    return ReleaseStatus(
        number=release.number,
        digest=release.digest,
        reason=release.reason,
        proposed_at=release.proposed_at,
        proposed_by=signed.proposed_by,
        content=release.content,
        signatures=signed.signatures,
        required=signed.required,
        state=STALE if state == PROPOSED and changed else state,
        changed=changed,
    )


def _changed(
    session: Session,
    competition_row: tables.Competition,
    row: tables.Round,
    definition: CompetitionRules,
    release: tables.Release,
) -> tuple[Message, ...]:
    """Return a sentence for each part of the release that has changed since."""
    run = session.get(tables.CalibrationRun, release.calibration_run_id)
    if run is None:
        raise LookupError("a release without its run")
    released, present = release.content, content_of(session, competition_row, row, definition, run)
    newest = _newest_run(session, row)
    changes = list(calibration_runs.freshness(session, run).changes())
    if newest is not None and newest[1] != released["result_digest"]:
        changes.append(Message("Run {number} has been made since, with another result.", number=newest[0]))
    if present["decisions"] != released["decisions"]:
        changes.append(Message("Decisions have changed since."))
    if present["awards"] != released["awards"]:
        changes.append(Message("Awards have changed since."))
    if present["competition_digest"] != released["competition_digest"]:
        changes.append(Message("The definition of the competition has changed since."))
    return tuple(changes)


def _newest_run(session: Session, row: tables.Round) -> tuple[int, str] | None:
    """Return number and result digest of the newest run that follows the rules."""
    runs = session.exec(
        select(tables.CalibrationRun.number, tables.CalibrationRun.result_digest, tables.CalibrationRun.settings)
        .where(tables.CalibrationRun.round_id == row.id)
        .order_by(col(tables.CalibrationRun.number).desc())
    ).all()
    return next(((number, digest) for number, digest, settings in runs if not settings["comparison"]), None)
