r"""Which sheets are readings of their own: repeated sheets, judges who agree too well, judges against the panel.

The models take the residuals of two sheets as independent, and every judge as somebody who gives more marks to better
work. Here both are tested on the totals, before any model is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtr, ndtr

from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Bools, Floats, Ints, Ratings

FEWEST_SHARED = 5
"""Proposals that two judges, or a judge and the panel, must share to be tested."""

SIGNIFICANT = 0.02
"""Probability that a round without dependent judges has a pair that is treated as one reading."""

_MOST_PAIRS = 2_000_000
_PRIOR_SHEETS = 6.0
"""Differences of average size that count as seen beforehand, for every judge's residual variance."""

_CLEARLY_NEGATIVE, _UNLIKE_THE_PANEL = 0.05, 0.01

_FAR_OUT = 4.0
"""Robust standard deviations at which residuals are cut: one wrong digit must not make all others agree too well."""


@dataclass(frozen=True, kw_only=True)
class AgreeingPair:
    """Two judges and their agreement on the proposals that both scored.

    Attributes
    ----------
    first, second : int
        Codes of the judges, the smaller first.
    n_shared : int
    ratio : float
        Mean square of the differences of their residuals over its expectation; 1 for independent judges.
    p : float
        Probability of a ratio as small, for any of the pairs tested (Bonferroni).
    """

    first: int
    second: int
    n_shared: int
    ratio: float
    p: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Independence:
    """What is not independent in a round.

    Attributes
    ----------
    share : ndarray of shape (n_sheets,)
        Share of one reading that each sheet counts as; 1 where it is independent of all others.
    sign : ndarray of shape (n_judges,)
        -1 for judges against the panel, 1 for all others.
    pairs : tuple of AgreeingPair
        Every pair tested, the closest agreement first.
    with_panel : ndarray of shape (n_judges,)
        Correlation of each judge's totals with those of the other judges of the same proposals, severities removed;
        NaN with fewer than ``FEWEST_SHARED`` proposals.
    against_panel : ndarray of shape (n_judges,)
        Probability of a correlation as low for a judge like the others, for any of the judges; NaN where not tested.
    """

    share: Floats
    sign: Floats
    pairs: tuple[AgreeingPair, ...]
    with_panel: Floats
    against_panel: Floats

    @property
    def dependent_pairs(self) -> tuple[AgreeingPair, ...]:
        """Pairs whose sheets on the same proposal count as one reading."""
        return tuple(pair for pair in self.pairs if pair.p < SIGNIFICANT)


@dataclass(frozen=True, eq=False)
class _Readings:
    """Mean total of each judge for each proposal, one row a pair, sorted by proposal and judge."""

    proposal: Ints
    judge: Ints
    total: Floats
    of_sheet: Ints
    n_sheets: Ints


def find_independence(ratings: Ratings, two_way: TwoWay | None = None) -> Independence:
    """Test every judge against the panel, and every pair of judges against what two judges differ by.

    Parameters
    ----------
    ratings : Ratings
    two_way : TwoWay, optional
        Of the same design, where many rounds of one design are tested.

    Returns
    -------
    independence : Independence

    Notes
    -----
    Residuals are those of two-way least squares. Every judge has a residual variance, estimated from the squared
    differences to all judges but the partner tested, with ``_PRIOR_SHEETS`` differences of average size added; the
    ratio of a pair then is nearly distributed as F. A pair below ``SIGNIFICANT`` counts as one reading where both
    scored; sheets that repeat a judge and proposal count as one reading too.
    """
    readings = _readings(ratings)
    design = TwoWay(ratings) if two_way is None else two_way
    share = 1.0 / readings.n_sheets[readings.of_sheet]
    sign, with_panel, against = _signs(ratings, readings, design)
    residual = _residuals(ratings, readings, sign, design)
    pairs = _pairs(ratings, readings, residual)
    dependent = [pair for pair in pairs if pair.p < SIGNIFICANT]
    if dependent:
        partners = np.zeros(len(readings.proposal))
        by_place = {place: row for row, place in enumerate(zip(*_places(readings), strict=True))}
        for pair in dependent:
            for proposal in readings.proposal[readings.judge == pair.first].tolist():
                other = by_place.get((proposal, pair.second))
                if other is not None:
                    partners[[by_place[proposal, pair.first], other]] += 1.0
        share = share / (1.0 + partners[readings.of_sheet])
    return Independence(share=share, sign=sign, pairs=pairs, with_panel=with_panel, against_panel=against)


def _places(readings: _Readings) -> tuple[list[int], list[int]]:
    return readings.proposal.tolist(), readings.judge.tolist()


def _readings(ratings: Ratings) -> _Readings:
    key = ratings.proposal * max(ratings.n_judges, 1) + ratings.judge
    place, of_sheet, n_sheets = np.unique(key, return_inverse=True, return_counts=True)
    total = np.bincount(of_sheet, weights=ratings.total) / n_sheets
    return _Readings(place // max(ratings.n_judges, 1), place % max(ratings.n_judges, 1), total, of_sheet, n_sheets)


def _signs(ratings: Ratings, readings: _Readings, two_way: TwoWay) -> tuple[Floats, Floats, Floats]:
    """Find judges whose totals fall where those of the others rise."""
    J, I = ratings.n_judges, ratings.n_proposals  # noqa: E741 - as on the method page
    correlation = np.full(J, np.nan)
    p = np.full(J, np.nan)
    sign = np.ones(J)
    _, severity = two_way.solve(ratings.total)
    value = readings.total + severity[readings.judge]
    count = np.bincount(readings.proposal, minlength=I)
    summed = np.bincount(readings.proposal, weights=value, minlength=I)
    seen = count[readings.proposal] > 1
    judge, own = readings.judge[seen], readings.total[seen]
    others = (summed[readings.proposal] - value)[seen] / (count[readings.proposal][seen] - 1)
    n = np.bincount(judge, minlength=J)
    enough = n >= FEWEST_SHARED

    def centred(values: Floats) -> Floats:
        mean = np.bincount(judge, weights=values, minlength=J) / np.maximum(n, 1)
        return np.asarray(values - mean[judge])

    x, y = centred(own), centred(others)
    xx, yy, xy = (np.bincount(judge, weights=product, minlength=J) for product in (x * x, y * y, x * y))
    tested = enough & (xx > 1e-12 * max(float(xx.max(initial=0.0)), 1e-300)) & (yy > 0)
    correlation[tested] = np.clip(xy[tested] / np.sqrt(xx[tested] * yy[tested]), -0.999, 0.999)
    n_tested = int(tested.sum())
    if n_tested < 3:
        return sign, correlation, p
    z, spread = np.arctanh(correlation), 1.0 / np.sqrt(np.maximum(n - 3.0, 1.0))
    usual = float(np.median(z[tested]))
    unlike = ndtr((z - usual) / (spread * np.sqrt(1.0 + 1.0 / n_tested)))
    p[tested] = np.minimum(unlike[tested] * n_tested, 1.0)
    against = tested & (p < _UNLIKE_THE_PANEL) & (ndtr(z / spread) < _CLEARLY_NEGATIVE)
    if against.sum() * 3 <= n_tested:
        sign[against] = -1.0
    return sign, correlation, p


def _residuals(ratings: Ratings, readings: _Readings, sign: Floats, two_way: TwoWay) -> Floats:
    """Residuals of two-way least squares, with the totals of judges against the panel turned round."""
    turned = np.asarray(ratings.total * sign[ratings.judge])
    for _ in range(2):
        quality, severity = two_way.solve(turned)
        expected = quality[ratings.proposal] - severity[ratings.judge]
        away = turned - expected
        reach = _FAR_OUT * 1.4826 * float(np.median(np.abs(away)))
        if reach > 0:
            turned = expected + np.clip(away, -reach, reach)
    quality, severity = two_way.solve(turned)
    summed = np.bincount(readings.of_sheet, weights=turned) / readings.n_sheets
    return np.asarray(summed - quality[readings.proposal] + severity[readings.judge])


def _pairs(ratings: Ratings, readings: _Readings, residual: Floats) -> tuple[AgreeingPair, ...]:
    first, second, difference = _differences(readings, residual)
    square = difference**2
    if not len(square) or not square.sum() > 0:
        return ()
    J = ratings.n_judges
    usual = float(square.mean()) / 2.0
    variance = _variances(first, second, square, J, usual)
    pair, at, n_shared = np.unique(first * J + second, return_inverse=True, return_counts=True)
    mean_square = _around_mean(difference, at) / np.maximum(n_shared - 1, 1)
    tested = np.flatnonzero(n_shared >= FEWEST_SHARED)
    n_of_judge = np.bincount(first, minlength=J) + np.bincount(second, minlength=J)
    found = []
    for code in tested.tolist():
        j, k, n = int(pair[code] // J), int(pair[code] % J), int(n_shared[code])
        expected = variance[j] + variance[k]
        ratio = float(mean_square[code] / expected)
        free = 2.0 * _PRIOR_SHEETS + (n_of_judge[j] + n_of_judge[k] - 2 * n) / 3.0
        # The pair's own differences lower what is expected of it; without them the ratio is smaller still.
        if float(fdtr(n - 1, free, ratio)) * len(tested) < 1.0:
            others = at != code
            touched = others & ((first == j) | (first == k) | (second == j) | (second == k))
            of_j, of_k = _own_variances((j, k), first[touched], second[touched], square[touched], variance, usual)
            ratio = float(mean_square[code] / (of_j + of_k))
        p = min(1.0, float(fdtr(n - 1, free, ratio)) * len(tested))
        found.append(AgreeingPair(first=j, second=k, n_shared=n, ratio=ratio, p=p))
    return tuple(sorted(found, key=lambda pair: (pair.p, pair.ratio, pair.first, pair.second)))


def _differences(readings: _Readings, residual: Floats) -> tuple[Ints, Ints, Floats]:
    """Differences of the residuals of any two judges of the same proposal, the first judge's less the second's."""
    count = np.bincount(readings.proposal)
    empty = np.zeros(0, dtype=np.int64)
    if int((count * (count - 1)).sum()) // 2 > _MOST_PAIRS:
        return empty, empty, np.zeros(0)
    first, second, difference = [empty], [empty], [np.zeros(0)]
    start = np.cumsum(count) - count
    for size in np.unique(count[count > 1]).tolist():
        rows = start[count == size][:, None] + np.arange(size)
        a, b = np.triu_indices(size, 1)
        first.append(readings.judge[rows[:, a]].ravel())
        second.append(readings.judge[rows[:, b]].ravel())
        difference.append((residual[rows[:, a]] - residual[rows[:, b]]).ravel())
    return np.concatenate(first), np.concatenate(second), np.concatenate(difference)


def _around_mean(difference: Floats, at: Ints) -> Floats:
    """Sum of squares of each pair's differences around their mean: judges who agree may differ by a constant."""
    n = np.bincount(at)
    mean = np.bincount(at, weights=difference) / n
    return np.asarray(np.bincount(at, weights=(difference - mean[at]) ** 2), dtype=np.float64)


def _variances(first: Ints, second: Ints, square: Floats, n_judges: int, usual: float) -> Floats:
    """Residual variance of every judge, by expectation and maximisation."""
    variance = np.full(n_judges, usual)
    n = np.bincount(first, minlength=n_judges) + np.bincount(second, minlength=n_judges)
    for _ in range(15):
        of_first, of_second = variance[first], variance[second]
        both = of_first + of_second
        rest = of_first * of_second / both
        share = square / both**2
        summed = np.bincount(first, weights=of_first**2 * share + rest, minlength=n_judges)
        summed += np.bincount(second, weights=of_second**2 * share + rest, minlength=n_judges)
        variance = (_PRIOR_SHEETS * usual + summed) / (_PRIOR_SHEETS + n)
    return variance


def _own_variances(
    judges: tuple[int, int], first: Ints, second: Ints, square: Floats, variance: Floats, usual: float
) -> tuple[float, float]:
    """Residual variances of two judges without their common proposals, all other judges' as they are."""
    found = []
    for code in judges:
        with_first: Bools = first == code
        mine = with_first | (second == code)
        other = variance[np.where(with_first, second, first)[mine]]
        seen = square[mine]
        own = usual
        for _ in range(15):
            both = own + other
            summed = float((own**2 * seen / both**2 + own * other / both).sum())
            own = (_PRIOR_SHEETS * usual + summed) / (_PRIOR_SHEETS + len(seen))
        found.append(own)
    return found[0], found[1]
