"""Expected marks of `hierarchical`: moments of an opinion, rounded to the step and cut at the ends of the scale."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from judging.calibration.answers.expected_scores import ExpectedScores, match_residuals
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.prediction import predict_opinions
from judging.calibration.ratings import Floats

_LEVELS = 512
"""With more steps, marks are treated as continuous."""

_ROWS = 200_000


def expected_scores(posterior: Posterior) -> ExpectedScores:
    """Calculate the moments of every mark, scaled to the size of the residuals of the fit."""
    ratings, spreads = posterior.ratings, posterior.solution.state.spreads
    mean, _ = predict_opinions(posterior, proposal=ratings.proposal, judge=ratings.judge, same_city=ratings.same_city)
    if posterior.layout.has_drift:
        stricter = (
            posterior.solution.judges.mean[posterior.layout.judge, posterior.layout.drift] * posterior.layout.place
        )
        mean[posterior.layout.order] -= stricter[:, None] * posterior.relative_scale
    unexplained = spreads.halo**2 + spreads.noise**2
    variance = np.broadcast_to(unexplained * posterior.relative_scale**2, mean.shape).copy()
    fourth = 3.0 * variance**2
    for criterion in range(ratings.n_criteria):
        low, high, step = ratings.minimum[criterion], ratings.maximum[criterion], ratings.step[criterion]
        if not step > 0 or not high > low or (high - low) / step > _LEVELS:
            continue
        levels = np.arange(low, high + step / 2, step)
        for start in range(0, len(mean), _ROWS):
            rows = slice(start, start + _ROWS)
            moments = _mark_moments(mean[rows, criterion], np.sqrt(variance[rows, criterion]), levels, step)
            mean[rows, criterion], variance[rows, criterion], fourth[rows, criterion] = moments
    return match_residuals(ratings, mean, variance, fourth)


def _mark_moments(centre: Floats, spread: Floats, levels: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """Mean, variance and fourth central moment of marks at the levels, of shape (n,) each."""
    below = ndtr((levels[:-1] + step / 2 - centre[:, None]) / spread[:, None])
    p = np.diff(below, axis=1, prepend=0.0, append=1.0)
    mean = p @ levels
    squared = (levels - mean[:, None]) ** 2
    return mean, (p * squared).sum(axis=1), (p * squared**2).sum(axis=1)
