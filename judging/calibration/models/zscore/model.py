"""Every judge's totals standardised to the same mean and spread, as other systems do: for comparison only."""

from __future__ import annotations

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.baselines import criterion_means
from judging.calibration.estimates import COMPONENTS, Answers, Estimate, Estimates, FitCriterion, Sampler
from judging.calibration.linkage import Linkage
from judging.calibration.models.zscore.standardised import Standardised
from judging.calibration.ratings import Floats, Ratings
from judging.calibration.settings import Settings
from judging.errors import Message

FEWEST_FOR_SPREAD = 5
"""With fewer sheets a judge's own standard deviation is mostly chance: the panel's is used."""


def fit_zscore(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    r"""Standardise each judge's totals and average them, :math:`z_{ij} = (y_{ij} - m_j) / sd_j`.

    Parameters
    ----------
    ratings : Ratings
        At least one sheet.
    settings : Settings
        Only the settings of the draws are used.
    linkage : Linkage
        Not used: the method assumes that every judge scored equally good proposals, linked or not.

    Returns
    -------
    estimates : Estimates
        ``calibrated`` is the mean of a proposal's z-scores on the scale of all totals: grand mean + grand standard
        deviation * mean z. ``severity`` is the mean of the judges' means less the judge's own; ``scale_use`` the
        judge's standard deviation over the panel's.

    Notes
    -----
    A judge with fewer than five sheets, or whose totals are all equal, has the pooled within-judge standard deviation
    for :math:`sd_j`: only the mean is subtracted. Standard errors are the spread of z-scores within
    proposals, pooled, over the square root of the number of sheets, as if the judges' means and deviations were known;
    this is how the method is used, and the reason why its standard errors are too small.

    Examples
    --------
    >>> from judging.calibration.linkage import find_linkage
    >>> from judging.calibration.coding import ratings_from_sheets
    >>> ratings = ratings_from_sheets(["a", "a", "b", "b"], ["x", "y", "x", "y"], score=[8, 6, 4, 2])
    >>> fitted = fit_zscore(ratings, Settings(model="raw"), find_linkage(ratings))
    >>> fitted.calibrated.round(3).tolist(), fitted.severity.tolist()
    ([6.826, 3.174], [-1.0, 1.0])
    """
    total, judge = ratings.total, ratings.judge
    n_sheets = ratings.n_sheets_of_judge
    active = n_sheets > 0
    mean = np.bincount(judge, weights=total, minlength=ratings.n_judges) / np.maximum(n_sheets, 1)
    away = total - mean[judge]
    squares = np.bincount(judge, weights=away**2, minlength=ratings.n_judges)
    freedom = ratings.n_sheets - int(active.sum())
    pooled = float(np.sqrt(squares.sum() / freedom)) if freedom > 0 else 0.0
    own = np.sqrt(squares / np.maximum(n_sheets - 1, 1))
    # By rounding, a judge whose totals are all equal would have a spread of 1e-16 and arbitrary z-scores.
    has_own = (n_sheets >= FEWEST_FOR_SPREAD) & (own > 1e-9 * max(pooled, 1e-300))
    spread = np.where(has_own, own, pooled)
    z = away / np.where(spread > 0, spread, 1.0)[judge]

    count = ratings.n_sheets_of_proposal
    grand_spread = float(total.std(ddof=1)) if ratings.n_sheets > 1 else 0.0
    mean_z = np.bincount(ratings.proposal, weights=z, minlength=ratings.n_proposals) / np.maximum(count, 1)
    calibrated = float(total.mean()) + grand_spread * mean_z
    deviation = grand_spread * (z - mean_z[ratings.proposal])
    within = float(deviation @ deviation)
    residual_freedom = ratings.n_sheets - int((count > 0).sum())
    residual = within / residual_freedom if residual_freedom > 0 else np.nan
    error = np.sqrt(residual / np.maximum(count, 1))
    sample: Sampler | None = None
    if residual_freedom > 0:

        def sample(n: int, rng: np.random.Generator) -> Floats:
            return np.asarray(calibrated + error * rng.standard_normal((n, ratings.n_proposals)))

    several = int(active.sum()) > 1
    unknown = np.full(ratings.n_judges, np.nan)
    with_spread = several and pooled > 0
    criterion_mean = criterion_means(ratings)
    standardised = Standardised(
        ratings=ratings,
        judge_mean=mean,
        judge_spread=spread,
        grand_spread=grand_spread,
        mean_z=mean_z,
        criterion_mean=criterion_mean,
    )
    return Estimates(
        calibrated=calibrated,
        standard_error=error,
        sample=sample,
        criterion=FitCriterion("sum of squares", within),
        variances=dict.fromkeys(COMPONENTS, None) | {"residual": residual if residual_freedom > 0 else None},
        fixed={"intercept": Estimate(float(calibrated[count > 0].mean())), "home_city": None},
        criterion_mean=criterion_mean,
        severity=mean[active].mean() - mean if several else unknown,
        severity_error=spread / np.sqrt(np.maximum(n_sheets, 1)) if with_spread else unknown,
        scale_use=np.where(has_own, own / pooled, np.nan) if with_spread else unknown,
        scale_use_error=np.where(has_own, own / pooled / np.sqrt(2.0 * np.maximum(n_sheets - 1, 1)), np.nan)
        if with_spread
        else unknown,
        notes=_notes(ratings, has_own=int((active & has_own).sum()), residual_freedom=residual_freedom),
        answers=Answers(
            expected_scores=lambda: expected_from_totals(ratings, standardised.expected_totals()),
            predicted_totals=standardised.predict,
            explanation_terms=standardised.terms,
        ),
        city_assumption="equal quality",
    )


def _notes(ratings: Ratings, *, has_own: int, residual_freedom: int) -> tuple[Message, ...]:
    notes = [Message("Z-scores assume that every judge saw equally good proposals. For comparison only.")]
    n_active = int((ratings.n_sheets_of_judge > 0).sum())
    if has_own < n_active:
        notes.append(
            Message(
                "Judges with too few or all equal totals for a spread of their own: {n}. The panel's is used.",
                n=n_active - has_own,
            )
        )
    if residual_freedom < 1:
        notes.append(Message("No proposal has more than one scoresheet: the standard errors cannot be estimated."))
    return tuple(notes)
