"""The variances for a forecast, from earlier calibration runs or typical values."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.forecast import Variances, variances_of
from judging.rubric import Text
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.runs.reports import report_of

# Maximum number of runs that are searched before typical values are used.
_MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class VariancesSource:
    """Variances and the run from which they come; without a run they are typical values.

    Attributes
    ----------
    variances : Variances
    competition, round : Text
        Names; empty for typical values.
    run : int or None
    reliability : float or None
        That of the run, where it is one of this round: the round has a result, and no second number beside it.
    """

    variances: Variances
    competition: Text = field(default_factory=Text)
    round: Text = field(default_factory=Text)
    run: int | None = None
    reliability: float | None = None


def variances_for(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> VariancesSource:
    """Return the variances from the most similar round.

    Its own newest run is preferred, then the rounds before it, then the round with the same key in another competition
    (for example the first screening of last year): the newest run whose model identifies these variances. Simulated
    competitions are not used for real ones.
    """
    for organised_by, candidate in _candidates(session, competition_row, round_row):
        runs = session.exec(
            select(tables.CalibrationRun)
            .where(tables.CalibrationRun.round_id == candidate.id)
            .order_by(col(tables.CalibrationRun.number).desc())
            .limit(_MOST_RUNS)
        )
        for run in runs:
            report = report_of(run)
            variances = variances_of(report)
            if variances is not None:
                own = report.reliability if candidate.id == round_row.id else None
                reliability = None if own is None else own.relative.estimate
                return VariancesSource(
                    variances,
                    definition_of(organised_by).name,
                    rules_of(candidate).name,
                    run.number,
                    reliability,
                )
    return VariancesSource(Variances())


def _candidates(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> list[tuple[tables.Competition, tables.Round]]:
    before = session.exec(
        select(tables.Round)
        .where(tables.Round.competition_id == competition_row.id, tables.Round.position < round_row.position)
        .order_by(col(tables.Round.position).desc())
    ).all()
    elsewhere = session.exec(
        select(tables.Competition, tables.Round)
        .join(tables.Round, col(tables.Round.competition_id) == col(tables.Competition.id))
        .where(
            tables.Competition.id != competition_row.id,
            tables.Round.key == round_row.key,
            col(tables.Competition.is_simulated).in_([False, competition_row.is_simulated]),
        )
        .order_by(col(tables.Round.opened_at).desc())
    ).all()
    own = [(competition_row, row) for row in (round_row, *before)]
    return [*own, *((other, row) for other, row in elsewhere)]
