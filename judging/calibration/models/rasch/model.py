"""Many-facet Rasch measurement with the conventions of Facets, and with standard errors that include the halo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import (
    COMPONENTS,
    Answers,
    CityEffects,
    Estimate,
    Estimates,
    FitCriterion,
    Sampler,
    city_means,
)
from judging.calibration.linkage import Linkage, not_linked
from judging.calibration.models.rasch.categories import CategoryScale, Cells, read_categories
from judging.calibration.models.rasch.expected_scores import expected_scores
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.models.rasch.maximum import maximise
from judging.calibration.models.rasch.measures import RaschMeasures
from judging.calibration.models.rasch.prediction import predict_totals
from judging.calibration.models.rasch.terms import terms_of
from judging.calibration.models.rasch.uncertainty import find_uncertainty
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.calibration.unvaried import unvaried
from judging.errors import CalibrationError, Message

_MINIMISED = "-2 log likelihood"

_LEAST_WEIGHT = 1e-3
_GRID = 4001
_REACH = 8.0
_NODES = 21
_MOST_JUDGES = 4000
_FEW_SCORES = 30
_LARGE_ERROR = 2
_FEWEST_FOR_SPREAD = 5


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
        proposal gets from the panel, less what it gets from the judge; + is harsher.

    Raises
    ------
    NotLinked
        When the judges fall into several linked sets.
    NotConverged
    CalibrationError
        When the scores are continuous, or there are too many judges.

    Notes
    -----
    As in Facets: severities, difficulties and thresholds each sum to zero, and the proposals are measured relative to
    that; criteria with the same scale share thresholds; an element with all lowest or all highest scores has its sum
    moved inwards by .3 score points (through its scores, in equal parts, so that the sums of proposals, judges and
    criteria still agree). Scores count by the weights of their criteria, as with Facets' model weights; with equal
    weights, once each. The bias of joint maximum likelihood (measures spread too widely by about L / (L - 1) with L
    scores a proposal) is not corrected, as in Facets; it does not change ranks.

    ``standard_error`` and ``measure_error`` are joint: everything else is estimated too, and the halo is included.
    The standard errors of Facets take all other elements as known and the criteria of a sheet as independent; they are
    among the measures in logits of the model's answers.

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
        note = Message("All scores are equal: no difference between proposals or between judges can be estimated.")
        return unvaried(ratings, note, minimised=_MINIMISED)
    if ratings.n_sheets == 1:
        note = Message("There is one scoresheet only: quality and severity cannot be separated.")
        return unvaried(ratings, note, minimised=_MINIMISED)
    return _estimates(ratings, measure(ratings, scales, cells))


def measure(ratings: Ratings, scales: tuple[CategoryScale, ...], cells: Cells) -> RaschMeasures:
    """Estimate the measures and their uncertainty; ``scales`` and ``cells`` as `read_categories` gives them."""
    weights = np.maximum(ratings.weights * ratings.n_criteria, _LEAST_WEIGHT)
    likelihood = Likelihood(ratings, scales, cells, weights)
    maximum = maximise(likelihood)
    return RaschMeasures(ratings, cells, likelihood, maximum, find_uncertainty(likelihood, maximum))


@dataclass(frozen=True, eq=False)
class _Curve:
    """Table of the fair average over the range of the measures, because there are millions of draws to convert."""

    at: Floats
    value: Floats

    def __call__(self, measure: Floats) -> Floats:
        """Interpolate linearly between equidistant points: no search, unlike `numpy.interp`."""
        place = (measure - self.at[0]) * ((len(self.at) - 1) / (self.at[-1] - self.at[0]))
        np.clip(place, 0.0, len(self.at) - 1.000001, out=place)
        left = place.astype(np.int64)
        place -= left
        rise = np.diff(self.value)
        return np.asarray(self.value[left] + place * rise[left])

    def slope(self, measure: Floats) -> Floats:
        return np.asarray(np.interp(measure, self.at, np.gradient(self.value, self.at)))


def _estimates(ratings: Ratings, measures: RaschMeasures) -> Estimates:
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
    criterion_mean = measures.expected_scores(np.array([middle]))[0]
    return Estimates(
        calibrated=calibrated,
        standard_error=standard_error,
        sample=drawn,
        criterion=FitCriterion(_MINIMISED, -2.0 * measures.likelihood.value(measures.maximum.point)),
        variances=dict.fromkeys(COMPONENTS),
        fixed={"intercept": Estimate(float(ratings.weights @ criterion_mean)), "home_city": None},
        criterion_mean=criterion_mean,
        severity=severity if several else unknown,
        severity_error=slope * measures.severity_error if several else unknown,
        measure=quality,
        measure_error=error,
        city_effects=_city_effects(ratings, measures, calibrated, severity, curve.slope(quality), slope),
        iterations=measures.maximum.iterations,
        notes=_notes(ratings, measures, several=several) + _large_errors(calibrated[scored], standard_error[scored]),
        answers=Answers(
            expected_scores=lambda: expected_scores(measures),
            predicted_totals=lambda sheets: predict_totals(measures, sheets),
            explanation_terms=lambda: terms_of(measures),
            logit_measures=measures.tables,
        ),
    )


def _city_effects(
    ratings: Ratings,
    measures: RaschMeasures,
    calibrated: Floats,
    severity: Floats,
    slope: Floats,
    slope_of_judge: Floats,
) -> CityEffects:
    """City means, their uncertainty converted from logits to points by the slope of the fair average."""
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


def _large_errors(calibrated: Floats, standard_error: Floats) -> tuple[Message, ...]:
    """Return a note where standard errors reach far beyond all calibrated scores."""
    n = int(np.count_nonzero(standard_error > _LARGE_ERROR * calibrated.std()))
    if len(calibrated) < _FEWEST_FOR_SPREAD or not n:
        return ()
    return (
        Message(
            "The standard errors of {n} proposals are more than {times} times the spread of all calibrated scores. In "
            "`rasch` a single score far from all others does that, because the categories of the scale then reach up "
            "to it. Check that score, or choose another model.",
            n=n,
            times=_LARGE_ERROR,
        ),
    )


def _notes(ratings: Ratings, measures: RaschMeasures, *, several: bool) -> tuple[Message, ...]:
    likelihood, halo = measures.likelihood, measures.uncertainty.halo
    notes = []
    if measures.maximum.prior_precision:
        notes.append(
            Message(
                "The scores separate perfectly: there are too few of them for finite Rasch measures. A weak "
                "assumption keeps the measures finite; use them as an order, not as distances."
            )
        )
    if not several:
        notes.append(Message("There is one judge only: severity cannot be estimated."))
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
                "There are too few scoresheets to estimate a judge's liking for a proposal on all criteria "
                "(halo): the standard errors leave it out, and may be too small."
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
                "With few scores a proposal, this model spreads the results somewhat too widely; as in Facets, "
                "this is not corrected."
            )
        )
    return tuple(notes)
