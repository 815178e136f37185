"""What closing a round now would cost: the precision with the submitted scoresheets, and with all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.forecast import forecast
from judging.calibration.values import half_width
from judging.services.assignments.panels import panel_of
from judging.services.assignments.variances import variances_for
from judging.services.competitions.definitions import is_practice, rules_of
from judging.services.scoresheets.versions import counts_in_results


@dataclass(frozen=True, slots=True)
class ClosingCost:
    """Standard errors of the difference between two proposals, in points on 0..100.

    Attributes
    ----------
    n_now, n_all : int
        Submitted scoresheets, and active assignments.
    error_now : float or None
        With what is submitted; None without a scoresheet.
    error_all : float or None
        When every assignment is submitted.
    level : float
        Probability of the round's intervals.
    """

    n_now: int
    n_all: int
    error_now: float | None
    error_all: float | None
    level: float = 0.9

    def apart(self, error: float) -> float:
        """Return the smallest difference between two proposals whose interval excludes zero."""
        return half_width(self.level, error)

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is missing."""
        return self.n_now >= self.n_all


def closing_cost(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> ClosingCost | None:
    """Return what closing now would cost; None for a round of practice, which is never ranked.

    A reading session is enough. Cubic in judges, linear in proposals, as the forecast.
    """
    if is_practice(round_row):
        return None
    panel = panel_of(session, competition_row, round_row)
    submitted = frozenset(
        session.exec(
            select(tables.Proposal.key, tables.Judge.key)
            .select_from(tables.Assignment)
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
            .where(tables.Assignment.round_id == round_row.id, counts_in_results())
        )
    )
    variances = variances_for(session, competition_row, round_row).variances
    now, complete = panel.codes(submitted), panel.codes()
    return ClosingCost(
        n_now=int(now[0].size),
        n_all=int(complete[0].size),
        error_now=forecast(panel.roster, *now, variances).difference_error if now[0].size else None,
        error_all=forecast(panel.roster, *complete, variances).difference_error if complete[0].size else None,
        level=rules_of(round_row).calibration.interval,
    )
