"""Severity and quality as crossed random effects, by restricted maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.answers.linear_form import terms_of
from judging.calibration.answers.predicted_totals import PredictedTotals
from judging.calibration.answers.sheet_weights import open_criteria_correction, sheet_weights
from judging.calibration.answers.total_effects import TotalEffects, home_share
from judging.calibration.estimates import (
    COMPONENTS,
    Answers,
    Estimate,
    Estimates,
    FitCriterion,
    TotalVariances,
)
from judging.calibration.linkage import Linkage
from judging.calibration.models.mixed.city_effects import city_effects_of
from judging.calibration.models.mixed.complete_sheets import Extra, solve_levels
from judging.calibration.models.mixed.fixed_effects import fixed_beyond_means, has_city_term
from judging.calibration.models.mixed.linear_form import (
    LinearParts,
    linear_form_of,
    parts_of_blocks,
    parts_of_levels,
)
from judging.calibration.models.mixed.notes import notes_of
from judging.calibration.models.mixed.open_criteria import solve_blocks
from judging.calibration.models.mixed.solution import MixedSolution
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.calibration.unvaried import unvaried
from judging.errors import Message


def fit_mixed(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Estimate severity and quality as crossed random effects by REML.

    .. math:: y_{ijc} = \mu_c + q_i + k_{ic} - s_j - s_{jc} + h_{ij} + home [same city] + e_{ijc}

    with one criterion :math:`y_{ij} = \mu + q_i - s_j + home [same city] + e_{ij}`. Where the design separates the
    cities and each has three judges or more, the severity of each city is a fixed effect, about which its judges vary.

    Parameters
    ----------
    ratings : Ratings
        In any units; the estimates are in the same.
    settings : Settings
        ``home_city``: whether the effect is estimated, and whether it remains in the calibrated scores.
        ``exact_reml``: no term for cities, and no prior on the variance of severity.
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
    eliminated in blocks (`blocks`). Estimated variances may be zero, except that of severity: where REML gives zero, it
    is the mode under a prior that avoids zero (`above_zero`). Standard errors and draws take the variances as
    known and the fixed effects as estimated. The intervals of the cities' severities allow for cities whose proposals
    differ on average, by a quarter of the spread of quality; the scores do not: their prior knows no city.

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
        levels = solve_levels(ratings, extra=extra, exact=settings.exact_reml)
        return _estimates(ratings, settings, linkage, extra, levels, lambda: parts_of_levels(levels))
    blocks = solve_blocks(ratings, extra=extra, exact=settings.exact_reml)
    return _estimates(ratings, settings, linkage, extra, blocks, lambda: parts_of_blocks(blocks))


def _estimates(
    ratings: Ratings,
    settings: Settings,
    linkage: Linkage,
    extra: Extra,
    solution: MixedSolution,
    linear_parts: Callable[[], LinearParts],
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
        city_effects=city_effects_of(
            ratings, solution, proposals, judges, has_term=has_city_term(ratings, settings, linkage)
        ),
        iterations=solution.iterations,
        notes=notes_of(ratings, settings, linkage, variances, is_zero_avoided=solution.is_zero_avoided),
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, effects.total(ratings)),
            predicted_totals=predict,
            explanation_terms=lambda: terms_of(ratings, linear_form_of(ratings, extra, linear_parts())),
            total_variances=_total_variances(
                ratings, variances, between_cities=_between_cities(ratings, extra, solution)
            ),
        ),
        estimates_home_city=True,
    )


def _between_cities(ratings: Ratings, extra: Extra, solution: MixedSolution) -> float:
    """Variance of the cities' severities over the judges, where they are fixed effects; else 0."""
    effects = np.array([effect.estimate for effect in solution.extra_effects])
    return float(np.var((extra.judges @ effects)[ratings.n_sheets_of_judge > 0]))


def _total_variances(
    ratings: Ratings, variances: Mapping[str, float | None], *, between_cities: float
) -> TotalVariances | None:
    """Add the components up on the weighted total; None where quality and noise are not both estimated."""
    if variances["residual"] is None or variances["proposal"] is None:
        return None
    of = {name: value or 0.0 for name, value in variances.items()}
    squared = float(ratings.weights @ ratings.weights)
    return TotalVariances(
        quality=of["proposal"] + squared * of["proposal_criterion"],
        severity=of["judge"] + squared * of["judge_criterion"] + between_cities,
        noise=of["judge_proposal"] + squared * of["residual"],
    )
