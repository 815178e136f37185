r"""How `hierarchical` learns spreads, scale use and consistency: scoring steps on the marginal likelihood.

Every step is ``gradient / information`` in logarithms. Gradients are exact for the Gaussian that stands for the
marks; the information leaves out what two proposals share through their judges, which only costs iterations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.hierarchical_gaussian import Judges, Residuals, Sheets, Spreads, exchangeable
from judging.calibration.hierarchical_layout import Group, Layout
from judging.calibration.ratings import Bools, Floats

SMALLEST = 1e-3
"""No spread falls below this share of the marks' own."""

LONGEST = 0.7
"""No logarithm moves further in one step."""

FACTORS = ("scale_use", "consistency")
"""Spreads of logarithms, which have no unit."""

SCALE_USE_PRIOR = 0.5
CONSISTENCY_PRIOR = 0.5
"""Half-normal priors for the spread of log scale use and of log consistency; half a unit is a factor of 1.6."""


FEW_SHEETS = 5
"""Judges with fewer sheets keep the prior's scale use and consistency."""


@dataclass(frozen=True, eq=False)
class State:
    """All that is not linear: spreads, and per judge the logarithms of scale use and of consistency."""

    spreads: Spreads
    log_scale: Floats
    log_consistency: Floats


@dataclass(frozen=True, eq=False)
class Tally:
    """Gradients of the marginal log-likelihood in logarithms, and its information.

    Per judge for scale use and consistency, 0 for those without ``enough`` sheets; ``pairs`` holds (gradient, information) of spreads by name.
    """

    enough: Bools
    scale_gradient: Floats
    scale_information: Floats
    consistency_gradient: Floats
    consistency_information: Floats
    pairs: dict[str, tuple[float, float]]


class TallyBuilder:
    """Adds up what each group of proposals says."""

    def __init__(self, layout: Layout, state: State) -> None:
        J = layout.n_judges
        self._layout = layout
        self._state = state
        self._scale_gradient = np.zeros(J)
        self._scale_information = np.zeros(J * J)
        self._gradient = np.zeros(J)
        self._information = np.zeros(J)
        self._sums = dict.fromkeys(("quality", "criterion", "halo", "noise"), np.zeros(2))

    def add(self, group: Group, sheets: Sheets, seen: Residuals) -> None:
        """Add one group."""
        layout, spreads = self._layout, self._state.spreads
        J, C = layout.n_judges, layout.n_criteria
        judge = group.fold_codes(layout.judge)
        pull, Q = seen.pull, seen.precision
        n, r = judge.shape
        scale = group.fold(sheets.scale)
        factor = np.exp(2 * self._state.log_consistency[judge])
        sheet = np.arange(r)
        own = Q[:, sheet, :, sheet, :].transpose(1, 0, 2, 3)
        halo, noise = factor * spreads.halo**2, factor * spreads.noise**2

        ends = own.sum(axis=3)
        total = ends.sum(axis=2)
        trace = np.trace(own, axis1=2, axis2=3)
        across = (ends**2).sum(axis=2)
        square = (own**2).sum(axis=(2, 3))
        halo_gradient = halo * (pull.sum(axis=2) ** 2 - total)
        noise_gradient = noise * ((pull**2).sum(axis=2) - trace)
        halo_information, noise_information = 2 * (halo * total) ** 2, 2 * noise**2 * square
        both = halo_information + 4 * halo * noise * across + noise_information
        codes = judge.ravel()
        self._gradient += np.bincount(codes, weights=(halo_gradient + noise_gradient).ravel(), minlength=J)
        self._information += np.bincount(codes, weights=both.ravel(), minlength=J)
        self._add("halo", halo_gradient, halo_information)
        self._add("noise", noise_gradient, noise_information)

        K0, _ = exchangeable(spreads.quality, spreads.criterion, C)
        quality_pull = (scale[..., None] * pull).sum(axis=1)
        G = (scale[:, :, None, None, None] * Q).sum(axis=1).transpose(0, 2, 1, 3)
        T = (scale[..., None, None] * G).sum(axis=1)
        lean = quality_pull @ K0
        GK = G @ K0
        gradient = scale * ((pull * lean[:, None, :]).sum(axis=2) - np.trace(GK, axis1=2, axis2=3))
        self._scale_gradient += np.bincount(codes, weights=gradient.ravel(), minlength=J)
        cross = GK.reshape(n, r, C * C) @ GK.transpose(0, 1, 3, 2).reshape(n, r, C * C).transpose(0, 2, 1)
        S = K0 @ T @ K0
        direct = (Q.transpose(0, 1, 3, 2, 4).reshape(n, r * r, C * C) @ S.reshape(n, C * C, 1)).reshape(n, r, r)
        information = scale[:, :, None] * scale[:, None, :] * (cross + direct)
        self._scale_information += np.bincount(
            (judge[:, :, None] * J + judge[:, None, :]).ravel(), weights=information.ravel(), minlength=J * J
        )
        whole = T.sum(axis=(1, 2))
        level, contrast = spreads.quality**2, spreads.criterion**2
        self._add("quality", level * (quality_pull.sum(axis=1) ** 2 - whole), 2 * (level * whole) ** 2)
        self._add(
            "criterion",
            contrast * ((quality_pull**2).sum(axis=1) - np.trace(T, axis1=1, axis2=2)),
            2 * contrast**2 * (T**2).sum(axis=(1, 2)),
        )

    def _add(self, name: str, gradient: Floats, information: Floats) -> None:
        self._sums[name] = self._sums[name] + np.array([gradient.sum(), information.sum()])

    def tally(self, judges: Judges) -> Tally:
        """Add what the judges' effects say about their own spreads."""
        J = self._layout.n_judges
        pairs = {name: (float(sums[0]), float(sums[1])) for name, sums in self._sums.items()}
        enough = np.bincount(self._layout.judge, minlength=J) >= FEW_SHEETS
        return Tally(
            enough=enough,
            scale_gradient=self._scale_gradient * enough,
            scale_information=self._scale_information.reshape(J, J) * enough * enough[:, None],
            consistency_gradient=self._gradient * enough,
            consistency_information=self._information * enough,
            pairs=pairs | _judge_pairs(self._layout, self._state.spreads, judges),
        )


def _judge_pairs(layout: Layout, spreads: Spreads, judges: Judges) -> dict[str, tuple[float, float]]:
    """Gradient and information of the spreads of severity, judge by criterion, home advantage and city severity."""
    J, d, C = layout.n_judges, layout.n_own, layout.n_criteria
    own = J * d
    cov = judges.covariance
    each = np.arange(J)
    level = cov[:own, :own].reshape(J, d, J, d)[each, :, each, :]
    to_mean = cov[:own, own : own + C].reshape(J, d, C)[:, :C]
    of_mean = cov[own : own + C, own : own + C]
    variance = level[:, :C, :C] - to_mean - to_mean.transpose(0, 2, 1) + of_mean
    away = judges.mean[:, :C] - judges.criterion_mean
    known = layout.judge_city >= 0
    if layout.n_cities:
        at = own + C + np.where(known, layout.judge_city, 0)
        member = known.astype(float)
        city_level = cov[:own].reshape(J, d, -1)[each, :C, at] - cov[own : own + C, at].T
        variance = variance + member[:, None, None] * (
            city_level[:, :, None] + city_level[:, None, :] + cov[at, at][:, None, None]
        )
        away = away + (member * judges.city_severity[np.where(known, layout.judge_city, 0)])[:, None]
    small = spreads.judge_criterion**2 if C > 1 else 0.0
    large = C * spreads.severity**2 + small
    mean_variance = variance.sum(axis=(1, 2)) / C
    rest_variance = np.trace(variance, axis1=1, axis2=2) - mean_variance
    mean_square = away.sum(axis=1) ** 2 / C
    rest_square = (away**2).sum(axis=1) - mean_square
    mean_gradient = 0.5 * ((mean_square + mean_variance) / large**2 - 1 / large).sum()
    mean_precision = 1 / large - mean_variance / large**2
    by_level = 2 * C * spreads.severity**2
    pairs = {"severity": (by_level * mean_gradient, 0.5 * by_level**2 * float((mean_precision**2).sum()))}
    if C > 1:
        rest_gradient = 0.5 * ((rest_square + rest_variance) / small**2 - (C - 1) / small).sum()
        rest_precision = 1 / small - rest_variance / ((C - 1) * small**2)
        pairs["judge_criterion"] = (
            2 * small * (mean_gradient + rest_gradient),
            2 * small**2 * float((mean_precision**2).sum() + (C - 1) * (rest_precision**2).sum()),
        )
    if layout.has_home:
        spread = spreads.home**2
        variance_home = level[:, C, C] - 2 * cov[:own, -1].reshape(J, d)[:, C] + cov[-1, -1]
        pairs["home"] = _own_pair(judges.mean[:, C] - judges.home_level, variance_home, spread)
    if layout.n_cities > 2:
        at = own + C + np.arange(layout.n_cities)
        pairs["city"] = _own_pair(judges.city_severity, cov[at, at], spreads.city**2)
    return pairs


def _own_pair(away: Floats, variance: Floats, spread: float) -> tuple[float, float]:
    gradient = (away**2 + variance).sum() / spread - len(away)
    return float(gradient), 2 * float(((1 - variance / spread) ** 2).sum())


@dataclass(frozen=True, eq=False)
class Factors:
    """Posterior of the judges' log-factors: means (n_judges,) and covariances (n_judges, n_judges)."""

    log_scale: Floats
    log_consistency: Floats
    scale_covariance: Floats
    consistency_covariance: Floats


def average_factors(state: State, tally: Tally) -> Factors:
    """Average scale use and consistency over what their spreads may be.

    A few judges say little about the spread of their scale use. One value plugged in would pretend to know it; the
    average over a grid of values, each weighted by the likelihood of the judges' own estimates, does not.
    """
    scale, scale_covariance = _average(state.log_scale, tally.scale_gradient, tally.scale_information, SCALE_USE_PRIOR)
    consistency, consistency_covariance = _average(
        state.log_consistency, tally.consistency_gradient, np.diag(tally.consistency_information), CONSISTENCY_PRIOR
    )
    return Factors(scale, consistency, scale_covariance, consistency_covariance)


def _average(at: Floats, gradient: Floats, information: Floats, prior: float) -> tuple[Floats, Floats]:
    sharp, axes = np.linalg.eigh(information)
    sharp = np.maximum(sharp, 1e-3)
    own = axes.T @ at + (axes.T @ gradient) / sharp
    spread = np.exp(np.linspace(np.log(0.01), np.log(2.0), 48))
    total = spread[:, None] ** 2 + 1 / sharp
    log_weight = -0.5 * (np.log(total) + own**2 / total).sum(axis=1) - 0.5 * (spread / prior) ** 2 + np.log(spread)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    variance = 1 / (sharp + 1 / spread[:, None] ** 2)
    means = variance * sharp * own
    mean = weight @ means
    away = means - mean
    covariance = (weight[:, None] * away).T @ away + np.diag(weight @ variance)
    return axes @ mean, axes @ covariance @ axes.T


def step(state: State, tally: Tally, unit: float) -> State:
    """Move every logarithm by one scoring step, keeping the judges' factors around 1."""
    spreads = state.spreads
    changed: dict[str, float] = {}
    for name, (gradient, information) in tally.pairs.items():
        changed[name] = _move(
            getattr(spreads, name), gradient, information, unit * (0.5 if name == "home" else 1.0), unit
        )
    log_scale, log_consistency = state.log_scale, state.log_consistency
    J = len(log_scale)
    ridge = np.eye(J)
    pull = tally.scale_gradient - log_scale / spreads.scale_use**2
    log_scale = log_scale + np.clip(
        np.linalg.solve(tally.scale_information + ridge / spreads.scale_use**2, pull), -LONGEST, LONGEST
    )
    pull = tally.consistency_gradient - log_consistency / spreads.consistency**2
    log_consistency = log_consistency + np.clip(
        pull / (tally.consistency_information + 1 / spreads.consistency**2), -LONGEST, LONGEST
    )
    alone = np.linalg.inv(tally.scale_information + 1e-3 * ridge)
    changed["scale_use"] = _move_factor(
        spreads.scale_use, state.log_scale + alone @ tally.scale_gradient, np.diag(alone), SCALE_USE_PRIOR
    )
    spread_out = 1 / (tally.consistency_information + 1e-3)
    changed["consistency"] = _move_factor(
        spreads.consistency,
        state.log_consistency + spread_out * tally.consistency_gradient,
        spread_out,
        CONSISTENCY_PRIOR,
    )
    # A factor common to all judges is the spreads' to carry: what is left of it here would be counted twice.
    log_scale = _centred(log_scale, tally.enough)
    log_consistency = _centred(log_consistency, tally.enough)
    return State(replace(spreads, **changed), log_scale, log_consistency)


def _centred(values: Floats, counted: Bools) -> Floats:
    """Take the counted judges' mean from them; the others stay at zero."""
    return np.asarray(np.where(counted, values - values[counted].mean() if counted.any() else 0.0, 0.0))


def _move(spread: float, gradient: float, information: float, prior: float, unit: float) -> float:
    """Move one spread; the prior is half-normal, and flat-in-logarithm near zero it keeps the mode off zero."""
    if spread == 0.0:
        return 0.0
    pull = gradient + 1 - (spread / prior) ** 2
    # Near zero the log-likelihood is linear in the variance: its curvature is -2 gradient, and the information far too small.
    move = pull / (max(information, -2 * gradient, 0.0) + 2 * (spread / prior) ** 2 + 0.5)
    return max(spread * float(np.exp(np.clip(move, -LONGEST, LONGEST))), SMALLEST * unit)


def _move_factor(spread: float, estimate: Floats, variance: Floats, prior: float) -> float:
    """Move the spread of a log-factor, given each judge's own estimate of it and that estimate's variance."""
    share = spread**2 / (spread**2 + variance)
    gradient = (share * (estimate**2 / (spread**2 + variance) - 1)).sum()
    return _move(spread, float(gradient), 2 * float((share**2).sum()), prior, 1.0)
