r"""The linear form behind a calibrated score: what each sheet says, as the model hears it, and how much it counts.

`mixed` and `hierarchical` are linear once their spreads and the judges' log-factors are given: with ``y`` a judge's
opinion (the mark; in `hierarchical` its posterior mean inside the mark's interval), ``l`` the judge's level and ``a``
the scale use, a proposal's weighted quality is

.. math:: D_i = \sum_{sheets} \kappa_s (y_s - l_j - home_s - a_j g_i), \quad
          \kappa_s = w' (P_0 + \sum a^2 R)^{-1} a_j R_s

with ``P_0`` the prior precision of quality over the criteria, ``R`` the precision of a sheet's noise and ``g`` what the
prior knows of the proposal. This holds for the fit's own numbers, not for an approximation to it: conditional on the
judges' posterior means it is the posterior mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import Fit, home_share
from judging.calibration.models.hierarchical.gaussian import (
    design_of,
    effects_of,
    eliminate,
    exchangeable,
    noise_precision,
)
from judging.calibration.models.hierarchical.iteration import Solution as HierarchicalSolution
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.scores import Scores
from judging.calibration.models.mixed.complete_sheets import Extra, LevelsSolution
from judging.calibration.models.mixed.open_criteria import BlocksSolution
from judging.calibration.models.mixed.posterior import fixed_effects
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """Everything that a linear fit holds against a mark, in units of the criteria; rows in the ratings' order.

    Attributes
    ----------
    weights : ndarray of shape (n_criteria,)
        ``weights @ mark`` is a total.
    sheet_weights : ndarray of shape (n_sheets, n_criteria)
        The same with open criteria's weights shared out, 0 where a criterion is open.
    mark, opinion : ndarray of shape (n_sheets, n_criteria)
        As given, and as the model hears it; 0 where open.
    level : ndarray of shape (n_judges, n_criteria)
        Expected opinion of an average proposal.
    middle : ndarray of shape (n_criteria,)
        The panel's level, from which severity is counted.
    home : ndarray of shape (n_sheets,)
        Advantage held in each opinion of a sheet; 0 on sheets without.
    home_share : ndarray of shape (n_proposals,)
        Advantage that the calibrated score stands for.
    scale : ndarray of shape (n_sheets,)
        Scale use of the sheet's judge.
    gain : ndarray of shape (n_sheets, n_criteria)
        kappa above; 0 where open.
    usual : ndarray of shape (n_proposals,)
        What the prior adds to the total of such a proposal (its city or category); 0 under a city-blind prior.
    intercept : float
        Total that the prior expects of an average proposal, home advantage apart.
    """

    weights: Floats
    sheet_weights: Floats
    mark: Floats
    opinion: Floats
    level: Floats
    middle: Floats
    home: Floats
    home_share: Floats
    scale: Floats
    gain: Floats
    usual: Floats
    intercept: float


def parts_of(fit: Fit, ratings: Ratings) -> Parts | None:
    """Find the linear form of a fit; None for a model without one, and where all scores were equal.

    Parameters
    ----------
    fit : Fit
    ratings : Ratings
        The fit's, unused criteria left out.
    """
    solution = fit.details.get("solution")
    if isinstance(solution, HierarchicalSolution):
        return _hierarchical(fit, ratings, solution)
    extra = fit.details.get("extra")
    if not isinstance(extra, Extra):
        return None
    if isinstance(solution, LevelsSolution):
        level, mean, effects, gain = _levels(solution)
    else:
        if not isinstance(solution, BlocksSolution):
            return None
        level, mean, effects, gain = _blocks(solution)
    return _mixed(ratings, extra, level=level, mean=mean, effects=effects, gain=gain)


def sheet_weights(ratings: Ratings) -> Floats:
    """Weights of the criteria that make each sheet's total, of shape (n_sheets, n_criteria); rows sum to 1."""
    given = ~np.isnan(ratings.score)
    weight = given * ratings.weights
    share = weight.sum(axis=1)
    weight[share == 0] = given[share == 0]
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _mixed(ratings: Ratings, extra: Extra, *, level: Floats, mean: Floats, effects: Floats, gain: Floats) -> Parts:
    n_proposals = ratings.n_proposals
    home, home_share, usual = np.zeros(ratings.n_sheets), np.zeros(n_proposals), np.zeros(n_proposals)
    level, middle = level + mean, mean.copy()
    for code, name in enumerate(extra.names):
        effect = effects[code]
        if name == "home_city":
            home, home_share = extra.sheets[:, code] * effect, extra.proposals[:, code] * effect
        elif extra.judges[:, code].any():
            # Free means by the judges' city: the calibrated scores stand for their average over the sheets.
            average = extra.proposals[0, code]
            level = level + ((extra.judges[:, code] + average) * effect)[:, None]
            middle = middle + average * effect
        else:
            usual = usual + extra.proposals[:, code] * effect
    mark = np.nan_to_num(ratings.score)
    return Parts(
        weights=ratings.weights,
        sheet_weights=sheet_weights(ratings),
        mark=mark,
        opinion=mark,
        level=level,
        middle=middle,
        home=home,
        home_share=home_share,
        scale=np.ones(ratings.n_sheets),
        gain=gain,
        usual=usual,
        intercept=float(ratings.weights @ middle),
    )


def _levels(solution: LevelsSolution) -> tuple[Floats, Floats, Floats, Floats]:
    """Judges' effects, criterion means, extra effects, gains; on complete sheets."""
    ratings, rotation = solution.ratings, solution.rotation
    rotated_weights = rotation @ ratings.weights
    count = ratings.n_sheets_of_proposal[ratings.proposal]
    effects, gains, first = [], [], 0
    for factor in solution.factors:
        columns = slice(first, first + factor.problem.n_columns)
        first = columns.stop
        proposals_gone = factor.problem.proposals_are_gone
        variance, place = (factor.kept, 1) if proposals_gone else (factor.gone, 0)
        effects.append(variance * factor.left_over[place])
        ratio = factor.ratio_gone if proposals_gone else factor.ratio_kept
        gains.append((ratio / (1.0 + ratio * count))[:, None] * rotated_weights[columns])
    mean = rotation.T @ np.concatenate([fixed_effects(factor)[0] for factor in solution.factors])
    extras = np.array([effect.estimate for effect in solution.extra_effects])
    return np.hstack(effects) @ rotation, mean, extras, np.hstack(gains) @ rotation


def _blocks(solution: BlocksSolution) -> tuple[Floats, Floats, Floats, Floats]:
    """Judges' effects, criterion means, extra effects, gains; on sheets with open or repeated criteria."""
    ratings, factor = solution.ratings, solution.factor
    pairs = factor.pairs
    if pairs.proposals_are_gone:
        place, of_pair, covariance, weight = 2, pairs.gone, factor.covariance_gone, pairs.by_gone(factor.weight)
    else:
        place, of_pair, covariance, weight = 1, pairs.kept, factor.covariance_kept, pairs.by_kept(factor.weight)
    effects = factor.of_values[place][:, :, 0] - factor.of_design[place] @ factor.fixed_effects
    leaning = ratings.weights @ covariance @ np.linalg.inv(np.eye(ratings.n_criteria) + weight @ covariance)
    of_pairs = np.einsum("px,pxy->py", leaning[of_pair], factor.weight) / np.maximum(pairs.count, 1.0)
    key = ratings.proposal * ratings.n_judges + ratings.judge
    _, pair = np.unique(key, return_inverse=True)
    gain = np.where(np.isnan(ratings.score), 0.0, of_pairs[pair])
    n_criteria = ratings.n_criteria
    return effects, pairs.centre + factor.fixed_effects[:n_criteria], factor.fixed_effects[n_criteria:], gain


def _hierarchical(fit: Fit, ratings: Ratings, solution: HierarchicalSolution) -> Parts:
    layout, scores = fit.details["layout"], fit.details["scores"]
    if not (isinstance(layout, Layout) and isinstance(scores, Scores)):
        raise TypeError("details of `hierarchical`: no layout, or no scores")
    size = np.asarray(fit.details["relative_scale"], dtype=np.float64)
    centre = np.asarray(fit.details["centre"], dtype=np.float64)
    state, sheets, judges = solution.state, solution.sheets, solution.judges
    C = layout.n_criteria
    weights = ratings.weights * size
    _, quality_precision = exchangeable(state.spreads.quality, state.spreads.criterion, C)
    given = sheets.weight > 0
    noise = np.exp(2 * state.log_consistency[layout.judge])[:, None] * state.spreads.noise**2
    opinion, gain = np.empty_like(sheets.value), np.empty_like(sheets.value)
    for group in layout.groups:
        rows = slice(group.start, group.stop)
        n, r = len(group.proposals), group.readings
        design, code = design_of(group, layout, sheets), effects_of(group, layout)
        off = group.fold(sheets.value).reshape(n, r * C, 1) - design @ judges.everything[code][..., None]
        pull = (eliminate(group, sheets, quality_precision).precision @ off).reshape(n * r, C)
        # A mark's Gaussian has a variance of its own beside the noise; what it pulls out of the value is the opinion.
        opinion[rows] = sheets.value[rows] - solution.variance[rows] * pull
        weight = np.where(given[rows], 1 / noise[rows], 0.0).reshape(n, r, C)
        precision = noise_precision(weight, group.fold(sheets.halo))
        scale = group.fold(sheets.scale)[..., None, None]
        covariance = np.linalg.inv(quality_precision + (scale**2 * precision).sum(axis=1))
        gain[rows] = ((weights @ covariance)[:, None, None, :] @ (scale * precision)).reshape(n * r, C)
    ratings_order = np.empty_like(layout.order)
    ratings_order[layout.order] = np.arange(len(layout.order))
    known = layout.labels >= 0
    label = np.zeros(layout.n_proposals)
    if layout.n_label_levels:
        label = np.where(known, judges.label[np.maximum(layout.labels, 0)], 0.0).sum(axis=1)
    home = layout.home * judges.mean[layout.judge, C] if layout.has_home else np.zeros(len(layout.order))
    opened = np.isnan(ratings.score)
    level = judges.mean[:, :C] + centre
    active = ratings.n_sheets_of_judge > 0
    return Parts(
        weights=weights,
        sheet_weights=sheet_weights(ratings) * size,
        mark=np.where(opened, 0.0, ratings.score / size),
        opinion=np.where(opened, 0.0, opinion[ratings_order] + centre),
        level=level,
        middle=level[active].mean(axis=0),
        home=home[ratings_order],
        home_share=judges.home_level * home_share(ratings, fit.settings.home_city),
        scale=sheets.scale[ratings_order],
        gain=np.where(opened, 0.0, gain[ratings_order]),
        usual=float(weights.sum()) * label,
        intercept=float(weights @ scores.criterion_mean),
    )
