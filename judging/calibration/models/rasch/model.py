"""Many-facet Rasch measurement with the conventions of Facets, and with standard errors that know of the halo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.baselines import raw_means
from judging.calibration.estimates import COMPONENTS, CityEffects, Criterion, Estimate, Estimates, Sampler, city_means
from judging.calibration.linkage import Linkage, not_linked
from judging.calibration.models.rasch.categories import Cells, Scale, read_categories
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.models.rasch.maximum import Maximum, maximise
from judging.calibration.models.rasch.uncertainty import Uncertainty, find_uncertainty
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.errors import CalibrationError, Message

_LEAST_WEIGHT = 1e-3
_GRID = 4001
_REACH = 8.0
_NODES = 21
_MOST_JUDGES = 4000
_FEW_SCORES = 30


def fit_rasch(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Measure proposals, judges and criteria on one logit scale by joint maximum likelihood.

    .. math:: \log \frac{P_{ijc}(k)}{P_{ijc}(k-1)} = q_i - s_j - d_c - f_k

    Parameters
    ----------
    ratings : Ratings
        Scores on a lattice of steps, see `read_categories`.
    settings : Settings
        Not used: the model has no home-city term and no prior.
    linkage : Linkage
        One linked set.

    Returns
    -------
    estimates : Estimates
        ``measure`` is :math:`q_i` in logits. ``calibrated`` is the fair average: the weighted total that a proposal of
        that measure is expected to get from a judge of mean severity. ``severity`` is the fair average that an average
        proposal gets from the panel, less what it gets from the judge; + is harsher. ``details`` holds ``logits`` (see
        `RaschMeasures`) and ``cells``, what is expected of every score.

    Raises
    ------
    NotLinked
        When the judges fall into several linked sets.
    NotConverged
    CalibrationError
        When the scores are continuous, or there are too many judges.

    Notes
    -----
    As in Facets: severities, difficulties and thresholds each sum to zero, and the proposals are where that puts
    them; criteria with the same scale share thresholds; an element with all lowest or all highest scores has its sum
    moved inwards by .3 score points (through its scores, in equal parts, so that the sums of proposals, judges and
    criteria still agree). Scores count by the weights of their criteria, as with Facets' model weights; with equal
    weights, once each. The bias of joint maximum likelihood (measures spread too widely by about L / (L - 1) with L
    scores a proposal) is not corrected, as in Facets; ranks do not feel it.

    ``standard_error`` and ``measure_error`` are the honest ones: joint, everything else estimated, with the halo.
    Those that Facets prints take all other elements as known and the criteria of a sheet as independent; they are in
    ``details``.

    References
    ----------
    .. [1] J. M. Linacre, "Many-Facet Rasch Measurement", 1989: model, joint maximum likelihood, fit statistics.
    .. [2] D. Andrich, "A rating formulation for ordered response categories", Psychometrika 43, 1978.
    """
    if linkage.n_linked_sets > 1:
        raise not_linked(ratings, linkage, model="rasch")
    if ratings.n_judges > _MOST_JUDGES:
        raise CalibrationError(
            Message(
                "`rasch` takes up to {most} judges, and there are {n}; choose the model `mixed`.",
                most=_MOST_JUDGES,
                n=ratings.n_judges,
            )
        )
    scales, cells = read_categories(ratings)
    if all(scale.is_constant for scale in scales):
        return _unvaried(ratings, Message("All scores are equal: nothing tells proposals or judges apart."))
    if ratings.n_sheets == 1:
        return _unvaried(ratings, Message("There is one scoresheet only: nothing tells quality from severity."))
    weights = np.maximum(ratings.weights * ratings.n_criteria, _LEAST_WEIGHT)
    likelihood = Likelihood(ratings, scales, cells, weights)
    maximum = maximise(likelihood)
    uncertainty = find_uncertainty(likelihood, maximum)
    return _estimates(ratings, RaschMeasures(ratings, likelihood, maximum, uncertainty), cells)


@dataclass(frozen=True, eq=False)
class RaschMeasures:
    """Measures in logits with both kinds of standard errors.

    Severity and difficulty are + for harsher and harder; each sums to zero, as do the thresholds of a scale.
    """

    ratings: Ratings
    likelihood: Likelihood
    maximum: Maximum
    uncertainty: Uncertainty

    @cached_property
    def quality(self) -> Floats:
        """Of shape (n_proposals,); the mean where no score says anything."""
        has, quality = self.likelihood.has_proposal, self.maximum.point.quality
        return np.asarray(np.where(has, quality, quality[has].mean()))

    @cached_property
    def quality_error(self) -> Floats:
        """With halo, of shape (n_proposals,)."""
        has = self.likelihood.has_proposal
        return np.asarray(np.sqrt(np.where(has, self.uncertainty.quality_variance, np.var(self.quality[has]))))

    @cached_property
    def quality_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_proposals,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[0]))

    @cached_property
    def severity(self) -> Floats:
        """Of shape (n_judges,)."""
        return -self.maximum.point.other[: self.ratings.n_judges]

    @cached_property
    def severity_error(self) -> Floats:
        """With halo, of shape (n_judges,)."""
        return self._errors[: self.ratings.n_judges]

    @cached_property
    def severity_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_judges,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[1][: self.ratings.n_judges]))

    @cached_property
    def difficulty(self) -> Floats:
        """Of shape (n_criteria,)."""
        return -self.maximum.point.other[self._criteria]

    @cached_property
    def difficulty_error(self) -> Floats:
        """With halo, of shape (n_criteria,)."""
        return self._errors[self._criteria]

    @cached_property
    def difficulty_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_criteria,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[1][self._criteria]))

    def thresholds(self, scale: int) -> Floats:
        """Rasch-Andrich thresholds of a scale, one for each category above the lowest used; NaN beside unused ones."""
        levels = self.likelihood.scales[scale].category
        t = np.full(int(levels[-1]) + 1, np.nan)
        t[levels] = self.likelihood.log_weights(self.maximum.point, scale)
        return np.asarray(t[:-1] - t[1:])

    def fair(self, eta: Floats) -> Floats:
        """Give the weighted total expected at a measure less a severity, in the units of the ratings.

        Parameters
        ----------
        eta : ndarray of shape (n,)
        """
        total = np.zeros(len(eta))
        for code, scale in enumerate(self.likelihood.scales):
            for criterion in scale.criteria:
                total += self.ratings.weights[criterion] * self._expected(eta - self.difficulty[criterion], scale, code)
        return total

    def expected_by_criterion(self, eta: float) -> Floats:
        """Give the expected score on each criterion, of shape (n_criteria,)."""
        scores = np.zeros(self.ratings.n_criteria)
        for code, scale in enumerate(self.likelihood.scales):
            scores[scale.criteria] = self._expected(eta - self.difficulty[scale.criteria], scale, code)
        return scores

    def _expected(self, eta: Floats, scale: Scale, code: int) -> Floats:
        logits = eta[:, None] * scale.category + self.likelihood.log_weights(self.maximum.point, code)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray((p @ scale.value) / p.sum(axis=1))

    @property
    def _criteria(self) -> slice:
        return slice(self.ratings.n_judges, self.ratings.n_judges + self.ratings.n_criteria)

    @cached_property
    def _errors(self) -> Floats:
        return np.sqrt(np.maximum(np.diag(self.uncertainty.other_covariance), 0.0))


@dataclass(frozen=True, eq=False)
class _Curve:
    """The fair average over the measures that matter, tabulated: draws by the million read it off."""

    at: Floats
    value: Floats

    def __call__(self, measure: Floats) -> Floats:
        """Read linearly between the points, which lie at equal distances: no search, unlike `numpy.interp`."""
        place = (measure - self.at[0]) * ((len(self.at) - 1) / (self.at[-1] - self.at[0]))
        np.clip(place, 0.0, len(self.at) - 1.000001, out=place)
        left = place.astype(np.int64)
        place -= left
        rise = np.diff(self.value)
        return np.asarray(self.value[left] + place * rise[left])

    def slope(self, measure: Floats) -> Floats:
        return np.asarray(np.interp(measure, self.at, np.gradient(self.value, self.at)))


def _estimates(ratings: Ratings, measures: RaschMeasures, cells: Cells) -> Estimates:
    quality, error = measures.quality, measures.quality_error
    scored = ratings.n_sheets_of_proposal > 0
    active = ratings.n_sheets_of_judge > 0
    several = int(active.sum()) > 1
    middle = float(quality[scored].mean())
    reach = _REACH * float(error[scored].max())
    ends = [quality[scored].min() - reach, quality[scored].max() + reach]
    ends += [middle - float(measures.severity.max()), middle - float(measures.severity.min())]
    at = np.linspace(min(ends), max(ends), _GRID)
    curve = _Curve(at, measures.fair(at))
    calibrated = measures.fair(quality)

    nodes, shares = np.polynomial.hermite_e.hermegauss(_NODES)
    spread = curve(quality[:, None] + error[:, None] * nodes) - calibrated[:, None]
    standard_error = np.sqrt(spread**2 @ (shares / shares.sum()))

    def sample(n: int, rng: np.random.Generator) -> Floats:
        return curve(quality + measures.uncertainty.draw(n, rng))

    drawn: Sampler = sample
    of_judge = measures.fair(middle - measures.severity)
    severity = np.where(active, of_judge[active].mean() - of_judge, 0.0)
    slope = curve.slope(middle - measures.severity)
    unknown = np.full(ratings.n_judges, np.nan)
    criterion_mean = measures.expected_by_criterion(middle)
    return Estimates(
        calibrated=calibrated,
        standard_error=standard_error,
        sample=drawn,
        criterion=Criterion("-2 log likelihood", -2.0 * measures.likelihood.value(measures.maximum.point)),
        variances=dict.fromkeys(COMPONENTS),
        fixed={"intercept": Estimate(float(ratings.weights @ criterion_mean)), "home_city": None},
        criterion_mean=criterion_mean,
        severity=severity if several else unknown,
        severity_error=slope * measures.severity_error if several else unknown,
        measure=quality,
        measure_error=error,
        city_effects=_city_effects(ratings, measures, calibrated, severity, curve.slope(quality), slope),
        iterations=measures.maximum.iterations,
        notes=_notes(ratings, measures, several=several),
        details={"logits": measures, "cells": _cells(ratings, measures, cells)},
    )


def _cells(ratings: Ratings, measures: RaschMeasures, cells: Cells) -> dict[str, Floats]:
    """Describe what is expected of every score, in the units of the ratings, arrays of shape (n_sheets, n_criteria).

    ``expected``, ``variance`` and ``fourth`` (central moment) as the model has them; ``halo`` is the variance that a
    liking common to a sheet adds.
    """
    likelihood = measures.likelihood
    moments = likelihood.moments(measures.maximum.point)
    step = np.array([_step(scale) for scale in likelihood.scales])[likelihood.scale]
    lowest = np.array([scale.value[0] for scale in likelihood.scales])
    shape = ratings.score.shape
    expected = np.full(shape, np.nan)
    # What is left out of the likelihood is known beforehand: the one category of its scale.
    expected[cells.sheet, cells.criterion] = lowest[cells.scale]
    variance, fourth = np.zeros(shape), np.zeros(shape)
    where = (likelihood.sheet, likelihood.criterion)
    expected[where] += step * moments.expected
    variance[where] = step**2 * moments.variance
    fourth[where] = step**4 * moments.fourth
    halo = np.zeros(shape)
    halo[where] = step**2 * moments.variance**2 * (measures.uncertainty.halo or 0.0)
    return {"expected": expected, "variance": variance, "fourth": fourth, "halo": halo}


def _step(scale: Scale) -> float:
    return 0.0 if scale.is_constant else float((scale.value[-1] - scale.value[0]) / scale.category[-1])


def _city_effects(
    ratings: Ratings,
    measures: RaschMeasures,
    calibrated: Floats,
    severity: Floats,
    slope: Floats,
    slope_of_judge: Floats,
) -> CityEffects:
    """City means, their uncertainty carried from logits to points by the slope of the fair average."""
    of_judge = city_means(ratings.judge_city, ratings.n_sheets_of_judge > 0, ratings.n_cities)
    of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
    turned = np.where(of_judge == 0, 0.0, of_judge * slope_of_judge)
    J = ratings.n_judges
    # A row of NaN (a city without members) must not reach the sparse products of the others.
    weights = np.nan_to_num(np.where(of_proposal == 0, 0.0, of_proposal * slope))
    covariance = measures.uncertainty.covariance(weights)
    nobody = np.isnan(of_proposal).any(axis=1)
    covariance[nobody, :] = covariance[:, nobody] = np.nan
    return CityEffects(
        severity=of_judge @ severity,
        severity_covariance=turned @ measures.uncertainty.other_covariance[:J, :J] @ turned.T,
        quality=np.where(of_proposal == 0, 0.0, of_proposal * np.nan_to_num(calibrated)).sum(axis=1),
        quality_covariance=covariance,
    )


def _unvaried(ratings: Ratings, note: Message) -> Estimates:
    """Say the only thing that can be said without a second score that differs."""
    mean = raw_means(ratings)
    scored = ratings.n_sheets_of_proposal > 0
    several = int((ratings.n_sheets_of_judge > 0).sum()) > 1
    given = ~np.isnan(ratings.score)
    unknown = np.full(ratings.n_judges, np.nan)
    return Estimates(
        calibrated=mean,
        standard_error=np.full(ratings.n_proposals, np.nan),
        sample=None,
        criterion=Criterion("-2 log likelihood", np.nan),
        variances=dict.fromkeys(COMPONENTS),
        fixed={"intercept": Estimate(float(mean[scored].mean())), "home_city": None},
        criterion_mean=np.where(given, ratings.score, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1),
        severity=np.full(ratings.n_judges, 0.0 if several else np.nan),
        severity_error=unknown,
        notes=(note,),
    )


def _notes(ratings: Ratings, measures: RaschMeasures, *, several: bool) -> tuple[Message, ...]:
    likelihood, halo = measures.likelihood, measures.uncertainty.halo
    notes = []
    if measures.maximum.held_back:
        notes.append(
            Message(
                "The scores split without contradiction: there are too few of them for finite Rasch measures. A weak "
                "prior holds the measures back; take them as an order, not as distances."
            )
        )
    if not several:
        notes.append(Message("There is one judge only: severity cannot be told."))
    extreme = int(np.count_nonzero(likelihood.extreme_proposal))
    if extreme:
        notes.append(
            Message(
                "Proposals with only lowest or only highest scores: {n}. Their measures are estimated as Facets does, "
                "with the sum moved inwards by .3 points.",
                n=extreme,
            )
        )
    named = ", ".join(ratings.judges[code] for code in np.flatnonzero(likelihood.extreme_judge))
    if named:
        notes.append(
            Message(
                "These judges gave only lowest or only highest scores; their severities are estimated with the sum "
                "moved inwards by .3 points: {judges}.",
                judges=named,
            )
        )
    if halo is None:
        notes.append(
            Message(
                "There are too few scoresheets to tell how far a judge's liking for a proposal runs through all "
                "criteria: the standard errors leave it out, and may be too small."
            )
        )
    elif halo > 0 and ratings.n_criteria > 1:
        has = likelihood.has_proposal
        ratio = float(np.median(measures.quality_error[has] / measures.quality_error_without_halo[has]))
        notes.append(
            Message(
                "Scores of one sheet go together more than the model allows (halo, {halo} logits). The standard errors "
                "count it; those that Facets would print are {ratio} times smaller.",
                halo=f"{np.sqrt(halo):.2f}",
                ratio=f"{ratio:.1f}",
            )
        )
    if ratings.n_scores < _FEW_SCORES * int(likelihood.has_proposal.sum()):
        notes.append(
            Message(
                "With few scores a proposal, joint maximum likelihood spreads measures somewhat too widely; as in "
                "Facets, this is not corrected."
            )
        )
    return tuple(notes)
