"""Severity and quality as crossed random effects, by restricted maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.answers.linear_form import terms_of
from judging.calibration.answers.predicted_totals import PredictedTotals
from judging.calibration.answers.sheet_weights import open_criteria_correction, sheet_weights
from judging.calibration.answers.total_effects import TotalEffects, home_share
from judging.calibration.estimates import (
    COMPONENTS,
    Answers,
    CityEffects,
    Estimate,
    Estimates,
    FitCriterion,
    TotalVariances,
    city_means,
)
from judging.calibration.linkage import Linkage
from judging.calibration.models.mixed.complete_sheets import Extra, solve_levels
from judging.calibration.models.mixed.fixed_effects import fixed_beyond_means
from judging.calibration.models.mixed.linear_form import (
    LinearParts,
    linear_form_of,
    parts_of_blocks,
    parts_of_levels,
)
from judging.calibration.models.mixed.open_criteria import solve_blocks
from judging.calibration.models.mixed.precision import LARGEST_DENSE
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.calibration.unvaried import unvaried
from judging.errors import Message

_PLAIN_WORDS = {
    "proposal": Message("quality between proposals"),
    "judge": Message("severity between judges"),
    "judge_proposal": Message("halo (a judge's liking for a proposal across criteria)"),
    "proposal_criterion": Message("proposals' profiles over the criteria"),
    "judge_criterion": Message("judges' severities on single criteria"),
}


class MixedSolution(Protocol):
    """The optimum of either method (complete sheets, sheets with open criteria).

    Scores from ``proposals_*`` are on the weighted total; ``judges_*`` likewise, + is generous.
    """

    @property
    def variances(self) -> Mapping[str, float]:
        """By component."""

    @property
    def criterion(self) -> float:
        """-2 log restricted likelihood."""

    @property
    def iterations(self) -> int:
        """Steps of the optimiser."""

    @property
    def criterion_mean(self) -> Floats:
        """Of shape (n_criteria,)."""

    @property
    def intercept(self) -> Estimate:
        """Weighted mean level where every other fixed effect is zero."""

    @property
    def extra_effects(self) -> tuple[Estimate, ...]:
        """Fixed effects beyond the criteria's means."""

    def proposals(self) -> FactorEffects:
        """Calibrated scores."""

    def judges(self) -> FactorEffects:
        """Generosity of the judges."""


class FactorEffects(Protocol):
    """Levels of one factor with their joint uncertainty."""

    @property
    def estimate(self) -> Floats:
        """Of shape (n_levels,)."""

    @property
    def variance(self) -> Floats:
        """Of shape (n_levels,)."""

    def covariance(self, weights: Floats) -> Floats:
        """Covariance of weighted sums, weights of shape (n_sums, n_levels)."""

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw errors, of shape (n, n_levels)."""


def fit_mixed(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Estimate severity and quality as crossed random effects by REML.

    .. math:: y_{ijc} = \mu_c + q_i + k_{ic} - s_j - s_{jc} + h_{ij} + home [same city] + e_{ijc}

    with one criterion :math:`y_{ij} = \mu + q_i - s_j + home [same city] + e_{ij}`.

    Parameters
    ----------
    ratings : Ratings
        In any units; the estimates are in the same.
    settings : Settings
        ``home_city``: whether the effect is estimated, and whether it remains in the calibrated scores.
    linkage : Linkage
        The home-city effect enters only where it varies within judges and proposals.

    Returns
    -------
    estimates : Estimates
        ``calibrated`` is the expected weighted total from an average judge,
        :math:`\sum_c w_c (\mu_c + q_i + k_{ic})` plus the home-city effect times a share of home sheets: everybody's
        share under ``adjust``, the proposal's own under ``report``. ``severity`` is that of the total,
        :math:`s_j + \sum_c w_c s_{jc}`, + for a harsher judge.

    Raises
    ------
    NotConverged
        With the number of iterations and the last change of the criterion.

    Notes
    -----
    The criterion is -2 log restricted likelihood with its constant, as lme4 gives it. Where every sheet scores every
    criterion once, an orthonormal contrast over the criteria splits the problem into a mean level and a contrast level,
    each with two crossed factors, joined by the non-negativity of the variances (`levels`). Otherwise proposals are
    eliminated in blocks (`blocks`). Estimated variances may be zero. Standard errors and draws take the variances as
    known and the fixed effects as estimated.

    At the edges: all scores equal, or a single sheet, gives the raw means without standard errors; a single judge has
    no severity; with a single sheet a proposal, the variances of quality and noise are not identifiable separately.
    There is a note for every case.

    References
    ----------
    .. [1] D. Bates, M. Mächler, B. Bolker, S. Walker, "Fitting linear mixed-effects models using lme4", Journal of
       Statistical Software 67, 2015, eq. 39 for the criterion.
    .. [2] R. L. Brennan, "Generalizability Theory", 2001, for the variance components of crossed designs.
    """
    spread = np.nanmax(ratings.score, axis=0) - np.nanmin(ratings.score, axis=0)
    if ratings.n_sheets == 1:
        note = Message("There is one scoresheet only: quality and severity cannot be separated.")
        return unvaried(ratings, note, minimised="REML", estimates_home_city=True)
    if not spread.any():
        note = Message("All scores are equal: no difference between proposals or between judges can be estimated.")
        return unvaried(ratings, note, minimised="REML", estimates_home_city=True)
    extra = fixed_beyond_means(ratings, settings, linkage)
    if ratings.n_criteria == 1 or (ratings.complete and not ratings.repeated):
        levels = solve_levels(ratings, extra=extra)
        return _estimates(ratings, settings, extra, levels, lambda: parts_of_levels(levels))
    blocks = solve_blocks(ratings, extra=extra)
    return _estimates(ratings, settings, extra, blocks, lambda: parts_of_blocks(blocks))


def _estimates(
    ratings: Ratings, settings: Settings, extra: Extra, solution: MixedSolution, linear_parts: Callable[[], LinearParts]
) -> Estimates:
    proposals, judges = solution.proposals(), solution.judges()
    several_judges = np.count_nonzero(ratings.n_sheets_of_judge) > 1
    calibrated = proposals.estimate
    variances: dict[str, float | None] = dict.fromkeys(COMPONENTS)
    variances |= solution.variances
    if not several_judges:
        variances["judge"] = variances["judge_criterion"] = None
    if np.count_nonzero(ratings.n_sheets_of_proposal) == 1:
        variances["proposal"] = variances["proposal_criterion"] = None
    unknown = np.full(ratings.n_judges, np.nan)
    fixed: dict[str, Estimate | None] = {"intercept": solution.intercept, "home_city": None}
    fixed |= dict(zip(extra.names, solution.extra_effects, strict=True))

    def sample(n: int, rng: np.random.Generator) -> Floats:
        draws = proposals.draw(n, rng)
        draws += calibrated
        return draws

    standard_error = np.sqrt(proposals.variance)
    severity = -judges.estimate if several_judges else unknown
    severity_error = np.sqrt(judges.variance) if several_judges else unknown
    criterion_mean = solution.criterion_mean
    home = fixed["home_city"]
    effects = TotalEffects(
        quality=calibrated,
        quality_error=standard_error,
        severity=severity,
        severity_error=severity_error,
        home_advantage=0.0 if home is None else home.estimate,
        home_share=home_share(ratings, settings.home_city),
    )

    def predict(sheets: Ratings) -> PredictedTotals:
        noise = (variances["residual"] or 0.0) * (sheet_weights(sheets) ** 2).sum(axis=1)
        return PredictedTotals(
            mean=effects.total(sheets) + open_criteria_correction(sheets, ratings.criteria, criterion_mean),
            variance=noise + (variances["judge_proposal"] or 0.0) + effects.uncertainty(sheets),
        )

    return Estimates(
        calibrated=calibrated,
        standard_error=standard_error,
        sample=sample,
        criterion=FitCriterion("REML", solution.criterion),
        variances=variances,
        fixed=fixed,
        criterion_mean=criterion_mean,
        severity=severity,
        severity_error=severity_error,
        city_effects=_city_effects(ratings, proposals, judges),
        iterations=solution.iterations,
        notes=_notes(ratings, variances),
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, effects.total(ratings)),
            predicted_totals=predict,
            explanation_terms=lambda: terms_of(ratings, linear_form_of(ratings, extra, linear_parts())),
            total_variances=_total_variances(ratings, variances),
        ),
        estimates_home_city=True,
    )


def _total_variances(ratings: Ratings, variances: Mapping[str, float | None]) -> TotalVariances | None:
    """Add the components up on the weighted total; None where quality and noise are not both estimated."""
    if variances["residual"] is None or variances["proposal"] is None:
        return None
    of = {name: value or 0.0 for name, value in variances.items()}
    squared = float(ratings.weights @ ratings.weights)
    return TotalVariances(
        quality=of["proposal"] + squared * of["proposal_criterion"],
        severity=of["judge"] + squared * of["judge_criterion"],
        noise=of["judge_proposal"] + squared * of["residual"],
    )


def _city_effects(ratings: Ratings, proposals: FactorEffects, judges: FactorEffects) -> CityEffects:
    of_judge = city_means(ratings.judge_city, ratings.n_sheets_of_judge > 0, ratings.n_cities)
    of_proposal = city_means(ratings.proposal_city, ratings.n_sheets_of_proposal > 0, ratings.n_cities)
    return CityEffects(
        severity=-(of_judge @ judges.estimate),
        severity_covariance=_covariance_of(judges, of_judge),
        quality=of_proposal @ proposals.estimate,
        quality_covariance=_covariance_of(proposals, of_proposal),
    )


def _covariance_of(effects: FactorEffects, weights: Floats) -> Floats:
    """Covariance of city means; NaN for cities without members."""
    whole = np.full((len(weights), len(weights)), np.nan)
    known = np.flatnonzero(~np.isnan(weights).any(axis=1))
    if len(known):
        whole[np.ix_(known, known)] = effects.covariance(weights[known])
    return whole


def _notes(ratings: Ratings, variances: Mapping[str, float | None]) -> tuple[Message, ...]:
    notes = []
    if np.count_nonzero(ratings.n_sheets_of_proposal) == 1:
        notes.append(Message("There is one proposal only: quality cannot be compared."))
    if np.count_nonzero(ratings.n_sheets_of_judge) == 1:
        notes.append(Message("There is one judge only: severity cannot be estimated."))
    elif variances["residual"] == 0:
        notes.append(Message("There is almost no residual variance: the standard errors are based on too little data."))
    if ratings.n_sheets_of_proposal.max() == 1:
        notes.append(
            Message(
                "No proposal has a second scoresheet: quality and noise are not identifiable. The variance is "
                "divided between them by assumption."
            )
        )
    if min(ratings.n_proposals, ratings.n_judges) > LARGEST_DENSE:
        notes.append(
            Message(
                "With so many judges some sums are estimated from fixed random probes: variances are accurate to "
                "a few hundredths of their standard errors, standard errors of scores to a few per cent."
            )
        )
    cities = ratings.judge_city[ratings.n_sheets_of_judge > 0]
    if len(np.unique(cities[cities >= 0])) > 1:
        notes.append(
            Message(
                "This model has no term for cities: it pulls the difference of the cities' severities towards zero, "
                "and the interval of that difference is too narrow. `hierarchical` has such a term."
            )
        )
    for component, value in variances.items():
        if value == 0 and component in _PLAIN_WORDS:
            notes.append(
                Message(
                    "The scores show no sign of {component}: this variance is estimated as zero.",
                    component=_PLAIN_WORDS[component],
                )
            )
    return tuple(notes)
