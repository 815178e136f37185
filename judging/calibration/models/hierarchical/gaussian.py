r"""Exact Gaussian algebra of `hierarchical` for given scale use, consistency and spreads.

With those given, everything else is linear and Gaussian: the opinions ``y`` of a sheet are ``l_j + home_j * same + a_j
(g + u_i) + noise``, where ``l_j = mu - s_j`` is a judge's level per criterion, ``u_i`` a proposal's quality per
criterion and ``g`` the effect of its city or category, if these are in the model. Qualities are eliminated proposal by
proposal, which gives a system over the judges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.models.hierarchical.layout import Group, Layout
from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False)
class Spreads:
    """Standard deviations of the model's parts, in marks (``scale_use``, ``consistency``: of logarithms).

    ``criterion``, ``judge_criterion`` and ``halo`` are 0 with a single criterion, where they are not identifiable.
    ``assigned`` is the spread of the quality of the work that judges were assigned; 0 where it is not in the model.
    ``drift`` is that of changes of severity from a judge's first sheet to the last; 0 where it is not in the model.
    ``tied`` is no spread: the correlation of severity and assigned quality, + where harsh judges get good work.
    """

    quality: float
    criterion: float
    severity: float
    judge_criterion: float
    home: float
    city: float
    label: float
    halo: float
    noise: float
    scale_use: float
    consistency: float
    assigned: float = 0.0
    tied: float = 0.0
    drift: float = 0.0


@dataclass(frozen=True, eq=False)
class Sheets:
    """Opinions and their noise.

    Attributes
    ----------
    value : ndarray of shape (n_sheets, n_criteria)
    weight : ndarray of shape (n_sheets, n_criteria)
        One over the variance of an opinion given the halo; 0 where a criterion was left open.
    halo, scale : ndarray of shape (n_sheets,)
        Variance of the halo; scale use of the sheet's judge.
    """

    value: Floats
    weight: Floats
    halo: Floats
    scale: Floats


@dataclass(frozen=True, eq=False)
class Eliminated:
    """One group after its qualities are integrated out.

    Attributes
    ----------
    precision : ndarray of shape (n_group, r C, r C)
        Of the opinions of one proposal given the judges' effects.
    noise_precision : ndarray of shape (n_group, r, C, C)
    covariance : ndarray of shape (n_group, C, C)
        Of the quality given the judges' effects.
    """

    precision: Floats
    noise_precision: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class Residuals:
    """Weighted residuals of one group, by the precision of all opinions with the judges' effects integrated out too.

    Attributes
    ----------
    pull : ndarray of shape (n_group, r, C)
        ``V^-1 (y - mu)``.
    precision : ndarray of shape (n_group, r, C, r, C)
        Diagonal blocks of ``V^-1``, one a proposal.
    """

    pull: Floats
    precision: Floats


def exchangeable(level: float, contrast: float, n: int) -> tuple[Floats, Floats]:
    """Covariance ``level^2 11' + contrast^2 I`` and its inverse; with n = 1 the contrast is not used."""
    mean_part = np.full((n, n), 1 / n)
    rest = np.eye(n) - mean_part
    small = contrast**2 if n > 1 else 0.0
    large = n * level**2 + small
    inverse = mean_part / large + (rest / small if n > 1 else 0.0)
    return large * mean_part + small * rest, inverse


def noise_precision(weight: Floats, halo: Floats) -> Floats:
    """Precision of a sheet's opinions given everything but halo and noise, (..., C, C), by Sherman and Morrison."""
    share = halo / (1 + halo * weight.sum(axis=-1))
    noise: Floats = weight[..., :, None] * (-share[..., None, None] * weight[..., None, :])
    diagonal = np.arange(weight.shape[-1])
    noise[..., diagonal, diagonal] += weight
    return noise


def eliminate(group: Group, sheets: Sheets, quality_precision: Floats) -> Eliminated:
    """Integrate out the qualities of one group.

    Notes
    -----
    With ``R`` a sheet's noise precision and ``M = a R``:
    ``K = blockdiag(R) - M' B M``, ``B = (P_0 + sum a^2 R)^-1``.
    """
    weight, halo, scale = group.fold(sheets.weight), group.fold(sheets.halo), group.fold(sheets.scale)
    n, r, C = weight.shape
    noise = noise_precision(weight, halo)
    scaled = scale[..., None, None] * noise
    covariance = np.linalg.inv(quality_precision + (scale[..., None, None] * scaled).sum(axis=1))
    wide = scaled.transpose(0, 2, 1, 3).reshape(n, C, r * C)
    precision = -(wide.transpose(0, 2, 1) @ (covariance @ wide))
    blocks = precision.reshape(n, r, C, r, C)
    sheet = np.arange(r)
    blocks[:, sheet, :, sheet, :] += noise.transpose(1, 0, 2, 3)
    return Eliminated(precision, noise, covariance)


def effects_of(group: Group, layout: Layout) -> Ints:
    """Positions of the effects that a proposal's opinions depend on: (n_group, r d + n_labels)."""
    d = layout.n_own
    judge = group.fold_codes(layout.judge)
    own = (judge[..., None] * d + np.arange(d)).reshape(len(judge), -1)
    labels = layout.first_label + np.maximum(layout.labels[group.proposals], 0)
    return np.concatenate([own, labels], axis=1)


def design_of(group: Group, layout: Layout, sheets: Sheets) -> Floats:
    """Design matrix of the opinions over those effects: (n_group, r C, r d + n_labels)."""
    n, r, C, d = len(group.proposals), group.readings, layout.n_criteria, layout.n_own
    known = layout.labels[group.proposals] >= 0
    design = np.zeros((n, r, C, r * d + known.shape[1]))
    sheet, criterion = np.repeat(np.arange(r), C), np.tile(np.arange(C), r)
    design[:, sheet, criterion, sheet * d + criterion] = 1.0
    if layout.has_home:
        each = np.arange(r)
        design[:, each, :, each * d + C] = group.fold(layout.home).T[:, :, None]
    if layout.has_drift:
        each = np.arange(r)
        design[:, each, :, each * d + layout.drift] = -group.fold(layout.place).T[:, :, None]
    if layout.has_assigned:
        # The prior mean of a proposal is the mean of its judges' assigned work.
        design[:, :, :, d - 1 : r * d : d] = (group.fold(sheets.scale) / r)[:, :, None, None]
    design[..., r * d :] = group.fold(sheets.scale)[:, :, None, None] * known[:, None, None, :]
    return design.reshape(n, r * C, -1)


def prior_of_judge(layout: Layout, spreads: Spreads) -> Floats:
    """Prior precision of one judge's effects around their means, (d, d)."""
    C = layout.n_criteria
    levels, inverse = exchangeable(spreads.severity, spreads.judge_criterion, C)
    whole = np.zeros((layout.n_own, layout.n_own))
    whole[:C, :C] = inverse
    if layout.has_home:
        whole[C, C] = 1 / spreads.home**2
    if layout.has_drift:
        whole[layout.drift, layout.drift] = 1 / spreads.drift**2
    if layout.has_assigned:
        with_levels = np.full(C, -spreads.tied * spreads.severity * spreads.assigned)
        joint = np.zeros((C + 1, C + 1))
        joint[:C, :C], joint[:C, C], joint[C, :C], joint[C, C] = levels, with_levels, with_levels, spreads.assigned**2
        at = np.r_[np.arange(C), layout.n_own - 1]
        whole[np.ix_(at, at)] = np.linalg.inv(joint)
    return whole


def prior_to_common(layout: Layout, spreads: Spreads) -> Floats:
    """Prior precision between each judge's effects and the common ones, (n_judges, d, n_common).

    Notes
    -----
    ``l_j ~ N(mu - delta_city 1, T)`` and ``home_j ~ N(eta, .)``.
    """
    J, C = layout.n_judges, layout.n_criteria
    own = prior_of_judge(layout, spreads)
    cross = np.zeros((J, layout.n_own, layout.n_common))
    cross[:, :, :C] = -own[:, :C]
    known = np.flatnonzero(layout.judge_city >= 0)
    cross[known, :, C + layout.judge_city[known]] = own[:, :C].sum(axis=1)
    if layout.has_home:
        cross[:, C, layout.n_common - 1] = -own[C, C]
    return cross


def prior_of_common(layout: Layout, spreads: Spreads, unit: float) -> Floats:
    """Prior precision of criterion means, city severities, label effects, and home level.

    Notes
    -----
    Marks are centred, so the means' prior, five units wide, only matters where all marks are at one end of the scale.
    City severities have mean zero: their common part is the
    means'. ``eta ~ N(0, unit^2)``.
    """
    C, cities = layout.n_criteria, layout.n_cities
    own = prior_of_judge(layout, spreads)
    precision = np.zeros((layout.n_common, layout.n_common))
    precision[:C, :C] = layout.n_judges * own[:C, :C] + np.eye(C) / (5 * unit) ** 2
    row = own[:C, :C].sum(axis=1)
    members = np.bincount(layout.judge_city[layout.judge_city >= 0], minlength=cities)[:cities]
    at = C + np.arange(cities)
    precision[:C, at] = -row[:, None] * members
    precision[at, :C] = precision[:C, at].T
    precision[np.ix_(at, at)] = np.diag(members * row.sum() + 1 / spreads.city**2) + 1e4 / unit**2
    label = C + cities + np.arange(layout.n_label_levels)
    precision[label, label] = 1 / spreads.label**2
    if layout.has_home:
        precision[-1, -1] = layout.n_judges * own[C, C] + 1 / unit**2
    return precision
