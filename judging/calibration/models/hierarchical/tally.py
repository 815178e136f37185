"""Gradients and information of the marginal likelihood of `hierarchical`, summed over groups of proposals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.models.hierarchical.gaussian import Residuals, Sheets, Spreads, exchangeable, noise_precision
from judging.calibration.models.hierarchical.judges import Judges, is_exact
from judging.calibration.models.hierarchical.layout import Group, Layout
from judging.calibration.ratings import Bools, Floats, Ints

FEW_SHEETS = 5
"""Judges with fewer sheets have the scale use and consistency of the prior."""


@dataclass(frozen=True, eq=False)
class State:
    """The parameters that are not linear: spreads, and per judge the logarithms of scale use and of consistency.

    ``scale_variance`` is the posterior variance of log scale use at the last step.
    """

    spreads: Spreads
    log_scale: Floats
    log_consistency: Floats
    scale_variance: Floats


@dataclass(frozen=True, eq=False)
class Tally:
    """Gradients of the marginal log-likelihood in logarithms, and its information.

    Per judge for scale use (its information is joint, unless judges are very many) and consistency, 0 for those without
    ``enough`` sheets. ``across`` is the mixed entry of the information for scale use and consistency of one judge;
    ``pairs`` has (gradient, information) of spreads by name. ``tie`` is the sum over judges of the expected products of
    severity and assigned quality: of severity with itself, of both, of assigned quality with itself.
    ``remembered`` has the codes of the judges whose earlier sheets are counted in.
    """

    enough: Bools
    scale_gradient: Floats
    scale_information: Floats
    consistency_gradient: Floats
    consistency_information: Floats
    across: Floats
    pairs: dict[str, tuple[float, float]]
    tie: tuple[float, float, float]
    remembered: Ints | None = None

    @property
    def moved(self) -> Bools:
        """Judges whose factors are not those of the prior: with enough sheets here, or sheets of earlier occasions."""
        if self.remembered is None:
            return self.enough
        moved = self.enough.copy()
        moved[self.remembered] = True
        return moved

    def marginal_information(self, spreads: Spreads) -> tuple[Floats, Floats]:
        """Information about scale use with consistency unknown, and about consistency with scale use unknown."""
        lost = self.across**2 / (self.consistency_information + 1 / spreads.consistency**2)
        joint = self.scale_information.ndim == 2
        own = np.diag(self.scale_information) if joint else self.scale_information
        consistency = self.consistency_information - self.across**2 / (own + 1 / spreads.scale_use**2)
        return self.scale_information - (np.diag(lost) if joint else lost), consistency


class TallyBuilder:
    """Sums gradients and information over the groups of proposals."""

    def __init__(self, layout: Layout, state: State) -> None:
        J = layout.n_judges
        self._layout = layout
        self._state = state
        self._scale_gradient = np.zeros(J)
        self._joint = is_exact(layout)
        self._independent = bool((layout.share == 1.0).all())
        self._scale_information = np.zeros(J * J if self._joint else J)
        self._gradient = np.zeros(J)
        self._information = np.zeros(J)
        self._across = np.zeros(J)
        self._sums = dict.fromkeys(("quality", "criterion", "halo", "noise"), np.zeros(2))

    def add(self, group: Group, sheets: Sheets, weighted_residuals: Residuals) -> None:
        """Add one group.

        Notes
        -----
        With ``V^-1`` as ``Q`` and the pull ``V^-1 (y - mu)``, a parameter that changes ``V`` by ``dV`` has gradient
        ``(pull' dV pull - tr(Q dV)) / 2`` and information ``tr(Q dV Q dV) / 2``. For log scale use
        ``dV = a (E K0 A' + A K0 E')``, where ``E`` picks the judge's sheet and ``A`` stacks ``a I``; ``G = A' Q E``.
        """
        K0, _ = exchangeable(self._state.spreads.quality, self._state.spreads.criterion, self._layout.n_criteria)
        scale = group.fold(sheets.scale)
        quality_pull = (scale[..., None] * weighted_residuals.pull).sum(axis=1)
        G = (scale[:, :, None, None, None] * weighted_residuals.precision).sum(axis=1).transpose(0, 2, 1, 3)
        self._add_noise(group, sheets, weighted_residuals, scale, quality_pull @ K0, G, K0)
        self._add_scale(group, weighted_residuals, scale, quality_pull @ K0, G, K0)
        T = (scale[..., None, None] * G).sum(axis=1)
        whole, trace = T.sum(axis=(1, 2)), np.trace(T, axis1=1, axis2=2)
        level, contrast = self._state.spreads.quality**2, self._state.spreads.criterion**2
        self._add("quality", level * (quality_pull.sum(axis=1) ** 2 - whole), 2 * (level * whole) ** 2)
        square = (T**2).sum(axis=(1, 2))
        self._add("criterion", contrast * ((quality_pull**2).sum(axis=1) - trace), 2 * contrast**2 * square)

    def _add_noise(
        self,
        group: Group,
        sheets: Sheets,
        weighted_residuals: Residuals,
        scale: Floats,
        proposal_shift: Floats,
        G: Floats,
        K0: Floats,
    ) -> None:
        """Add halo, noise and consistency, and the mixed information of consistency and scale use."""
        spreads, J = self._state.spreads, self._layout.n_judges
        judge, pull = group.fold_codes(self._layout.judge), weighted_residuals.pull
        share = group.fold(self._layout.share)
        factor = np.exp(2 * self._state.log_consistency[judge]) / share
        halo, noise = factor * spreads.halo**2, factor * spreads.noise**2
        sheet = np.arange(group.readings)
        own = weighted_residuals.precision[:, sheet, :, sheet, :].transpose(1, 0, 2, 3)
        if not self._independent:
            # Sheets that count as one reading have one residual: the sum of their terms is that of one sheet.
            known = noise_precision(group.fold(sheets.weight), group.fold(sheets.halo))
            own = own - (1.0 - share)[..., None, None] * known
        ends = own.sum(axis=3)
        total, trace = ends.sum(axis=2), np.trace(own, axis1=2, axis2=3)
        # Scale use is estimated from the same sheets, which makes the residuals too small: its variance, times the
        # squared derivative of the residuals, is added back.
        through = G.transpose(0, 1, 3, 2) @ (pull @ K0)[..., None]
        answer = scale[..., None] * (own @ proposal_shift[:, None, :, None] + through)[..., 0]
        scale_variance = self._state.scale_variance[judge]
        halo_gradient = halo * (pull.sum(axis=2) ** 2 + scale_variance * answer.sum(axis=2) ** 2 - total)
        noise_gradient = noise * ((pull**2).sum(axis=2) + scale_variance * (answer**2).sum(axis=2) - trace)
        halo_information = 2 * (halo * total) ** 2
        noise_information = 2 * noise**2 * (own**2).sum(axis=(2, 3))
        both = halo_information + 4 * halo * noise * (ends**2).sum(axis=2) + noise_information
        self._gradient += _by_judge(judge, halo_gradient + noise_gradient, J)
        self._information += _by_judge(judge, both, J)
        self._add("halo", halo_gradient, halo_information)
        self._add("noise", noise_gradient, noise_information)
        joint = own @ (K0 @ G)
        across = 2 * scale * (halo * joint.sum(axis=(2, 3)) + noise * np.trace(joint, axis1=2, axis2=3))
        self._across += _by_judge(judge, across, J)

    def _add_scale(
        self, group: Group, weighted_residuals: Residuals, scale: Floats, proposal_shift: Floats, G: Floats, K0: Floats
    ) -> None:
        """Add scale use."""
        J, C, r = self._layout.n_judges, self._layout.n_criteria, group.readings
        judge = group.fold_codes(self._layout.judge)
        n = len(judge)
        GK = G @ K0
        gradient = scale * (
            (weighted_residuals.pull * proposal_shift[:, None, :]).sum(axis=2) - np.trace(GK, axis1=2, axis2=3)
        )
        self._scale_gradient += _by_judge(judge, gradient, J)
        cross = GK.reshape(n, r, C * C) @ GK.transpose(0, 1, 3, 2).reshape(n, r, C * C).transpose(0, 2, 1)
        S = K0 @ (scale[..., None, None] * G).sum(axis=1) @ K0
        pairs = weighted_residuals.precision.transpose(0, 1, 3, 2, 4).reshape(n, r * r, C * C)
        direct = (pairs @ S.reshape(n, C * C, 1)).reshape(n, r, r)
        information = scale[:, :, None] * scale[:, None, :] * (cross + direct)
        if self._joint:
            place = (judge[:, :, None] * J + judge[:, None, :]).ravel()
            self._scale_information += np.bincount(place, weights=information.ravel(), minlength=J * J)
        else:
            self._scale_information += _by_judge(judge, np.einsum("nrr->nr", information), J)

    def _add(self, name: str, gradient: Floats, information: Floats) -> None:
        self._sums[name] = self._sums[name] + np.array([gradient.sum(), information.sum()])

    def tally(self, judges: Judges) -> Tally:
        """Add gradients and information of the spreads of the judges' effects."""
        J = self._layout.n_judges
        pairs = {name: (float(sums[0]), float(sums[1])) for name, sums in self._sums.items()}
        # Shares add up to whole readings except for rounding.
        enough = np.bincount(self._layout.judge, weights=self._layout.share, minlength=J) > FEW_SHEETS - 1e-6
        return Tally(
            enough=enough,
            scale_gradient=self._scale_gradient * enough,
            scale_information=self._scale_information.reshape(J, J) * enough * enough[:, None]
            if self._joint
            else self._scale_information * enough,
            consistency_gradient=self._gradient * enough,
            consistency_information=self._information * enough,
            across=self._across * enough,
            pairs=pairs | _judge_pairs(self._layout, self._state.spreads, judges),
            tie=_tie(self._layout, judges),
        )


def _by_judge(judge: Ints, values: Floats, n_judges: int) -> Floats:
    """Sum values of sheets by judge."""
    return np.asarray(np.bincount(judge.ravel(), weights=values.ravel(), minlength=n_judges), dtype=np.float64)


def _away(layout: Layout, judges: Judges) -> tuple[Floats, Floats]:
    """Distance of each judge's levels from their prior mean, (n_judges, C), and its covariance, (n_judges, C, C)."""
    C = layout.n_criteria
    own, cross, common = judges.covariance.own(), judges.covariance.with_common(), judges.covariance.common()
    to_mean = cross[:, :C, :C]
    variance = own[:, :C, :C] - to_mean - to_mean.transpose(0, 2, 1) + common[:C, :C]
    away = judges.mean[:, :C] - judges.criterion_mean
    known = np.flatnonzero(layout.judge_city >= 0)
    if len(known):
        at = C + layout.judge_city[known]
        shared = cross[known, :C, at] - common[:C, at].T
        variance[known] += shared[:, :, None] + shared[:, None, :] + common[at, at][:, None, None]
        away[known] += judges.city_severity[layout.judge_city[known]][:, None]
    return away, variance


def variance_of_levels(layout: Layout, judges: Judges) -> Floats:
    """Posterior variance of each judge's mean level over the criteria, from that of the panel, (n_judges,)."""
    C = layout.n_criteria
    own, cross, common = judges.covariance.own(), judges.covariance.with_common(), judges.covariance.common()
    of_level = own[:, :C, :C].mean(axis=(1, 2))
    return np.asarray(of_level - 2 * cross[:, :C, :C].mean(axis=(1, 2)) + common[:C, :C].mean())


def _tie(layout: Layout, judges: Judges) -> tuple[float, float, float]:
    """Sum the expected products of severity and assigned quality, over judges."""
    if not layout.has_assigned:
        return 0.0, 0.0, 0.0
    C = layout.n_criteria
    own, cross = judges.covariance.own(), judges.covariance.with_common()
    away, variance = _away(layout, judges)
    assigned = judges.mean[:, -1]
    of_severity = away.mean(axis=1) ** 2 + variance.mean(axis=(1, 2))
    with_levels = own[:, :C, -1].mean(axis=1) - cross[:, -1, :C].mean(axis=1)
    known = np.flatnonzero(layout.judge_city >= 0)
    with_levels[known] += cross[known, -1, C + layout.judge_city[known]]
    of_both = -(away.mean(axis=1) * assigned + with_levels)
    return float(of_severity.sum()), float(of_both.sum()), float((assigned**2 + own[:, -1, -1]).sum())


def _judge_pairs(layout: Layout, spreads: Spreads, judges: Judges) -> dict[str, tuple[float, float]]:
    """Gradient and information of the spreads of severity, judge by criterion, home advantage, city and label."""
    C = layout.n_criteria
    own, cross, common = judges.covariance.own(), judges.covariance.with_common(), judges.covariance.common()
    away, variance = _away(layout, judges)
    small = spreads.judge_criterion**2 if C > 1 else 0.0
    large = C * spreads.severity**2 + small
    mean_variance = variance.sum(axis=(1, 2)) / C
    rest_variance = np.trace(variance, axis1=1, axis2=2) - mean_variance
    mean_square = away.sum(axis=1) ** 2 / C
    rest_square = (away**2).sum(axis=1) - mean_square
    mean_gradient = 0.5 * float(((mean_square + mean_variance) / large**2 - 1 / large).sum())
    mean_precision = 1 / large - mean_variance / large**2
    by_level = 2 * C * spreads.severity**2
    pairs = {"severity": (by_level * mean_gradient, 0.5 * by_level**2 * float((mean_precision**2).sum()))}
    if C > 1:
        rest_gradient = 0.5 * float(((rest_square + rest_variance) / small**2 - (C - 1) / small).sum())
        rest_precision = 1 / small - rest_variance / ((C - 1) * small**2)
        pairs["judge_criterion"] = (
            2 * small * (mean_gradient + rest_gradient),
            2 * small**2 * float((mean_precision**2).sum() + (C - 1) * (rest_precision**2).sum()),
        )
    if layout.has_home:
        variance_home = own[:, C, C] - 2 * cross[:, C, -1] + common[-1, -1]
        pairs["home"] = _own_pair(judges.mean[:, C] - judges.home_level, variance_home, spreads.home**2)
    if layout.has_drift:
        at = layout.drift
        pairs["drift"] = _own_pair(judges.mean[:, at], own[:, at, at], spreads.drift**2)
    if layout.has_assigned:
        pairs["assigned"] = _own_pair(judges.mean[:, -1], own[:, -1, -1], spreads.assigned**2)
    diagonal = np.diag(common)
    cities = C + layout.n_cities
    if layout.n_cities > 2:
        pairs["city"] = _own_pair(judges.city_severity, diagonal[C:cities], spreads.city**2)
    if layout.n_label_levels > 2:
        of_label = diagonal[cities : cities + layout.n_label_levels]
        pairs["label"] = _own_pair(judges.label, of_label, spreads.label**2)
    return pairs


def _own_pair(away: Floats, variance: Floats, spread: float) -> tuple[float, float]:
    gradient = (away**2 + variance).sum() / spread - len(away)
    return float(gradient), 2 * float(((1 - variance / spread) ** 2).sum())
