"""`mixed` where every sheet scores every criterion: a mean level and a contrast level, two crossed factors each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.estimates import Estimate
from judging.calibration.models.mixed.crossed import Crossed
from judging.calibration.models.mixed.factor import Factor, factorise, point_of
from judging.calibration.models.mixed.posterior import Targets, fixed_effects, targets_of
from judging.calibration.models.mixed.reml import RemlPoint, above_zero, minimise
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False, kw_only=True)
class Extra:
    """Fixed effects beyond the criteria's means, the same for every criterion.

    Attributes
    ----------
    names : tuple of str
    sheets : ndarray of shape (n_sheets, n_extra)
        Of full column rank, an intercept beside them included; the same for all sheets of a judge and proposal.
    proposals : ndarray of shape (n_proposals, n_extra)
        The part of each that is included in the calibrated score.
    judges : ndarray of shape (n_judges, n_extra)
        The part of each that is included in a judge's generosity.
    """

    names: tuple[str, ...]
    sheets: Floats
    proposals: Floats
    judges: Floats


FEWEST = 1e-6
"""Lower bound of the residual variance, as a share of the variance of all scores: below it rounding dominates."""


def contrasts(n_criteria: int) -> Floats:
    """Orthonormal rows: the first all equal, the others Helmert contrasts, of shape (n_criteria, n_criteria)."""
    rows = np.tri(n_criteria)[np.r_[n_criteria - 1, : n_criteria - 1]]
    for row in range(1, n_criteria):
        rows[row, row] = -float(row)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class LevelEffects:
    """One factor on the weighted total: independent levels, each with weights for its columns."""

    parts: tuple[tuple[Targets, Floats], ...]

    @property
    def estimate(self) -> Floats:
        """Of shape (n_levels,)."""
        return np.asarray(sum(level.estimate @ weights for level, weights in self.parts))

    @property
    def variance(self) -> Floats:
        """Of shape (n_levels,)."""
        return np.asarray(sum(level.variance * (weights @ weights) for level, weights in self._uncertain))

    def covariance(self, sums: Floats) -> Floats:
        """Covariance of weighted sums, weights of shape (n_sums, n_levels)."""
        return np.asarray(sum(level.covariance(sums) * (weights @ weights) for level, weights in self._uncertain))

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors, of shape (n, n_levels)."""
        (first, weights), *others = self._uncertain
        draws = first.draw(n, rng) * np.sqrt(weights @ weights)
        for level, weights in others:
            draws += level.draw(n, rng) * np.sqrt(weights @ weights)
        return np.asarray(draws)

    @cached_property
    def _uncertain(self) -> list[tuple[Targets, Floats]]:
        # With equal weights the contrasts have no effect on the total except for rounding, and are left out.
        return [(level, weights) for level, weights in self.parts if weights @ weights > 1e-20]


@dataclass(frozen=True, eq=False)
class LevelsSolution:
    """The optimum on complete sheets."""

    ratings: Ratings
    extra: Extra
    factors: tuple[Factor, ...]
    rotation: Floats
    variances: Mapping[str, float]
    criterion: float
    iterations: int
    is_zero_avoided: bool

    @property
    def criterion_mean(self) -> Floats:
        """Expected score by criterion of an average proposal from an average judge, of shape (n_criteria,)."""
        rotated = np.concatenate([fixed_effects(factor)[0] for factor in self.factors])
        at_mean = self.extra.sheets.mean(axis=0) @ np.array([effect.estimate for effect in self.extra_effects])
        return np.asarray(self.rotation.T @ rotated + at_mean)

    @property
    def intercept(self) -> Estimate:
        """Weighted mean level where every other fixed effect is zero."""
        weights = self._weights
        estimate = sum(
            float(fixed_effects(factor)[0] @ of_factor) for factor, of_factor in zip(self.factors, weights, strict=True)
        )
        variance = sum(
            float(np.linalg.inv(factor.fixed_precision)[0, 0] * (of_factor @ of_factor))
            for factor, of_factor in zip(self.factors, weights, strict=True)
        )
        return Estimate(estimate, float(np.sqrt(variance)))

    @property
    def extra_effects(self) -> tuple[Estimate, ...]:
        """Fixed effects beyond the criteria's means, in points of the total."""
        mean_level = self.factors[0]
        variance = np.linalg.inv(mean_level.fixed_precision)
        return tuple(
            Estimate(float(fixed_effects(mean_level)[code, 0]), float(np.sqrt(variance[code, code])))
            for code in range(1, mean_level.problem.n_fixed)
        )

    def proposals(self) -> LevelEffects:
        """Calibrated scores."""
        root = np.sqrt(self.ratings.n_criteria)
        return self._effects(np.hstack([np.ones((self.ratings.n_proposals, 1)), root * self.extra.proposals]), True)

    def judges(self) -> LevelEffects:
        """Generosity of the judges on the total."""
        root = np.sqrt(self.ratings.n_criteria)
        return self._effects(np.hstack([np.zeros((self.ratings.n_judges, 1)), root * self.extra.judges]), False)

    def generosity_from(self, quality: Floats) -> Floats:
        """Calculate which generosity the fit would read from scores that are these values of their proposals.

        Parameters
        ----------
        quality : ndarray of shape (n_proposals, n_columns)

        Returns
        -------
        generosity : ndarray of shape (n_judges, n_columns)
        """
        root, mean_level = np.sqrt(self.ratings.n_criteria), self.factors[0]
        fixed = np.hstack([np.ones((self.ratings.n_sheets, 1)), root * self.extra.sheets])
        problem = _crossed(self.ratings, root * quality[self.ratings.proposal], fixed)
        factor = Factor(problem, mean_level.eliminated, mean_level.retained, mean_level.residual)
        fixed_part = np.hstack([np.zeros((self.ratings.n_judges, 1)), root * self.extra.judges])
        targets = targets_of(factor, proposals=False, fixed_part=fixed_part)
        return np.asarray(targets.estimate * float(self._weights[0][0]))

    def _effects(self, fixed_part: Floats, proposals: bool) -> LevelEffects:
        parts = [fixed_part, fixed_part[:, :1]]
        levels = [
            targets_of(factor, proposals=proposals, fixed_part=part)
            for factor, part in zip(self.factors, parts, strict=False)
        ]
        return LevelEffects(tuple(zip(levels, self._weights, strict=True)))

    @cached_property
    def _weights(self) -> list[Floats]:
        rotated = self.rotation @ self.ratings.weights
        return [rotated[:1], rotated[1:]][: len(self.factors)]


def solve_levels(ratings: Ratings, *, extra: Extra, exact: bool = False) -> LevelsSolution:
    """Find the variances that minimise the criterion.

    Parameters
    ----------
    ratings : Ratings
        Complete, at most one sheet a judge and proposal when there are several criteria.
    extra : Extra
        Fixed effects beyond the criteria's means.
    exact : bool
        REML also where it estimates the severities' variance as zero; see `above_zero`.

    Returns
    -------
    solution : LevelsSolution

    Notes
    -----
    Rotating the criteria of every sheet by an orthonormal matrix changes no likelihood. Its first row gives the mean
    level with variances ``C q + k``, ``C s + sc``, ``C h + e`` (C criteria); the other rows are contrasts, independent
    of it and of each other, with ``k``, ``sc``, ``e``. The extra effects are the same for all criteria, so no
    contrast contains them.
    """
    n_criteria = ratings.n_criteria
    rotation = contrasts(n_criteria)
    rotated = ratings.score @ rotation.T
    ones = np.ones((ratings.n_sheets, 1))
    fixed = np.hstack([ones, np.sqrt(n_criteria) * extra.sheets])
    problems = [_crossed(ratings, rotated[:, :1], fixed)]
    shares = [np.eye(3)]
    names = ["proposal", "judge", "residual"]
    start = problems[0].start()
    if n_criteria > 1:
        problems.append(_crossed(ratings, rotated[:, 1:], ones))
        names += ["judge_proposal", "proposal_criterion", "judge_criterion"]
        zeros, identity = np.zeros((3, 3)), np.eye(3)
        mean_level, contrast_level = np.hstack([identity * n_criteria, zeros]), np.hstack([zeros, zeros])
        # Columns follow `names`: an effect common to the criteria counts n_criteria times on the mean level.
        mean_level[2] = [0.0, 0.0, 1.0, n_criteria, 0.0, 0.0]
        mean_level[0, 4] = mean_level[1, 5] = 1.0
        contrast_level[0, 4] = contrast_level[1, 5] = contrast_level[2, 2] = 1.0
        shares = [mean_level, contrast_level]
        within = problems[1].start()
        common = np.maximum((start - within) / n_criteria, 0.02 * start / n_criteria)
        start = np.array([common[0], common[1], within[2], common[2], within[0], within[1]])

    free = np.ones(len(names), dtype=bool)
    for factor, count in (("proposal", ratings.n_sheets_of_proposal), ("judge", ratings.n_sheets_of_judge)):
        if np.count_nonzero(count) < 2:
            # One level is the mean itself: its variance would be a flat direction.
            free &= np.array([not name.startswith(factor) or name == "judge_proposal" for name in names])
    whole = float(rotated.var(axis=0).mean())
    lower = np.where(np.array(names) == "residual", FEWEST * whole, 0.0)

    latest: list[tuple[Factor, ...]] = []

    def factorise_all(variances: Floats) -> tuple[Factor, ...]:
        every = np.zeros(len(names))
        every[free] = variances
        return tuple(factorise(problem, *(part @ every)) for problem, part in zip(problems, shares, strict=True))

    def evaluate(variances: Floats) -> RemlPoint:
        latest[:] = [factorise_all(variances)]
        points = [point_of(factor) for factor in latest[0]]
        return RemlPoint(
            sum(point.value for point in points),
            np.sum([part.T @ point.gradient for part, point in zip(shares, points, strict=True)], axis=0)[free],
            np.sum([part.T @ point.information @ part for part, point in zip(shares, points, strict=True)], axis=0)[
                np.ix_(free, free)
            ],
        )

    placed = [name for name, is_free in zip(names, free, strict=True) if is_free]
    optimum = minimise(
        evaluate,
        start[free],
        lower=lower[free],
        residual=placed.index("residual"),
        what="The model `mixed`",
        by_value=problems[0].is_dense,
    )
    judge = placed.index("judge") if "judge" in placed else None
    avoids_zero = not exact and judge is not None and optimum.variances[judge] == 0.0
    if avoids_zero and judge is not None:
        optimum = above_zero(evaluate, optimum, place=judge, whole=whole)
    variances = np.zeros(len(names))
    variances[free] = optimum.variances
    fitted_exactly = variances[2] <= lower[2]
    # The optimum is nearly always the last evaluated point; reuse its factor, because factorising takes most of the
    # time.
    factors = latest[0] if optimum.is_latest else factorise_all(optimum.variances)
    freedom = sum(problem.freedom for problem in problems)
    return LevelsSolution(
        ratings,
        extra,
        factors,
        rotation,
        {name: float(value) for name, value in zip(names, variances, strict=True)}
        | ({"residual": 0.0} if fitted_exactly else {}),
        optimum.value + freedom * float(np.log(2.0 * np.pi)),
        optimum.iterations,
        avoids_zero,
    )


def _crossed(ratings: Ratings, values: Floats, fixed: Floats) -> Crossed:
    return Crossed(
        ratings.proposal,
        ratings.judge,
        n_proposals=ratings.n_proposals,
        n_judges=ratings.n_judges,
        values=values,
        fixed=fixed,
    )
