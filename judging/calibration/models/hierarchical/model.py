"""Joint estimation of severity, scale use, consistency and home city from rounded marks: the default model."""

from __future__ import annotations

from functools import partial

import numpy as np

from judging.calibration.answers.linear_form import terms_of
from judging.calibration.estimates import (
    COMPONENTS,
    Answers,
    Estimate,
    Estimates,
    FitCriterion,
    ModelFunction,
)
from judging.calibration.linkage import Linkage
from judging.calibration.models.hierarchical.city_effects import city_effects_of, severity_rows
from judging.calibration.models.hierarchical.expected_scores import expected_scores
from judging.calibration.models.hierarchical.finding import find_posterior
from judging.calibration.models.hierarchical.judges import DenseCovariance
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.linear_form import linear_form_of
from judging.calibration.models.hierarchical.notes import notes_of
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.prediction import predict_totals, variances_of
from judging.calibration.models.hierarchical.scores import draw_scores
from judging.calibration.models.hierarchical.warm_start import WarmStart, other_start_of, warm_start_of
from judging.calibration.ratings import Bools, Floats, Ratings
from judging.calibration.settings import Settings
from judging.calibration.unvaried import unvaried
from judging.errors import Message

_MINIMISED = "log score of each mark given all others"


def fit_hierarchical(
    ratings: Ratings, settings: Settings, linkage: Linkage, *, warm_start: WarmStart | None = None
) -> Estimates:
    r"""Estimate quality with judges who differ in severity, scale use, consistency and liking for their own city.

    .. math::

        y^*_{ijc} = \mu_c + a_j (q_i + k_{ic}) - s_j - s_{jc} - d_j t_{ij} + home_j [same city] + f_j (h_{ij} + e_{ijc})

    and a mark is :math:`y^*` rounded to the step and cut at the ends of the scale.

    Parameters
    ----------
    ratings : Ratings
        In any units; the estimates are in the same.
    settings : Settings
        ``home_city`` as in `fit_mixed`; ``assumption`` matters where cities are not linked.
    linkage : Linkage
        Which effects are identifiable from the design.
    warm_start : WarmStart, optional
        The end of a fit to these sheets and a few more. The iteration then starts there and ends sooner, when no
        logarithm changes by more than a ten-thousandth.

    Returns
    -------
    estimates : Estimates
        ``calibrated`` is the posterior mean of :math:`\sum_c w_c (\mu_c + q_i + k_{ic})` plus the home advantage times
        a share of home sheets, everybody's under ``adjust``, the proposal's own under ``report``. ``severity`` is that
        of the total at average quality, + for harsher, against the mean of the panel. ``scale_use`` and
        ``consistency`` are factors around 1: above 1 a judge spreads proposals further, or has larger residuals.
        Standard errors include all uncertainty except that of the common spreads.

    Raises
    ------
    NotConverged
        With the number of iterations and the last change of a logarithm.

    Notes
    -----
    The drift d_j over the order of scoring t, from -.5 to .5, is in the model only where severity changes by more than
    chance (`severity_drifts`). Of judges who were there at earlier occasions (``ratings.earlier``), severity, scale use
    and consistency have a prior from a fit of that occasion, by the link that `links` learns.

    Spreads of all parts are estimated under half-normal priors as wide as the marks' own spread (a tenth of it for the
    judges' home advantages; .25 and .5 for log scale use and log consistency), as modes in the logarithm; scale use and
    consistency of each judge as modes of the likelihood with all linear effects integrated out, then averaged over the
    posterior of their spreads. City severity has a quarter of the marks' spread, estimated from three cities on. Marks
    enter by expectation propagation [1]_. Each iteration costs one small inverse per proposal and one Cholesky factor
    over the judges (blocks and conjugate gradients for very many judges); logarithms are accelerated by Anderson's
    method [2]_. Where the marks have no evidence for scale use or consistency their spreads shrink towards zero, and
    the model becomes `mixed`. The uncertainty of scale use and consistency enters the standard errors to first order.

    The prior of a proposal's quality does not depend on its city or category.

    References
    ----------
    .. [1] T. Minka, "Expectation propagation for approximate Bayesian inference", UAI 2001.
    .. [2] H. Walker, P. Ni, "Anderson acceleration for fixed-point iterations", SIAM J. Numer. Anal. 49, 2011.
    """
    posterior = find_posterior(ratings, settings, linkage, warm_start=warm_start)
    if posterior is None:
        note = Message("All scores are equal: no difference between proposals or between judges can be estimated.")
        return unvaried(ratings, note, minimised=_MINIMISED, estimates_home_city=True)
    return _estimates(
        posterior,
        notes_of(ratings, linkage, posterior.independence, posterior.earlier, drifts=posterior.layout.has_drift),
    )


def _estimates(posterior: Posterior, notes: tuple[Message, ...]) -> Estimates:
    ratings, layout, solution = posterior.ratings, posterior.layout, posterior.solution
    scores, weights = posterior.scores, posterior.weights
    spreads, judges, factors = solution.state.spreads, solution.judges, solution.factors
    J, C = layout.n_judges, layout.n_criteria
    active = ratings.n_sheets_of_judge > 0
    several = int(active.sum()) > 1
    total = float(weights.sum())
    unknown = np.full(J, np.nan)

    if isinstance(judges.covariance, DenseCovariance):
        rows = severity_rows(layout, weights, np.eye(J) - active / active.sum())
        severity_error = np.sqrt(np.diag(scores.shared.covariance_of(rows)))
    else:
        severity_error = np.sqrt(np.einsum("c,jcd,d->j", weights, judges.covariance.own()[:, :C, :C], weights))
    if not several:
        severity_error = unknown
    level = judges.mean[:, :C] @ weights
    severity = level[active].mean() - level
    common = scores.shared.covariance_of(_common_rows(layout, weights))
    home_level = home = home_error = None
    if layout.has_home:
        home_level = Estimate(total * judges.home_level, total * float(np.sqrt(common[1, 1])))
        home = total * judges.mean[:, C]
        home_error = total * np.sqrt(judges.covariance.own()[:, C, C])

    variances: dict[str, float | None] = dict.fromkeys(COMPONENTS)
    variances |= {"proposal": spreads.quality**2, "residual": spreads.noise**2}
    if several:
        variances["judge"] = spreads.severity**2
    if C > 1:
        variances |= {"judge_proposal": spreads.halo**2, "proposal_criterion": spreads.criterion**2}
        variances["judge_criterion"] = spreads.judge_criterion**2 if several else None

    scale_use, consistency = layout.sign * np.exp(factors.log_scale), np.exp(factors.log_consistency)
    scale_use_error = np.abs(scale_use) * np.sqrt(variances_of(factors.scale_covariance))
    consistency_error = consistency * np.sqrt(variances_of(factors.consistency_covariance))

    def restart(retained: Bools) -> ModelFunction:
        return partial(fit_hierarchical, warm_start=warm_start_of(posterior, retained))

    return Estimates(
        calibrated=scores.mean,
        standard_error=scores.standard_error,
        sample=lambda n, rng: draw_scores(scores, n, rng),
        criterion=FitCriterion(_MINIMISED, solution.log_score),
        variances=variances,
        fixed={
            "intercept": Estimate(float(weights @ scores.criterion_mean), float(np.sqrt(common[0, 0]))),
            "home_city": home_level,
        },
        criterion_mean=scores.criterion_mean * posterior.relative_scale,
        severity=severity if several else unknown,
        severity_error=severity_error,
        scale_use=scale_use if several else unknown,
        scale_use_error=scale_use_error if several else unknown,
        consistency=consistency if several else unknown,
        consistency_error=consistency_error if several else unknown,
        home=home,
        home_error=home_error,
        city_effects=city_effects_of(ratings, layout, scores, severity, weights),
        iterations=solution.iterations,
        notes=notes,
        answers=Answers(
            expected_scores=lambda: expected_scores(posterior),
            predicted_totals=lambda sheets: predict_totals(posterior, severity_error, sheets),
            explanation_terms=lambda: terms_of(ratings, linear_form_of(posterior)),
            warm_start=restart,
            other_start=lambda: partial(fit_hierarchical, warm_start=other_start_of(posterior)),
        ),
        estimates_home_city=True,
        earlier=posterior.earlier,
        models_drift=layout.has_drift,
    )


def _common_rows(layout: Layout, weights: Floats) -> Floats:
    """Combine the shared effects into the weighted criterion mean and the home advantage."""
    first = layout.n_judges * layout.n_own
    rows = np.zeros((2, first + layout.n_common + 2 * layout.n_judges))
    rows[0, first : first + layout.n_criteria] = weights
    if layout.has_home:
        rows[1, first + layout.n_common - 1] = 1.0
    return rows
