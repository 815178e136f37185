"""The rank of each proposal, its uncertainty, and the shortlist by the sealed rule."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ranks.floors import CalibratedFloors, calibrated_floors
from judging.calibration.ranks.tie_breaks import decided_by, tie_break_keys
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.ranking import rank, rank_draws, rank_intervals
from judging.shortlist import Field, Shortlist, select, select_draws

# Sorting draws is the main cost of a report: with this many values it needs a second and 100 MB.
_DRAWN = 8_000_000
_FEWEST_DRAWS = 100
_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class RankedFit:
    """The ranking that a fit and the sealed rules give.

    Attributes
    ----------
    fit : Fit
    carried : Carried or None
    score : ndarray of shape (n_proposals,)
        The score that ranks are made from: the calibrated score, or the combined one where an earlier round counts.
    ranks : ndarray of shape (n_proposals,)
        From 1, tie-break chain applied; those equal after the whole chain share a rank. 0 for those nobody scored.
    deciding : list of str or None
        The key of the chain that ordered it among equal scores, ``people`` where no key did.
    n_draws : int
        0 where the model gives no spread; the following attributes are then None.
    low, high : ndarray of shape (n_proposals,) or None
        Ends of the rank intervals.
    p_shortlist : ndarray of shape (n_proposals,) or None
        Also None without a shortlist rule.
    disagreement : ndarray of shape (n_proposals,)
        Standard deviation of a proposal's totals, severities subtracted; NaN with fewer than two sheets.
    floors : CalibratedFloors or None
        None where the rule compares mean scores with its floors, or has none.
    """

    fit: Fit
    carried: Carried | None
    score: Floats
    ranks: Ints
    deciding: list[str | None]
    n_draws: int
    low: Ints | None
    high: Ints | None
    p_shortlist: Floats | None
    disagreement: Floats
    floors: CalibratedFloors | None

    @cached_property
    def shortlist(self) -> Shortlist | None:
        """The shortlist by the rule; None without a rule."""
        rule = self.fit.settings.shortlist
        field = among(self.fit.ratings, self.floors)
        return None if rule is None else select(self.score, self.ranks, rule, among=field)


def standing_of(fit: Fit, *, carried: Carried | None = None) -> RankedFit:
    """Rank the proposals of a fit by the rules in its settings.

    Parameters
    ----------
    fit : Fit
    carried : Carried, optional
        Scores of an earlier round that count.
    """
    score = fit.calibrated if carried is None else carried.combine(fit.calibrated)
    floors = calibrated_floors(fit)
    n_draws, low, high, p_shortlist = _uncertainty(fit, carried, floors)
    disagreement = disagreement_of(fit)
    keys = tie_break_keys(
        fit,
        criterion_mean=among(fit.ratings).criterion_mean,
        disagreement=disagreement,
        p_shortlist=p_shortlist,
        n_draws=n_draws,
    )
    return RankedFit(
        fit=fit,
        carried=carried,
        score=score,
        ranks=rank(score, tie_breaks=list(keys.values())),
        deciding=decided_by(score, keys),
        n_draws=n_draws,
        low=low,
        high=high,
        p_shortlist=p_shortlist,
        disagreement=disagreement,
        floors=floors,
    )


def among(ratings: Ratings, floors: CalibratedFloors | None = None) -> Field:
    """Return the attributes of proposals that a shortlist rule needs, besides scores."""
    given = ~np.isnan(ratings.score)
    means = {}
    for code, name in enumerate(ratings.criteria):
        given_here = given[:, code]
        of = ratings.proposal[given_here]
        count = np.bincount(of, minlength=ratings.n_proposals)
        total = np.bincount(of, weights=ratings.score[given_here, code], minlength=ratings.n_proposals)
        means[name] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Field(
        cities=ratings.cities,
        city=ratings.proposal_city,
        categories=ratings.categories,
        category=ratings.category,
        criterion_mean=means,
        criterion_score={} if floors is None else floors.scores,
    )


def _uncertainty(
    fit: Fit, carried: Carried | None, floors: CalibratedFloors | None
) -> tuple[int, Ints | None, Ints | None, Floats | None]:
    """Calculate from joint draws: count of draws, ends of the rank intervals, shortlist probabilities."""
    if fit.sample is None or (carried is not None and not carried.has_spread):
        return 0, None, None, None
    n_proposals = fit.ratings.n_proposals
    n_draws = min(fit.settings.n_draws, max(_FEWEST_DRAWS, _DRAWN // n_proposals))
    rng = np.random.default_rng(fit.settings.seed)
    rule = fit.settings.shortlist
    proposals = among(fit.ratings, floors)
    of_floors = None if floors is None else floors.generator()
    ranks = np.empty((n_draws, n_proposals), dtype=np.int32)
    times_selected = np.zeros(n_proposals)
    at_once = max(1, _AT_ONCE // n_proposals)
    for start in range(0, n_draws, at_once):
        draws = fit.draw(min(at_once, n_draws - start), rng)
        if carried is not None:
            draws = carried.combine_draws(draws, rng)
        draws = _untied(draws, rng)
        ranks[start : start + len(draws)] = rank_draws(draws)
        if rule is not None:
            passes = None
            if floors is not None and of_floors is not None:
                passes = floors.passes(len(draws), of_floors, means=proposals.criterion_mean)
            times_selected += select_draws(draws, rule, among=proposals, passes=passes).sum(axis=0)
    low, high = rank_intervals(ranks, interval=fit.settings.interval)
    return n_draws, low, high, None if rule is None else times_selected / n_draws


def _untied(draws: Floats, rng: np.random.Generator) -> Floats:
    """Break exact ties by chance: otherwise rounding or the order of names would decide them in every draw."""
    scored = np.sort(draws[0][~np.isnan(draws[0])])
    range_ = max(float(np.abs(scored).max(initial=0.0)), 1e-300)
    if len(scored) > 1 and float(np.diff(scored).min()) < 1e-9 * range_:
        draws = draws + rng.standard_normal(draws.shape) * (1e-8 * range_)
    return draws


def disagreement_of(fit: Fit) -> Floats:
    """Return the standard deviation of a proposal's totals, severities subtracted; NaN with fewer than two sheets."""
    ratings = fit.ratings
    total = ratings.total
    if fit.severity is not None:
        total = total + np.nan_to_num(fit.severity)[ratings.judge]
    count = ratings.n_sheets_of_proposal
    mean = np.bincount(ratings.proposal, weights=total, minlength=ratings.n_proposals) / np.maximum(count, 1)
    squares = np.bincount(
        ratings.proposal, weights=(total - mean[ratings.proposal]) ** 2, minlength=ratings.n_proposals
    )
    return np.asarray(np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan))
