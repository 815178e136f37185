"""Whether judges grow harsher or milder from their first sheet to their last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse
from scipy.special import fdtrc

from judging.calibration.least_squares import LARGEST_DENSE
from judging.calibration.ratings import Floats, Ratings

FEWEST = 5
"""With fewer sheets a trend is mostly chance."""

SIGNIFICANT = 0.05
"""Level of the test of drift. Of 600 simulated rounds without drift, 34 were taken for rounds with it: judges differ in
consistency, and the test takes them as equal."""

_MOST_TESTED = 300
"""Judges up to which a fit tests for drift: the test costs the cube of their number."""

_FLAT = 1e-9


@dataclass(frozen=True, eq=False)
class Drift:
    """Change of severity from a judge's first sheet to the last, + is growing harsher; NaN if it cannot be estimated.

    Attributes
    ----------
    estimate, standard_error : ndarray of shape (n_judges,)
        In the units of the ratings.
    """

    estimate: Floats
    standard_error: Floats


def find_drift(ratings: Ratings, *, consistency: Floats | None = None) -> Drift:
    r"""Estimate a trend of severity for every judge.

    .. math:: y_{ij} = q_i - s_j - drift_j t_{ij} + e_{ij}

    by least squares, all judges together: the residuals of a model without drift would contain only the part of a trend
    that proposals and severities do not explain.

    Parameters
    ----------
    ratings : Ratings
        ``scored_at`` gives the order in which a judge scored; :math:`t` is 0 for the first sheet and 1 for the last.
    consistency : ndarray of shape (n_judges,), optional
        Noise of each judge divided by the panel's; the weight of a sheet is its inverse square.

    Returns
    -------
    drift : Drift
        NaN for judges with fewer than five sheets of known time, and for all without residual degrees of freedom.
    """
    return DriftDesign(ratings, consistency=consistency).find(ratings.total)


class DriftDesign:
    """The least squares of `find_drift` for any totals of one design; parameters as there."""

    def __init__(self, ratings: Ratings, *, consistency: Floats | None = None) -> None:
        n_judges = self._n_judges = ratings.n_judges
        position = order_of_scoring(ratings)
        timed = ~np.isnan(position)
        self._estimable = np.bincount(ratings.judge[timed], minlength=n_judges) >= FEWEST
        self.freedom = 0
        if not self._estimable.any() or 2 * n_judges > LARGEST_DENSE:
            return
        factor = np.ones(n_judges) if consistency is None else np.nan_to_num(consistency, nan=1.0)
        weight = 1.0 / factor[ratings.judge] ** 2
        rows = np.arange(ratings.n_sheets)
        trend = np.where(timed & self._estimable[ratings.judge], position, 0.0)
        design = sparse.hstack(
            [
                sparse.csr_array((np.ones(len(rows)), (rows, ratings.judge)), shape=(len(rows), n_judges)),
                sparse.csr_array((trend, (rows, ratings.judge)), shape=(len(rows), n_judges)),
            ]
        ).tocsr()
        of_proposal = sparse.csr_array((weight, (ratings.proposal, rows)), shape=(ratings.n_proposals, len(rows)))
        whole = np.maximum(of_proposal.sum(axis=1), 1e-300)
        sums = sparse.csr_array(of_proposal @ design)
        weighted = sparse.csr_array(design.multiply(weight[:, None]))
        normal = np.asarray((design.T @ weighted).toarray())
        normal -= np.asarray((sums.T @ sums.multiply(1.0 / whole[:, None])).toarray())
        values, vectors = linalg.eigh(normal, check_finite=False)
        retained = values > _FLAT * values[-1]
        self._inverse = (vectors[:, retained] / values[retained]) @ vectors[:, retained].T
        self.freedom = ratings.n_sheets - int((ratings.n_sheets_of_proposal > 0).sum()) - int(retained.sum())
        # A trend that is not identifiable, because proposals explain it as well, has a part in the omitted directions.
        lost = 1.0 - (vectors[n_judges:, retained] ** 2).sum(axis=1)
        self._estimable &= lost < 1e-6
        self._proposal, self._weight, self._whole = ratings.proposal, weight, whole
        self._design, self._of_proposal = design, of_proposal
        self._weighted_rows, self._sums_rows = weighted.T.tocsr(), sums.T.tocsr()

    def find(self, total: Floats) -> Drift:
        """Estimate the trends in totals, (n_sheets,)."""
        if self.freedom < 1:
            unknown = np.full(self._n_judges, np.nan)
            return Drift(unknown, unknown)
        right = self._weighted_rows @ total - self._sums_rows @ ((self._of_proposal @ total) / self._whole)
        effect = self._inverse @ right
        rest = total - self._design @ effect
        residual = rest - ((self._of_proposal @ rest) / self._whole)[self._proposal]
        noise = float(self._weight @ residual**2) / self.freedom
        error = np.sqrt(noise * np.maximum(np.diag(self._inverse)[self._n_judges :], 0.0))
        estimable = self._estimable
        return Drift(np.where(estimable, -effect[self._n_judges :], np.nan), np.where(estimable, error, np.nan))


def severity_drifts(ratings: Ratings) -> bool:
    """Whether severity changes over the order of scoring by more than chance.

    The mean square of the trends in standard errors is compared with F, with as many degrees of freedom as trends: that
    the same proposals connect the trends is neglected. Not tested with more than 300 judges.
    """
    if ratings.n_judges > _MOST_TESTED:
        return False
    design = DriftDesign(ratings)
    drift = design.find(ratings.total)
    known = np.isfinite(drift.estimate) & (drift.standard_error > 0)
    n = int(known.sum())
    if not n:
        return False
    ratio = float(np.mean((drift.estimate[known] / drift.standard_error[known]) ** 2))
    return bool(fdtrc(n, design.freedom, ratio) < SIGNIFICANT)


def order_of_scoring(ratings: Ratings) -> Floats:
    """Place of each sheet in its judge's order, from 0 to 1, of shape (n_sheets,); sheets of the same time share one.

    NaN where the time is unknown, and for judges all of whose sheets have the same time.
    """
    place = np.full(ratings.n_sheets, np.nan)
    timed = np.flatnonzero(~np.isnan(ratings.scored_at))
    if len(timed) == 0:
        return place
    judge, at = ratings.judge[timed], ratings.scored_at[timed]
    order = np.lexsort((at, judge))
    judge, at = judge[order], at[order]
    first = np.r_[True, judge[1:] != judge[:-1]]
    start = np.flatnonzero(first)
    size = np.diff(np.r_[start, len(judge)])
    within = np.arange(len(judge)) - np.repeat(start, size)
    new = first | np.r_[True, at[1:] != at[:-1]]
    run = np.cumsum(new) - 1
    shared = np.bincount(run, weights=within) / np.bincount(run)
    one_time = np.repeat(np.add.reduceat(new.astype(np.int64), start) < 2, size)
    relative = shared[run] / np.maximum(np.repeat(size, size) - 1, 1)
    place[timed[order]] = np.where(one_time, np.nan, relative)
    return place
