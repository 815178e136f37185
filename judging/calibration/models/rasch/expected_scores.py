"""Expected scores of `rasch` for the scores that it was fitted to."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.models.rasch.measures import RaschMeasures


def expected_scores(measures: RaschMeasures) -> ExpectedScores:
    """Moments of every score; ``allowed`` has the variance that a liking common to a sheet adds."""
    ratings, cells, likelihood = measures.ratings, measures.cells, measures.likelihood
    moments = likelihood.moments(measures.maximum.point)
    step = np.array([scale.step for scale in likelihood.scales])[likelihood.scale]
    lowest = np.array([scale.value[0] for scale in likelihood.scales])
    shape = ratings.score.shape
    expected = np.full(shape, np.nan)
    # Cells that are not in the likelihood have only one possible category.
    expected[cells.sheet, cells.criterion] = lowest[cells.scale]
    variance, fourth, halo = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    where = (likelihood.sheet, likelihood.criterion)
    expected[where] += step * moments.expected
    variance[where] = step**2 * moments.variance
    fourth[where] = step**4 * moments.fourth
    halo[where] = step**2 * moments.variance**2 * (measures.uncertainty.halo or 0.0)
    return ExpectedScores(expected=expected, variance=variance, fourth=fourth, allowed=variance + halo)
