r"""Exact Gaussian algebra of `hierarchical` for given scale use, consistency and spreads.

With those given, everything else is linear and Gaussian: opinions ``y`` of a sheet are
``l_j + home_j * same + a_j u_i + noise``, where ``l_j = mu - s_j`` is a judge's level per criterion and ``u_i`` a
proposal's quality per criterion. Qualities are eliminated proposal by proposal, which leaves a dense system over
the judges; its Cholesky factor gives every covariance that is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from judging.calibration.hierarchical_layout import Group, Layout
from judging.calibration.ratings import Floats


@dataclass(frozen=True, eq=False)
class Spreads:
    """Standard deviations of the model's parts, in marks (``scale_use``, ``consistency``: of logarithms).

    ``criterion``, ``judge_criterion`` and ``halo`` are 0 with a single criterion, where nothing tells them apart.
    """

    quality: float
    criterion: float
    severity: float
    judge_criterion: float
    home: float
    city: float
    halo: float
    noise: float
    scale_use: float
    consistency: float


@dataclass(frozen=True, eq=False)
class Judges:
    """What is known about the judges' linear effects.

    Attributes
    ----------
    mean : ndarray of shape (n_judges, n_own)
        Level per criterion (and home advantage), posterior mean.
    criterion_mean : ndarray of shape (n_criteria,)
    city_severity : ndarray of shape (n_cities,)
    home_level : float
    covariance : ndarray of shape (n_all, n_all)
        Judges first (n_judges * n_own), then criterion means, city severities, home level.
    factor
        Cholesky factor of the precision.
    """

    mean: Floats
    criterion_mean: Floats
    city_severity: Floats
    home_level: float
    covariance: Floats
    factor: tuple[Floats, bool]

    def solve(self, right: Floats) -> Floats:
        """Multiply by the covariance."""
        return np.asarray(cho_solve(self.factor, right, check_finite=False))


def exchangeable(level: float, contrast: float, n: int) -> tuple[Floats, Floats]:
    """Covariance ``level^2 11' + contrast^2 I`` and its inverse; with n = 1 the contrast plays no part."""
    mean_part = np.full((n, n), 1 / n)
    rest = np.eye(n) - mean_part
    small = contrast**2 if n > 1 else 0.0
    large = n * level**2 + small
    inverse = mean_part / large + (rest / small if n > 1 else 0.0)
    return large * mean_part + small * rest, inverse


@dataclass(frozen=True, eq=False)
class Sheets:
    """Noise of each sheet: ``weight`` (n_sheets, n_criteria) is one over the variance of a mark given the halo."""

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
        Of the opinions of one proposal given the judges' levels.
    noise_precision : ndarray of shape (n_group, r, C, C)
    covariance : ndarray of shape (n_group, C, C)
        Of the quality given the judges' levels.
    """

    precision: Floats
    noise_precision: Floats
    covariance: Floats


def eliminate(group: Group, sheets: Sheets, quality_precision: Floats) -> Eliminated:
    """Integrate out the qualities of one group.

    Notes
    -----
    With ``R`` a sheet's noise precision (Sherman-Morrison for the halo) and ``M = a R``:
    ``K = blockdiag(R) - M' B M``, ``B = (P_0 + sum a^2 R)^-1``.
    """
    weight, halo, scale = group.fold(sheets.weight), group.fold(sheets.halo), group.fold(sheets.scale)
    n, r, C = weight.shape
    share = halo / (1 + halo * weight.sum(axis=2))
    noise = weight[..., :, None] * (-share[..., None, None] * weight[..., None, :])
    diagonal = np.arange(C)
    noise[..., diagonal, diagonal] += weight
    scaled = scale[..., None, None] * noise
    covariance = np.linalg.inv(quality_precision + (scale[..., None, None] * scaled).sum(axis=1))
    wide = scaled.transpose(0, 2, 1, 3).reshape(n, C, r * C)
    precision = -(wide.transpose(0, 2, 1) @ (covariance @ wide))
    blocks = precision.reshape(n, r, C, r, C)
    sheet = np.arange(r)
    blocks[:, sheet, :, sheet, :] += noise.transpose(1, 0, 2, 3)
    return Eliminated(precision, noise, covariance)


def onto_judges(group: Group, layout: Layout, precision: Floats) -> Floats:
    """Map both sides of (n_group, r C, r C) from opinions to judge effects: (n_group, r d, r d)."""
    half = _right(group, layout, precision)
    return _right(group, layout, half.transpose(0, 2, 1)).transpose(0, 2, 1)


def _right(group: Group, layout: Layout, matrix: Floats) -> Floats:
    if not layout.has_home:
        return matrix
    n, rows, _ = matrix.shape
    C, r = layout.n_criteria, group.readings
    folded = matrix.reshape(n, rows, r, C)
    home = folded.sum(axis=3) * group.fold(layout.home)[:, None, :]
    return np.concatenate([folded, home[..., None]], axis=3).reshape(n, rows, r * (C + 1))


def expand(group: Group, layout: Layout, blocks: Floats) -> Floats:
    """Map both sides of (n_group, r d, r d) from judge effects to opinions: (n_group, r C, r C)."""
    if not layout.has_home:
        return blocks
    n = len(group.proposals)
    C, r = layout.n_criteria, group.readings
    home = group.fold(layout.home)
    left = blocks.reshape(n, r, C + 1, r * (C + 1))
    left = left[:, :, :C] + home[:, :, None, None] * left[:, :, C:]
    both = left.reshape(n, r * C, r, C + 1)
    return np.asarray((both[..., :C] + home[:, None, :, None] * both[..., C:]).reshape(n, r * C, r * C))


def codes_of(group: Group, layout: Layout) -> Floats:
    """Positions of a proposal's judge effects in the vector of all: (n_group, r d)."""
    d = layout.n_own
    judge = group.fold_codes(layout.judge)
    return np.asarray((judge[..., None] * d + np.arange(d)).reshape(len(judge), -1))


def prior_of_judges(layout: Layout, spreads: Spreads, unit: float) -> Floats:
    """Prior precision of judge effects, criterion means, city severities and home level, jointly.

    Notes
    -----
    ``l_j ~ N(mu - delta_city 1, T)``, ``home_j ~ N(eta, .)``, ``delta_k ~ N(0, city^2)``, ``eta ~ N(0, unit^2)``; the means
    have a spread of 1000 units, which is flat.
    """
    C, d, J = layout.n_criteria, layout.n_own, layout.n_judges
    _, inverse = exchangeable(spreads.severity, spreads.judge_criterion, C)
    own = J * d
    size = own + C + layout.n_cities + int(layout.has_home)
    precision = np.zeros((size, size))
    level = (np.arange(J)[:, None] * d + np.arange(C)).ravel()
    blocks = precision[:own, :own].reshape(J, d, J, d)
    each = np.arange(J)
    blocks[each, :C, each, :C] = inverse
    mean = slice(own, own + C)
    precision[level, mean] = np.tile(-inverse, (J, 1))
    precision[mean, mean] = J * inverse + np.eye(C) * 1e-6 / unit**2
    row = inverse.sum(axis=1)
    for city in range(layout.n_cities):
        at = own + C + city
        members = np.flatnonzero(layout.judge_city == city)
        where = (members[:, None] * d + np.arange(C)).ravel()
        precision[where, at] = np.tile(row, len(members))
        precision[mean, at] = -len(members) * row
        precision[at, at] = len(members) * row.sum() + 1 / spreads.city**2
    if layout.has_home:
        at = size - 1
        where = each * d + C
        precision[where, where] = 1 / spreads.home**2
        precision[where, at] = -1 / spreads.home**2
        precision[at, at] = J / spreads.home**2 + 1 / unit**2
    precision = np.triu(precision)
    return precision + np.triu(precision, 1).T


def solve_judges(
    layout: Layout, sheets: Sheets, spreads: Spreads, unit: float
) -> tuple[Judges, Callable[[Group], Eliminated]]:
    """Find the posterior of the judges' effects, all qualities integrated out."""
    C, d, J = layout.n_criteria, layout.n_own, layout.n_judges
    _, quality_precision = exchangeable(spreads.quality, spreads.criterion, C)
    precision = prior_of_judges(layout, spreads, unit)
    size = len(precision)
    right = np.zeros(size)
    flat = np.zeros(size * size)
    kept: dict[int, Eliminated] = {}
    few = len(layout.groups) <= 8
    for group in layout.groups:
        eliminated = eliminate(group, sheets, quality_precision)
        if few:
            kept[group.start] = eliminated
        code = codes_of(group, layout)
        mapped = onto_judges(group, layout, eliminated.precision)
        flat += np.bincount(
            (code[:, :, None] * size + code[:, None, :]).ravel(), weights=mapped.ravel(), minlength=size * size
        )
        pull = (eliminated.precision @ group.fold(sheets.value).reshape(len(code), -1, 1))[..., 0]
        right += np.bincount(code.ravel(), weights=_to_judges(group, layout, pull).ravel(), minlength=size)
    precision += flat.reshape(size, size)
    factor = cho_factor(precision, lower=True, check_finite=False)
    covariance = cho_solve(factor, np.eye(size), check_finite=False)
    mean = covariance @ right
    own = J * d
    judges = Judges(
        mean=mean[:own].reshape(J, d),
        criterion_mean=mean[own : own + C],
        city_severity=mean[own + C : own + C + layout.n_cities],
        home_level=float(mean[-1]) if layout.has_home else 0.0,
        covariance=covariance,
        factor=factor,
    )

    def eliminated_of(group: Group) -> Eliminated:
        return kept[group.start] if few else eliminate(group, sheets, quality_precision)

    return judges, eliminated_of


def _to_judges(group: Group, layout: Layout, vector: Floats) -> Floats:
    """Map (n_group, r C) from opinions to judge effects: (n_group, r d)."""
    if not layout.has_home:
        return vector
    n = len(vector)
    folded = vector.reshape(n, group.readings, layout.n_criteria)
    home = folded.sum(axis=2) * group.fold(layout.home)
    return np.concatenate([folded, home[..., None]], axis=2).reshape(n, -1)


def expected(group: Group, layout: Layout, mean: Floats) -> Floats:
    """Opinions of a group expected from the judges' effects alone: (n_group, r C)."""
    own = mean[group.fold_codes(layout.judge)]
    level = own[..., : layout.n_criteria]
    if layout.has_home:
        level = level + own[..., layout.n_criteria :] * group.fold(layout.home)[..., None]
    return np.asarray(level.reshape(len(own), -1))


@dataclass(frozen=True, eq=False)
class Residuals:
    """One group seen through the precision of all opinions, judges' effects integrated out too.

    Attributes
    ----------
    pull : ndarray of shape (n_group, r, C)
        ``V^-1 (y - mu)``.
    precision : ndarray of shape (n_group, r, C, r, C)
        Diagonal blocks of ``V^-1``, one a proposal.
    """

    pull: Floats
    precision: Floats


def residuals(group: Group, layout: Layout, sheets: Sheets, judges: Judges, eliminated: Eliminated) -> Residuals:
    """Pull and precision of a group's opinions."""
    code = codes_of(group, layout)
    n, r, C = len(code), group.readings, layout.n_criteria
    blocks = judges.covariance[code[:, :, None], code[:, None, :]]
    K = eliminated.precision
    off = group.fold(sheets.value).reshape(n, r * C) - expected(group, layout, judges.mean)
    pull = (K @ off[..., None])[..., 0]
    inner = K - K @ (expand(group, layout, blocks) @ K)
    return Residuals(pull.reshape(n, r, C), inner.reshape(n, r, C, r, C))
