"""The linear form of `hierarchical`, given the posterior means of the judges' factors."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.linear_form import LinearForm
from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.models.hierarchical.gaussian import (
    design_of,
    effects_of,
    eliminate,
    exchangeable,
    noise_precision,
)
from judging.calibration.models.hierarchical.judges import prior_offset
from judging.calibration.models.hierarchical.posterior import Posterior


def linear_form_of(posterior: Posterior) -> LinearForm:
    """Write a fit as the linear form of its calibrated scores."""
    ratings, layout, solution = posterior.ratings, posterior.layout, posterior.solution
    size, centre, weights = posterior.relative_scale, posterior.centre, posterior.weights
    state, sheets, judges = solution.state, solution.sheets, solution.judges
    C = layout.n_criteria
    _, quality_precision = exchangeable(state.spreads.quality, state.spreads.criterion, C)
    given = sheets.weight > 0
    noise = (np.exp(2 * state.log_consistency[layout.judge]) / layout.share)[:, None] * state.spreads.noise**2
    opinion, gain = np.empty_like(sheets.value), np.empty_like(sheets.value)
    for group in layout.groups:
        rows = slice(group.start, group.stop)
        n, r = len(group.proposals), group.readings
        design, code = design_of(group, layout, sheets), effects_of(group, layout)
        off = group.fold(sheets.value).reshape(n, r * C, 1) - design @ judges.everything[code][..., None]
        pull = (eliminate(group, sheets, quality_precision).precision @ off).reshape(n * r, C)
        # A mark's Gaussian has its own variance beside the noise; the opinion is the value less variance times pull.
        opinion[rows] = sheets.value[rows] - solution.variance[rows] * pull
        weight = np.where(given[rows], 1 / noise[rows], 0.0).reshape(n, r, C)
        precision = noise_precision(weight, group.fold(sheets.halo))
        scale = group.fold(sheets.scale)[..., None, None]
        covariance = np.linalg.inv(quality_precision + (scale**2 * precision).sum(axis=1))
        gain[rows] = ((weights @ covariance)[:, None, None, :] @ (scale * precision)).reshape(n * r, C)
    ratings_order = np.empty_like(layout.order)
    ratings_order[layout.order] = np.arange(len(layout.order))
    home = layout.home * judges.mean[layout.judge, C] if layout.has_home else np.zeros(len(layout.order))
    opened = np.isnan(ratings.score)
    level = judges.mean[:, :C] + centre
    active = ratings.n_sheets_of_judge > 0
    return LinearForm(
        weights=weights,
        sheet_weights=sheet_weights(ratings) * size,
        mark=np.where(opened, 0.0, ratings.score / size),
        opinion=np.where(opened, 0.0, opinion[ratings_order] + centre),
        level=level,
        middle=level[active].mean(axis=0),
        home=home[ratings_order],
        drift=(judges.mean[layout.judge, layout.drift] * layout.place)[ratings_order] if layout.has_drift else None,
        home_share=judges.home_level * posterior.home_share,
        scale=sheets.scale[ratings_order],
        gain=np.where(opened, 0.0, gain[ratings_order]),
        usual=float(weights.sum()) * prior_offset(layout, judges),
        intercept=float(weights @ posterior.scores.criterion_mean),
    )
