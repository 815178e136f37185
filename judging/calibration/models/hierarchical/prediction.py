"""Predictions of `hierarchical` for marks and totals that it was not fitted to."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from judging.calibration.answers.predicted_totals import PredictedTotals, no_prediction
from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.models.hierarchical.marks import log_probability, read_marks
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.ratings import Bools, Floats, Ints, Ratings


def predict_opinions(posterior: Posterior, *, proposal: Ints, judge: Ints, same_city: Bools) -> tuple[Floats, Floats]:
    """Predict a judge's opinion of a proposal before it is rounded and cut.

    Parameters
    ----------
    posterior : Posterior
    proposal, judge : ndarray of shape (n,)
        Codes of the fit's ratings; sheets that the fit does not have.
    same_city : ndarray of shape (n,)

    Returns
    -------
    mean, variance : ndarray of shape (n, n_criteria)
        In the units of the ratings. The variance includes halo, noise, and the uncertainty of proposal and judge.
    """
    layout, solution, scores = posterior.layout, posterior.solution, posterior.scores
    C, spreads, factors = layout.n_criteria, solution.state.spreads, solution.factors
    own = solution.judges.covariance.own()[judge]
    level = solution.judges.mean[judge, :C] - solution.judges.criterion_mean + scores.criterion_mean
    variance = np.einsum("ncc->nc", own[:, :C, :C]).copy()
    if layout.has_home:
        home = same_city.astype(np.float64)[:, None]
        level = level + home * solution.judges.mean[judge, C][:, None]
        variance += home * (2 * own[:, :C, C] + own[:, C, C][:, None])
    scale = (layout.sign * np.exp(solution.state.log_scale))[judge][:, None]
    part = scale * scores.quality[proposal]
    of_scale = variances_of(factors.scale_covariance)[judge][:, None]
    variance += scale**2 * scores.quality_variance[proposal] + part**2 * of_scale
    of_consistency = variances_of(factors.consistency_covariance)[judge][:, None]
    variance += np.exp(2 * (solution.state.log_consistency[judge][:, None] + of_consistency)) * (
        spreads.halo**2 + spreads.noise**2
    )
    size = posterior.relative_scale
    return (level + part) * size, variance * size**2


def log_score(posterior: Posterior, *, proposal: Ints, judge: Ints, same_city: Bools, score: Floats) -> Floats:
    """Log-probability of marks that the fit does not have, (n, n_criteria); NaN for open criteria."""
    ratings = posterior.ratings
    mean, variance = predict_opinions(posterior, proposal=proposal, judge=judge, same_city=same_city)
    marks = read_marks(score, ratings.minimum, ratings.maximum, ratings.step)
    return np.where(marks.given, log_probability(mean, variance, marks.lower, marks.upper), np.nan)


def predict_totals(posterior: Posterior, severity_error: Floats, sheets: Ratings) -> PredictedTotals:
    """Predict totals, with the judge's own consistency, opinions cut at the ends of the scale.

    Parameters
    ----------
    posterior : Posterior
    severity_error : ndarray of shape (n_judges,)
        Standard error of each severity, in points; NaN counts as 0.
    sheets : Ratings
        As in `Answers`.
    """
    if sheets.criteria != posterior.ratings.criteria:
        return no_prediction(sheets.n_sheets)
    proposal, judge = sheets.proposal, sheets.judge
    opinion, spread = predict_opinions(posterior, proposal=proposal, judge=judge, same_city=sheets.same_city)
    weights = sheet_weights(sheets)
    scaled = weights * posterior.relative_scale
    state, factors = posterior.solution.state, posterior.solution.factors
    log_scale, log_consistency = state.log_scale[judge], state.log_consistency[judge]
    of_consistency = variances_of(factors.consistency_covariance)[judge]
    noise = np.exp(2 * (log_consistency + of_consistency)) * (
        state.spreads.halo**2 * scaled.sum(axis=1) ** 2 + state.spreads.noise**2 * (scaled**2).sum(axis=1)
    )
    uncertainty = np.exp(2 * log_scale) * posterior.scores.standard_error[proposal] ** 2
    uncertainty += np.nan_to_num(severity_error)[judge] ** 2
    mean, cut = _cut(posterior.ratings, sheets, opinion, spread)
    squared = weights**2
    # The cut reduces the variance of the total by the same factor as the variances of the opinions.
    share = (squared * cut).sum(axis=1) / (squared * spread).sum(axis=1)
    return PredictedTotals(mean=(weights * mean).sum(axis=1), variance=share * (noise + uncertainty))


def variances_of(covariance: Floats) -> Floats:
    """Return the diagonal of a covariance matrix; an array of variances is returned as it is."""
    return covariance if covariance.ndim == 1 else np.diag(covariance)


def _cut(ratings: Ratings, sheets: Ratings, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Calculate mean and variance of opinions cut at the ends of the scale, like the marks."""
    minimum, maximum = sheets.minimum, sheets.maximum
    rounded = read_marks(ratings.score, minimum, maximum, sheets.step).step > 0
    low = np.where(rounded & np.isfinite(minimum), minimum, -np.inf)
    high = np.where(rounded & np.isfinite(maximum), maximum, np.inf)
    sd = np.sqrt(variance)
    a, b = (low - mean) / sd, (high - mean) / sd
    below, above = ndtr(a), ndtr(-b)
    inside = 1.0 - below - above
    at_a, at_b = np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi), np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    a, b = np.where(np.isinf(a), 0.0, a), np.where(np.isinf(b), 0.0, b)
    # In standard units, so that no digits are lost far from zero.
    first = a * below + b * above + at_a - at_b
    second = a**2 * below + b**2 * above + inside + a * at_a - b * at_b
    return mean + sd * first, variance * np.maximum(second - first**2, 1e-6)
