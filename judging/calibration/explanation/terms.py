r"""The terms of every move as arrays: what each idea of a model changes in each proposal's score, put in one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.explanation.linear_form import Parts, parts_of, sheet_weights
from judging.calibration.models.rasch.model import RaschMeasures
from judging.calibration.ratings import Floats, Ratings

SHEET_KINDS = (
    "open_criteria",
    "city_severity",
    "severity",
    "home_city",
    "rounding",
    "scale_use",
    "expectation",
    "consistency",
)
"""Terms that belong to one judge, in the order in which they are put in."""

PROPOSAL_KINDS = ("judges_uncertainty", "middle", "shrinkage")
"""Terms that belong to the proposal as a whole; `criterion`, one for each criterion, comes before them."""

KINDS = (*SHEET_KINDS, "criterion", *PROPOSAL_KINDS)

NEGLIGIBLE = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class Moves:
    """The terms of all proposals as arrays.

    Attributes
    ----------
    of_sheet : dict of str to ndarray of shape (n_sheets,)
        By kind; rows in the ratings' order.
    value : dict of str to ndarray of shape (n_sheets,)
        What each amount comes from, see `judging.calibration.explanation.explanation.Term`.
    of_criterion : ndarray of shape (n_proposals, n_criteria)
    of_proposal : dict of str to ndarray of shape (n_proposals,)
    kept : ndarray of shape (n_proposals,)
        Share of the distance from the middle that shrinkage leaves; 1 for models without.
    """

    of_sheet: dict[str, Floats]
    value: dict[str, Floats]
    of_criterion: Floats
    of_proposal: dict[str, Floats]
    kept: Floats

    def total(self, ratings: Ratings) -> Floats:
        """Sum all terms of each proposal, of shape (n_proposals,)."""
        whole = self.of_criterion.sum(axis=1)
        for amounts in self.of_proposal.values():
            whole = whole + amounts
        for amounts in self.of_sheet.values():
            whole = whole + _by_proposal(ratings, amounts)
        return np.asarray(whole)


def find_moves(fit: Fit) -> Moves:
    r"""Take every calibrated score apart.

    Parameters
    ----------
    fit : Fit
        Of any model.

    Returns
    -------
    moves : Moves
        ``raw + moves.total(...)`` is ``calibrated`` to rounding; no term is found as what the others leave.

    Notes
    -----
    The terms are what the mean of a proposal's sheets changes by when the model's ideas are put in one after the other,
    always in the order of ``KINDS``:

    1. ``open_criteria``: the mean level of the criteria that a sheet leaves open, and the judge's severity on those
       that it holds against that on all;
    2. ``severity``: the severity as reported, cut into the mean of the judge's city (``city_severity``) and the rest;
    3. ``home_city``: the judge's own liking for the home city out, the share that all scores stand for in;
    4. ``rounding``: the mark gives way to the opinion behind it, the posterior mean inside the mark's interval;
    5. ``scale_use``: deviations from the panel's level are divided by the judge's scale use;
    6. ``consistency``: sheets count by what they tell instead of equally; a judge's term is the change of share times
       the sheet's distance from the proposal's mean;
    7. ``criterion``: profiles over the criteria are shrunk more, or less, than the whole;
    8. ``shrinkage``: what is left of the distance from the middle, less the distance.

    `additive` has severity only; `zscore` severity, scale use and ``middle`` (the mean of all totals against the mean
    of the judges' means). In `rasch`, which is not linear, ``expectation`` replaces the marks of a sheet by what the
    measures expect (over a proposal it nearly cancels: that is the likelihood equation), and ``severity`` is the
    expected total without city's, then without the judge's, severity; both are differences of expected totals, so
    that nothing is left over.
    """
    ratings = fit.ratings.without_unused_criteria()
    moves = _nothing(ratings)
    parts = parts_of(fit, ratings)
    logits = fit.details.get("logits")
    if parts is not None:
        moves = _linear(ratings, parts)
        _add_uncertainty(fit, moves)
    elif isinstance(logits, RaschMeasures):
        moves = _rasch(fit, ratings, logits)
    elif "judge_spread" in fit.details:
        moves = _zscore(fit, ratings)
    elif fit.model == "additive" and fit.severity is not None:
        share = 1.0 / ratings.n_sheets_of_proposal[ratings.proposal]
        _put_severity(moves, ratings, np.nan_to_num(fit.severity), share)
    return moves


def _nothing(ratings: Ratings) -> Moves:
    return Moves(
        of_sheet={},
        value={},
        of_criterion=np.zeros((ratings.n_proposals, ratings.n_criteria)),
        of_proposal={},
        kept=np.ones(ratings.n_proposals),
    )


def _put(moves: Moves, kind: str, amount: Floats, value: Floats) -> None:
    moves.of_sheet[kind], moves.value[kind] = amount, value


def _put_severity(moves: Moves, ratings: Ratings, severity: Floats, share: Floats) -> None:
    """Cut every judge's severity into the mean of the city and the rest."""
    of_city = city_part(ratings, severity)
    if of_city.any():
        _put(moves, "city_severity", of_city[ratings.judge] * share, of_city[ratings.judge])
    own = severity - of_city
    _put(moves, "severity", own[ratings.judge] * share, own[ratings.judge])


def city_part(ratings: Ratings, severity: Floats) -> Floats:
    """Give each judge the mean severity of the judges of the same city, of shape (n_judges,).

    0 for judges of unknown city, and for all when the judges of one city only have sheets.
    """
    active = (ratings.n_sheets_of_judge > 0) & (ratings.judge_city >= 0)
    count = np.bincount(ratings.judge_city[active], minlength=ratings.n_cities)
    if np.count_nonzero(count) < 2:
        return np.zeros(ratings.n_judges)
    mean = np.bincount(ratings.judge_city[active], weights=severity[active], minlength=ratings.n_cities)
    return np.asarray(np.where(active, (mean / np.maximum(count, 1))[ratings.judge_city], 0.0))


def _linear(ratings: Ratings, parts: Parts) -> Moves:
    """Put in one idea after the other; the sum of the terms telescopes to the fit's own linear form."""
    moves = _nothing(ratings)
    proposal, judge = ratings.proposal, ratings.judge
    w, of_sheet = parts.weights, parts.sheet_weights
    whole = float(w.sum())
    share = 1.0 / ratings.n_sheets_of_proposal[proposal]

    away = parts.middle - parts.level
    severity = away @ w
    lacking = w - of_sheet
    opened = (lacking * (parts.middle - away[judge])).sum(axis=1)
    _put(moves, "open_criteria", opened * share, opened)
    _put_severity(moves, ratings, severity, share)
    held = of_sheet.sum(axis=1) * parts.home
    _put(moves, "home_city", (whole * parts.home_share[proposal] - held) * share, held)
    rounded = (of_sheet * (parts.opinion - parts.mark)).sum(axis=1)
    _put(moves, "rounding", rounded * share, rounded)
    deviation = parts.opinion - parts.level[judge] - parts.home[:, None]
    held_up = (of_sheet * deviation).sum(axis=1)
    even = held_up / parts.scale
    _put(moves, "scale_use", (even - held_up) * share, parts.scale)

    answer = parts.gain.sum(axis=1) * parts.scale / whole
    kept = _by_proposal(ratings, answer)
    # Where nothing is left of the distance from the middle nobody's share of it can be told: all count alike.
    some = np.abs(kept) > NEGLIGIBLE
    weight = np.where(some[proposal], answer / np.where(some, kept, 1.0)[proposal], share)
    mean = _by_proposal(ratings, even * share)
    _put(moves, "consistency", (weight - share) * (even - mean[proposal]), weight)
    estimate = _by_proposal(ratings, weight * even)
    profile = parts.gain - (kept[proposal] * weight / parts.scale)[:, None] * of_sheet
    np.add.at(moves.of_criterion, proposal, profile * deviation)
    moves.of_proposal["shrinkage"] = (1.0 - kept) * (parts.usual - estimate) + parts.intercept - float(w @ parts.middle)
    moves.kept[:] = kept
    return moves


def _add_uncertainty(fit: Fit, moves: Moves) -> None:
    """Add what a fit says that averaging over the judges' factors changed, where it does so."""
    correction = fit.details.get("judges_uncertainty")
    if isinstance(correction, np.ndarray):
        moves.of_proposal["judges_uncertainty"] = correction


def _zscore(fit: Fit, ratings: Ratings) -> Moves:
    moves = _nothing(ratings)
    share = 1.0 / ratings.n_sheets_of_proposal[ratings.proposal]
    mean, spread = np.asarray(fit.details["judge_mean"]), np.asarray(fit.details["judge_spread"])
    grand = np.asarray(fit.details["grand_spread"])
    active = ratings.n_sheets_of_judge > 0
    middle = float(mean[active].mean())
    _put_severity(moves, ratings, np.where(active, middle - mean, 0.0), share)
    away = ratings.total - mean[ratings.judge]
    factor = (grand / np.where(spread > 0, spread, 1.0))[ratings.judge]
    _put(moves, "scale_use", away * (factor - 1.0) * share, 1.0 / np.maximum(factor, 1e-300))
    moves.of_proposal["middle"] = np.full(ratings.n_proposals, float(ratings.total.mean()) - middle)
    return moves


def _rasch(fit: Fit, ratings: Ratings, logits: RaschMeasures) -> Moves:
    moves = _nothing(ratings)
    proposal, judge = ratings.proposal, ratings.judge
    share = 1.0 / ratings.n_sheets_of_proposal[proposal]
    weights = sheet_weights(ratings)
    severity = logits.severity
    of_city = city_part(ratings, severity)
    quality = logits.quality[proposal]
    as_read = expected_scores(logits, quality - severity[judge])
    without_city = expected_scores(logits, quality - (severity - of_city)[judge])
    fair = expected_scores(logits, quality)
    opened = ((ratings.weights - weights) * fair).sum(axis=1)
    _put(moves, "open_criteria", opened * share, opened)
    points = np.nan_to_num(fit.severity) if fit.severity is not None else np.zeros(ratings.n_judges)
    city_points = city_part(ratings, points)
    if of_city.any():
        moved = (weights * (without_city - as_read)).sum(axis=1)
        _put(moves, "city_severity", moved * share, city_points[judge])
    moved = (weights * (fair - without_city)).sum(axis=1)
    _put(moves, "severity", moved * share, (points - city_points)[judge])
    beyond = (weights * (as_read - np.nan_to_num(ratings.score))).sum(axis=1)
    _put(moves, "expectation", beyond * share, beyond)
    return moves


def expected_scores(logits: RaschMeasures, eta: Floats) -> Floats:
    """Expect the score on each criterion at a measure less a severity, of shape (n, n_criteria)."""
    scores = np.zeros((len(eta), logits.ratings.n_criteria))
    for code, scale in enumerate(logits.likelihood.scales):
        log_weights = logits.likelihood.log_weights(logits.maximum.point, code)
        for criterion in scale.criteria:
            at = (eta - logits.difficulty[criterion])[:, None] * scale.category + log_weights
            p = np.exp(at - at.max(axis=1, keepdims=True))
            scores[:, criterion] = (p @ scale.value) / p.sum(axis=1)
    return scores


def _by_proposal(ratings: Ratings, amounts: Floats) -> Floats:
    return np.asarray(np.bincount(ratings.proposal, weights=amounts, minlength=ratings.n_proposals), dtype=np.float64)
