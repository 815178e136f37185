"""Rounds as the fitted model would produce them: same design, same judges, new chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from judging.calibration.diagnostics.fit_statistics import expect_scores
from judging.calibration.estimates import Fit
from judging.calibration.independence import Independence
from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Floats, Ratings

_AT_ONCE = 100
"""Posterior draws made in one call."""


class Simulator:
    """Draws rounds from a fit of any model.

    Parameters
    ----------
    fit : Fit
    independence : Independence
        Of its ratings. Judges against the panel are simulated as judges like the others.

    two_way : TwoWay
        Of the same design.

    Notes
    -----
    A mark is the model's expectation, plus the difference of a posterior draw of the proposal's score from its mean,
    plus halo and noise of the size of the residuals, larger for inconsistent judges; then rounded and cut. The variance
    of the residuals is scaled up to that of two-way least squares, which counts the parameters.
    """

    def __init__(self, fit: Fit, independence: Independence, two_way: TwoWay) -> None:
        ratings = fit.ratings
        self._fit, self.ratings = fit, ratings
        self.two_way = two_way
        expected = expect_scores(fit).expected
        given = ~np.isnan(ratings.score)
        unused = ~given.any(axis=0)
        expected = np.where(unused, 0.0, expected)
        residual = np.where(given, ratings.score - expected, 0.0)
        self._halo, self._noise = self._components(residual, given)
        self._expected = self._like_the_others(expected, independence)
        factor = np.ones(ratings.n_judges) if fit.consistency is None else np.nan_to_num(fit.consistency, nan=1.0)
        self._factor = factor / np.sqrt((factor[ratings.judge] ** 2).mean())
        key = ratings.proposal * max(ratings.n_judges, 1) + ratings.judge
        _, self._reading = np.unique(key, return_inverse=True)
        known = ~np.isnan(ratings.step) & (ratings.step > 0)
        self._deviations: list[Floats] = []
        self._step = np.where(known, ratings.step, 0.0)

    def _components(self, residual: Floats, given: np.ndarray) -> tuple[float, float]:
        """Return the standard deviations of halo and noise."""
        ratings = self.ratings
        count = given.sum(axis=1)
        pairs = float((count * (count - 1)).sum())
        squares = float((residual**2).sum() / max(given.sum(), 1))
        halo = 0.0
        if pairs:
            halo = max(float((residual.sum(axis=1) ** 2 - (residual**2).sum(axis=1)).sum() / pairs), 0.0)
        noise = max(squares - halo, 0.0)
        quality, severity = self.two_way.solve(ratings.total)
        rest = ratings.total - quality[ratings.proposal] + severity[ratings.judge]
        n_effects = int((ratings.n_sheets_of_proposal > 0).sum() + (ratings.n_sheets_of_judge > 0).sum())
        free = ratings.n_sheets - n_effects + self.two_way.n_sets
        weights = np.where(given, ratings.weights, 0.0)
        weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
        of_totals = float(((weights * residual).sum(axis=1) ** 2).mean())
        scale = 1.0
        if free > 0 and of_totals > 0:
            scale = max(float(rest @ rest) / free / of_totals, 1.0)
        return float(np.sqrt(scale * halo)), float(np.sqrt(scale * noise))

    def _like_the_others(self, expected: Floats, independence: Independence) -> Floats:
        """Mirror what is expected of judges against the panel around their own mean."""
        expected = expected.copy()
        for code in np.flatnonzero(independence.sign < 0).tolist():
            rows = self.ratings.judge == code
            expected[rows] = 2.0 * np.nanmean(expected[rows], axis=0) - expected[rows]
        return expected

    def _errors(self, rng: np.random.Generator) -> Floats:
        """Draw halo and noise: one of each for every judge and proposal, common to repeated sheets."""
        n = int(self._reading.max(initial=-1)) + 1
        halo = self._halo * rng.standard_normal((n, 1))
        noise = self._noise * rng.standard_normal((n, self.ratings.n_criteria))
        return np.asarray(self._factor[self.ratings.judge][:, None] * (halo + noise)[self._reading])

    def _deviation(self, rng: np.random.Generator) -> Floats:
        """Difference of a posterior draw of every score from its mean, (n_proposals,)."""
        if self._fit.sample is None:
            return np.zeros(self.ratings.n_proposals)
        if not self._deviations:
            draws = self._fit.draw(_AT_ONCE, rng) - self._fit.calibrated
            self._deviations = list(np.nan_to_num(draws))
        return self._deviations.pop()

    def draw(self, rng: np.random.Generator) -> Ratings:
        """Draw a round with the same assignments."""
        ratings = self.ratings
        score = self._expected + self._deviation(rng)[ratings.proposal][:, None] + self._errors(rng)
        return replace(ratings, score=self._as_marks(score))

    def draw_reassigned(self, rng: np.random.Generator) -> Floats:
        """Draw totals of a round whose proposals changed places at random among the assignments, (n_sheets,)."""
        ratings = self.ratings
        quality = np.nan_to_num(self._fit.calibrated) + self._deviation(rng)
        read = np.flatnonzero(ratings.n_sheets_of_proposal > 0)
        placed = np.zeros(ratings.n_proposals)
        placed[read] = quality[rng.permutation(read)] - np.nan_to_num(self._fit.calibrated)[read]
        given = ~np.isnan(ratings.score)
        score = self._expected + self._errors(rng)
        return np.asarray(replace(ratings, score=np.where(given, score, np.nan)).total + placed[ratings.proposal])

    def _as_marks(self, score: Floats) -> Floats:
        ratings = self.ratings
        rounded = self._step > 0
        steps = np.where(rounded, self._step, 1.0)
        low = np.where(np.isnan(ratings.minimum), 0.0, ratings.minimum)
        score = np.where(rounded, low + steps * np.round((score - low) / steps), score)
        score = np.fmin(np.fmax(score, ratings.minimum), ratings.maximum)
        return np.where(np.isnan(ratings.score), np.nan, score)
