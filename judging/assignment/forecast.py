r"""Forecast of a plan before any score exists: precision, links, and the assignments that would help most.

Assignment ``m`` of proposal ``i`` to judge ``j`` gives the total :math:`y_m = q_i - s_j + e_m`. So the posterior
covariance of ``(q, s)`` depends only on the assignments and on three variances, not on any score:
:math:`V = (D + \sum_m x_m x_m' / \sigma_e^2)^{-1}`, with ``x_m`` = +1 at ``q_i`` and -1 at ``s_j``, and ``D`` the
precisions of the priors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from judging.assignment.roster import Bools, Floats, Ints, Roster
from judging.calibration.report.whole import Report

# Candidates are compared with a dense covariance of all proposals and judges; above this many the forecast still gives
# precision, from the judges' part only.
_DENSE_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class Variances:
    """Variances of totals on 0..100: quality between proposals, severity between judges, residual of one scoresheet.

    The defaults are those of the simulated challenge (``judging simulate``; marks 1..10, criteria weighted
    30/25/20/15/10): quality 1.0, category .3, city .28, criterion deviation .5; severity .6, judge by criterion .25,
    cities .5 apart; halo .7 and noise .8, both times a consistency factor exp(.35 z); all standard deviations in marks.
    """

    proposal: float = 150.0
    judge: float = 53.0
    residual: float = 100.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """Forecast precision of a design.

    Attributes
    ----------
    difference_error : float
        Forecast standard error of the difference between two proposals' calibrated scores, points on 0..100, root mean
        square over all pairs.
    known_judges_error : float
        The same if every judge's severity were known: a lower bound, approached with more links between judges.
    reliability : float
        Expected squared correlation of calibrated scores and qualities, 0..1.
    city_severity_error : float or None
        Forecast standard error of the difference in mean severity between two cities (root mean square over pairs of
        cities); None with fewer than two cities.
    proposal_error : ndarray of shape (n_proposals,)
        Forecast standard error of each proposal.
    """

    difference_error: float
    known_judges_error: float
    reliability: float
    city_severity_error: float | None
    proposal_error: Floats


@dataclass(frozen=True, slots=True)
class HelpfulAssignment:
    """One additional assignment and the precision with it.

    Attributes
    ----------
    proposal, judge : str
    difference_error : float
        Forecast standard error of a difference with it, points on 0..100; lower is better.
    """

    proposal: str
    judge: str
    difference_error: float


def variances_of(report: Report) -> Variances | None:
    r"""Return the variances of totals that a calibration estimated; None when its model does not identify them.

    Parameters
    ----------
    report : Report
        With scores on 0..100. Its components are those of single
        criteria, so that a total has :math:`\sigma_q^2 + \sum_c w_c^2 \sigma_k^2`, and so on.

    Notes
    -----
    The variance of severity is the mean of the judges' expected squared severities, as in the step of expectation and
    maximisation for it: where judges vary around the severity of their city, the component is only that of the rest.
    """
    variances = report.variances
    shrink = math.fsum(row.weight**2 for row in report.criteria)

    def of_total(common: str, by_criterion: str) -> float:
        return (variances.get(common) or 0.0) + shrink * (variances.get(by_criterion) or 0.0)

    proposal = of_total("proposal", "proposal_criterion")
    squared = [
        row.severity**2 + row.standard_error**2
        for row in report.judges
        if row.severity is not None and row.standard_error is not None
    ]
    judge = math.fsum(squared) / len(squared) if squared else of_total("judge", "judge_criterion")
    residual = of_total("judge_proposal", "residual")
    if not variances.get("proposal") or variances.get("judge") is None or not residual > 0:
        return None
    # If the judge variance is estimated as zero, that of the next panel need not be zero.
    return Variances(proposal=proposal, judge=max(judge, 1e-6 * proposal), residual=residual)


def forecast(roster: Roster, proposal: Ints, judge: Ints, variances: Variances | None = None) -> Forecast:
    """Forecast the precision of a design.

    Parameters
    ----------
    roster : Roster
    proposal, judge : ndarray of shape (n_assignments,)
        Codes of the assignments, such as those of a plan.
    variances : Variances, optional
        From an earlier round's calibration run when there is one.

    Notes
    -----
    Proposals are eliminated (their block is diagonal), so the cost is cubic in judges and linear in proposals.
    """
    variances = variances or Variances()
    of_proposal, between, judges = _blocks(roster, proposal, judge, variances)
    factor = cho_factor(judges - between.T @ (between / of_proposal[:, None]))
    scaled = between / of_proposal[:, None]
    judge_covariance = cho_solve(factor, np.eye(judges.shape[0]))
    lifted = scaled @ judge_covariance
    own = 1.0 / of_proposal
    variance = own + np.einsum("ij,ij->i", lifted, scaled)
    column_sum = own.sum() + (scaled.sum(axis=0) @ judge_covariance @ scaled.sum(axis=0))
    n = len(roster.proposals)
    pairs = max(n - 1, 1)
    mean_square = 2.0 * (variance.sum() - column_sum / n) / pairs
    known = 2.0 * (own.sum() - own.sum() / n) / pairs
    return Forecast(
        difference_error=float(np.sqrt(max(mean_square, 0.0))),
        known_judges_error=float(np.sqrt(known)),
        reliability=float(np.clip(1.0 - mean_square / (2.0 * variances.proposal), 0.0, 1.0)),
        city_severity_error=_city_error(roster, judge_covariance),
        proposal_error=np.sqrt(variance),
    )


def helpful_assignments(
    roster: Roster,
    proposal: Ints,
    judge: Ints,
    *,
    n: int = 5,
    across_only: bool = False,
    variances: Variances | None = None,
) -> tuple[HelpfulAssignment, ...]:
    """Return the additional assignments that would reduce the error of differences most, best first.

    Each is chosen given those before it. One assignment (i, j) changes the covariance by a matrix of rank one, so its
    gain is calculated for every pair from one inverse (Sherman and Morrison 1950).

    Parameters
    ----------
    roster : Roster
    proposal, judge : ndarray of shape (n_assignments,)
    n : int
        Number of assignments to return.
    across_only : bool
        Compare only assignments to a judge of another city.
    variances : Variances, optional

    Returns
    -------
    assignments : tuple of HelpfulAssignment
        Fewer than ``n``, or none, when no judge can take more, or when the design is too large to compare every pair
        (more than 3,000 proposals and judges together).
    """
    variances = variances or Variances()
    n_proposals, n_judges = roster.eligible.shape
    if n_proposals + n_judges > _DENSE_LIMIT:
        return ()
    covariance = _dense_covariance(roster, proposal, judge, variances)
    possible = roster.eligible.copy()
    possible[proposal, judge] = False
    if across_only:
        possible &= roster.crosses
    load = np.bincount(judge, minlength=n_judges)
    centred = np.eye(n_proposals) - 1.0 / n_proposals
    scale = 2.0 / max(n_proposals - 1, 1)
    assignments: list[HelpfulAssignment] = []
    while len(assignments) < n:
        open_pairs = possible & (load < roster.max_load)[None, :]
        if not open_pairs.any():
            break
        quality = covariance[:n_proposals]
        gram = quality.T @ (centred @ quality)
        squared = np.diag(gram)
        moved = squared[:n_proposals, None] + squared[None, n_proposals:] - 2.0 * gram[:n_proposals, n_proposals:]
        diagonal = np.diag(covariance)
        spread = (
            diagonal[:n_proposals, None] + diagonal[None, n_proposals:] - 2.0 * covariance[:n_proposals, n_proposals:]
        )
        gain = np.where(open_pairs, moved / (variances.residual + spread), -np.inf)
        i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
        direction = covariance[:, i] - covariance[:, n_proposals + j]
        covariance = covariance - np.outer(direction, direction) / (variances.residual + spread[i, j])
        mean_square = scale * float(np.trace(centred @ covariance[:n_proposals, :n_proposals]))
        assignments.append(HelpfulAssignment(roster.proposals[i], roster.judges[j], float(np.sqrt(mean_square))))
        possible[i, j] = False
        load[j] += 1
    return tuple(assignments)


def _blocks(roster: Roster, proposal: Ints, judge: Ints, variances: Variances) -> tuple[Floats, Floats, Floats]:
    """Return the proposals' diagonal, the block between (negative counts) and the judges' block of the information."""
    n_proposals, n_judges = roster.eligible.shape
    counts = np.zeros((n_proposals, n_judges))
    np.add.at(counts, (proposal, judge), 1.0)
    of_proposal = 1.0 / variances.proposal + counts.sum(axis=1) / variances.residual
    judges = np.diag(1.0 / variances.judge + counts.sum(axis=0) / variances.residual)
    return of_proposal, counts / variances.residual, judges


def _dense_covariance(roster: Roster, proposal: Ints, judge: Ints, variances: Variances) -> Floats:
    of_proposal, between, judges = _blocks(roster, proposal, judge, variances)
    information = np.block([[np.diag(of_proposal), -between], [-between.T, judges]])
    return np.asarray(cho_solve(cho_factor(information), np.eye(information.shape[0])))


def _city_error(roster: Roster, judge_covariance: Floats) -> float | None:
    members: list[Bools] = [roster.judge_city == city for city in range(len(roster.cities))]
    members = [own for own in members if own.any()]
    if len(members) < 2:
        return None
    contrasts = np.stack([own / own.sum() for own in members])
    covariance = contrasts @ judge_covariance @ contrasts.T
    variance = np.diag(covariance)
    differences = variance[:, None] + variance[None, :] - 2.0 * covariance
    return float(np.sqrt(differences[np.triu_indices(len(members), 1)].mean()))
