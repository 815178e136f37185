"""Statistics of a round that a true model makes small, the same on real and on simulated scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.drift import DriftDesign
from judging.calibration.independence import FEWEST_SHARED, Independence, find_independence
from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Floats, Ints, Ratings

_FEWEST_OF_A_JUDGE = 5
_NOTHING = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class RoundStatistics:
    """Statistics of one round.

    Attributes
    ----------
    largest : dict of str to float
        By check; NaN where there is nothing to test.
    who : dict of str to int
        Code of the judge with that value.
    independence : Independence
    log_spread : ndarray of shape (n_judges, n_criteria)
        Logarithm of the standard deviation of a judge's scores on a criterion; NaN with fewer than five.
    """

    largest: dict[str, float]
    who: dict[str, int]
    independence: Independence
    log_spread: Floats


def statistics_of(ratings: Ratings, two_way: TwoWay, trends: DriftDesign) -> RoundStatistics:
    """Calculate all statistics that need no other simulated round.

    Parameters
    ----------
    ratings : Ratings
    two_way : TwoWay
    trends : DriftDesign
        Both of the same design.
    """
    independence = find_independence(ratings, two_way)
    largest = dict.fromkeys(("agreeing_pairs", "against_panel", "drift", "far_out"), np.nan)
    who = dict.fromkeys(largest, -1)
    if independence.pairs:
        largest["agreeing_pairs"] = -np.log10(max(independence.pairs[0].p, 1e-300))
        who["agreeing_pairs"] = independence.pairs[0].first
    against = independence.against_panel
    if not np.isnan(against).all():
        who["against_panel"] = int(np.nanargmin(against))
        largest["against_panel"] = float(-np.log10(max(float(np.nanmin(against)), 1e-300)))
    drift = trends.find(ratings.total)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(drift.estimate) / drift.standard_error
    if np.isfinite(z).any():
        z = np.where(np.isfinite(z), z, -1.0)
        who["drift"], largest["drift"] = int(np.argmax(z)), float(z.max())
    away = _standardised(ratings, two_way)
    if away.size and not np.isnan(away).all():
        sheet = int(np.nanargmax(np.nanmax(np.where(np.isnan(away), -1.0, away), axis=1)))
        who["far_out"], largest["far_out"] = int(ratings.judge[sheet]), float(np.nanmax(away))
    return RoundStatistics(largest=largest, who=who, independence=independence, log_spread=_log_spread(ratings))


def _standardised(ratings: Ratings, two_way: TwoWay) -> Floats:
    """Distance of every mark from what its proposal and judge lead to expect, in robust standard deviations."""
    quality, severity = two_way.solve(ratings.total)
    away = ratings.score - (quality[ratings.proposal] - severity[ratings.judge])[:, None]
    used = ~np.isnan(away).all(axis=0)
    out = np.full(away.shape, np.nan)
    for criterion in np.flatnonzero(used):
        values = away[:, criterion] - np.nanmedian(away[:, criterion])
        spread = 1.4826 * float(np.nanmedian(np.abs(values)))
        # Where most residuals are zero, a step of the scale is the smallest distance that says something.
        step = ratings.step[criterion]
        spread = max(spread, 0.3 * float(step) if step > 0 else 0.0)
        if spread > _NOTHING:
            out[:, criterion] = np.abs(values) / spread
    return out


def _log_spread(ratings: Ratings) -> Floats:
    J = ratings.n_judges
    out = np.full((J, ratings.n_criteria), np.nan)
    for criterion in range(ratings.n_criteria):
        given = ~np.isnan(ratings.score[:, criterion])
        judge, score = ratings.judge[given], ratings.score[given, criterion]
        n = np.bincount(judge, minlength=J)
        mean = np.bincount(judge, weights=score, minlength=J) / np.maximum(n, 1)
        square = np.bincount(judge, weights=(score - mean[judge]) ** 2, minlength=J) / np.maximum(n - 1, 1)
        enough = n >= _FEWEST_OF_A_JUDGE
        floor = np.where(ratings.step[criterion] > 0, 0.1 * ratings.step[criterion], _NOTHING)
        out[enough, criterion] = np.log(np.sqrt(square[enough]) + floor)
    return out


def unequal_work(ratings: Ratings, two_way: TwoWay, total: Floats) -> tuple[float, float]:
    """Share of the variance of quality that lies between the judges' piles, and its correlation with severity.

    Both by least squares, over sheets.
    """
    quality, severity = two_way.solve(total)
    of_sheet = quality[ratings.proposal] - quality[ratings.proposal].mean()
    n = np.maximum(np.bincount(ratings.judge, minlength=ratings.n_judges), 1)
    of_pile = np.bincount(ratings.judge, weights=of_sheet, minlength=ratings.n_judges) / n
    whole = float((of_sheet**2).mean())
    strict = severity[ratings.judge] - severity[ratings.judge].mean()
    size = float(np.sqrt(whole * (strict**2).mean()))
    share = float((of_pile[ratings.judge] ** 2).mean()) / whole if whole > _NOTHING else 0.0
    return share, float((of_sheet * strict).mean()) / size if size > _NOTHING else 0.0


def sole_links(ratings: Ratings) -> list[tuple[int, Ints]]:
    """Judges without whom the others fall apart, each with the judges of the smallest part that would be cut off."""
    active = np.flatnonzero(ratings.n_sheets_of_judge > 0)
    together: list[set[int]] = [set() for _ in range(ratings.n_judges)]
    start = np.cumsum(ratings.n_sheets_of_proposal) - ratings.n_sheets_of_proposal
    for first, n in zip(start.tolist(), ratings.n_sheets_of_proposal.tolist(), strict=True):
        judges = set(ratings.judge[first : first + n].tolist())
        for code in judges:
            together[code] |= judges
    whole = len(_parts(active.tolist(), together, without=-1))
    links = []
    for code in active.tolist():
        parts = _parts([other for other in active.tolist() if other != code], together, without=code)
        if len(parts) > whole:
            smallest = min(parts, key=lambda part: (len(part), part))
            if len(smallest) > 1 or len(active) <= FEWEST_SHARED:
                links.append((code, np.array(smallest, dtype=np.int64)))
    return links


def _parts(judges: list[int], together: list[set[int]], *, without: int) -> list[list[int]]:
    """Split judges into parts that share no proposal with each other, one judge left out."""
    left, parts = set(judges), []
    while left:
        part, border = set(), {min(left)}
        while border:
            part |= border
            border = set().union(*(together[code] for code in border)) - part - {without}
        left -= part
        parts.append(sorted(part))
    return parts
