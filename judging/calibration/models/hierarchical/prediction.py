"""What `hierarchical` expects of marks it has not seen: how models are compared, and surprises found."""

from __future__ import annotations

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.models.hierarchical.iteration import Solution
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.marks import log_probability, read_marks
from judging.calibration.models.hierarchical.scores import Scores
from judging.calibration.ratings import Bools, Floats, Ints


def predict_opinions(fit: Fit, *, proposal: Ints, judge: Ints, same_city: Bools) -> tuple[Floats, Floats]:
    """Expect a judge's opinion of a proposal before it is rounded and cut.

    Parameters
    ----------
    fit : Fit
        Of the model `hierarchical`.
    proposal, judge : ndarray of shape (n,)
        Codes of the fit's ratings; sheets that the fit has not seen.
    same_city : ndarray of shape (n,)

    Returns
    -------
    mean, variance : ndarray of shape (n, n_criteria)
        In the units of the ratings. The variance holds halo, noise, and what is uncertain about proposal and judge.

    Raises
    ------
    ValueError
        When the fit holds no solution: another model's, or all scores were equal.
    """
    layout, solution, scores = (fit.details.get(name) for name in ("layout", "solution", "scores"))
    if not (isinstance(layout, Layout) and isinstance(solution, Solution) and isinstance(scores, Scores)):
        raise ValueError("only a fit of `hierarchical` to scores that vary predicts opinions")
    C, spreads, factors = layout.n_criteria, solution.state.spreads, solution.factors
    own = solution.judges.covariance.own()[judge]
    level = solution.judges.mean[judge, :C] - solution.judges.criterion_mean + scores.criterion_mean
    variance = np.einsum("ncc->nc", own[:, :C, :C]).copy()
    if layout.has_home:
        home = same_city.astype(np.float64)[:, None]
        level = level + home * solution.judges.mean[judge, C:]
        variance += home * (2 * own[:, :C, C] + own[:, C, C][:, None])
    scale = np.exp(solution.state.log_scale[judge])[:, None]
    part = scale * scores.quality[proposal]
    doubt = _variances(factors.scale_covariance)[judge][:, None]
    variance += scale**2 * scores.quality_variance[proposal] + part**2 * doubt
    doubt = _variances(factors.consistency_covariance)[judge][:, None]
    variance += np.exp(2 * (solution.state.log_consistency[judge][:, None] + doubt)) * (
        spreads.halo**2 + spreads.noise**2
    )
    size = np.asarray(fit.details["relative_scale"])
    return (level + part) * size, variance * size**2


def log_score(fit: Fit, *, proposal: Ints, judge: Ints, same_city: Bools, score: Floats) -> Floats:
    """Log-probability of marks that the fit has not seen, (n, n_criteria); NaN for open criteria."""
    ratings = fit.ratings
    mean, variance = predict_opinions(fit, proposal=proposal, judge=judge, same_city=same_city)
    marks = read_marks(score, ratings.minimum, ratings.maximum, ratings.step)
    return np.where(marks.given, log_probability(mean, variance, marks.lower, marks.upper), np.nan)


def _variances(covariance: Floats) -> Floats:
    return covariance if covariance.ndim == 1 else np.diag(covariance)
