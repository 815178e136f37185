"""The linear form of `mixed`: given the variances, a calibrated score is linear in the scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.answers.linear_form import LinearForm
from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.models.mixed.complete_sheets import Extra, LevelsSolution
from judging.calibration.models.mixed.open_criteria import BlocksSolution
from judging.calibration.models.mixed.posterior import fixed_effects
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearParts:
    """The parts of a solution that the linear form needs.

    Attributes
    ----------
    generosity : ndarray of shape (n_judges, n_criteria)
        Of the judges, by criterion; + is generous.
    mean : ndarray of shape (n_criteria,)
        Criterion means where every other fixed effect is zero.
    extra : ndarray of shape (n_extra,)
        Fixed effects beyond the criteria's means.
    gain : ndarray of shape (n_sheets, n_criteria)
        As in `LinearForm`.
    """

    generosity: Floats
    mean: Floats
    extra: Floats
    gain: Floats


def parts_of_levels(solution: LevelsSolution) -> LinearParts:
    """Take the parts from a solution on complete sheets."""
    ratings, rotation = solution.ratings, solution.rotation
    rotated_weights = rotation @ ratings.weights
    count = ratings.n_sheets_of_proposal[ratings.proposal]
    effects, gains, first = [], [], 0
    for factor in solution.factors:
        columns = slice(first, first + factor.problem.n_columns)
        first = columns.stop
        proposals_eliminated = factor.problem.proposals_are_eliminated
        variance, place = (factor.retained, 1) if proposals_eliminated else (factor.eliminated, 0)
        effects.append(variance * factor.weighted_residual[place])
        ratio = factor.ratio_eliminated if proposals_eliminated else factor.ratio_retained
        gains.append((ratio / (1.0 + ratio * count))[:, None] * rotated_weights[columns])
    return LinearParts(
        generosity=np.hstack(effects) @ rotation,
        mean=rotation.T @ np.concatenate([fixed_effects(factor)[0] for factor in solution.factors]),
        extra=np.array([effect.estimate for effect in solution.extra_effects]),
        gain=np.hstack(gains) @ rotation,
    )


def parts_of_blocks(solution: BlocksSolution) -> LinearParts:
    """Take the parts from a solution on sheets with open or repeated criteria."""
    ratings, factor = solution.ratings, solution.factor
    pairs = factor.pairs
    if pairs.proposals_are_eliminated:
        place, of_pair, covariance, weight = (
            2,
            pairs.eliminated,
            factor.covariance_eliminated,
            pairs.by_eliminated(factor.weight),
        )
    else:
        place, of_pair, covariance, weight = (
            1,
            pairs.retained,
            factor.covariance_retained,
            pairs.by_retained(factor.weight),
        )
    leaning = ratings.weights @ covariance @ np.linalg.inv(np.eye(ratings.n_criteria) + weight @ covariance)
    of_pairs = np.einsum("px,pxy->py", leaning[of_pair], factor.weight) / np.maximum(pairs.count, 1.0)
    key = ratings.proposal * ratings.n_judges + ratings.judge
    _, pair = np.unique(key, return_inverse=True)
    n_criteria = ratings.n_criteria
    return LinearParts(
        generosity=factor.of_values[place][:, :, 0] - factor.of_design[place] @ factor.fixed_effects,
        mean=pairs.centre + factor.fixed_effects[:n_criteria],
        extra=factor.fixed_effects[n_criteria:],
        gain=np.where(np.isnan(ratings.score), 0.0, of_pairs[pair]),
    )


def linear_form_of(ratings: Ratings, extra: Extra, parts: LinearParts) -> LinearForm:
    """Write a solution as the linear form of its calibrated scores."""
    n_proposals = ratings.n_proposals
    home, home_share, usual = np.zeros(ratings.n_sheets), np.zeros(n_proposals), np.zeros(n_proposals)
    level, middle = parts.generosity + parts.mean, parts.mean.copy()
    for code, name in enumerate(extra.names):
        effect = parts.extra[code]
        if name == "home_city":
            home, home_share = extra.sheets[:, code] * effect, extra.proposals[:, code] * effect
        elif extra.judges[:, code].any():
            # Free means by the judges' city: the calibrated scores include their average over the sheets.
            average = extra.proposals[0, code]
            level = level + ((extra.judges[:, code] + average) * effect)[:, None]
            middle = middle + average * effect
        else:
            usual = usual + extra.proposals[:, code] * effect
    mark = np.nan_to_num(ratings.score)
    return LinearForm(
        weights=ratings.weights,
        sheet_weights=sheet_weights(ratings),
        mark=mark,
        opinion=mark,
        level=level,
        middle=middle,
        home=home,
        home_share=home_share,
        scale=np.ones(ratings.n_sheets),
        gain=parts.gain,
        usual=usual,
        intercept=float(ratings.weights @ middle),
    )
