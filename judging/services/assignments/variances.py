"""What earlier calibration runs know of how much proposals, judges and readings vary: what a forecast starts from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.forecast import Variances, variances_of
from judging.services.runs.reports import report_of

# Runs looked through before typical values are taken.
_MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class Known:
    """Variances, and the run they come from; without one they are typical values.

    Attributes
    ----------
    variances : Variances
    competition, round : str
        Keys; empty for typical values.
    run : int or None
    """

    variances: Variances
    competition: str = ""
    round: str = ""
    run: int | None = None


def variances_for(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> Known:
    """Return the variances that fit a round best.

    Its own newest run comes first, then the rounds before it, then the round of the same key in another competition
    (last year's first screening): of all of them the newest run whose model tells these variances apart. Simulated
    competitions say nothing about real ones.
    """
    for competition_key, one in _candidates(session, competition_row, round_row):
        runs = session.exec(
            select(tables.CalibrationRun)
            .where(tables.CalibrationRun.round_id == one.id)
            .order_by(col(tables.CalibrationRun.number).desc())
            .limit(_MOST_RUNS)
        )
        for run in runs:
            found = variances_of(report_of(run))
            if found is not None:
                return Known(found, competition_key, one.key, run.number)
    return Known(Variances())


def _candidates(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> list[tuple[str, tables.Round]]:
    before = session.exec(
        select(tables.Round)
        .where(tables.Round.competition_id == competition_row.id, tables.Round.position < round_row.position)
        .order_by(col(tables.Round.position).desc())
    ).all()
    elsewhere = session.exec(
        select(tables.Competition.key, tables.Round)
        .join(tables.Round, col(tables.Round.competition_id) == col(tables.Competition.id))
        .where(
            tables.Competition.id != competition_row.id,
            tables.Round.key == round_row.key,
            col(tables.Competition.is_simulated).in_([False, competition_row.is_simulated]),
        )
        .order_by(col(tables.Round.opened_at).desc())
    ).all()
    own = [(competition_row.key, one) for one in (round_row, *before)]
    return [*own, *((key, one) for key, one in elsewhere)]
