"""Scores summed by pair of judge and proposal and by criterion: sufficient for `blocks`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from judging.calibration.models.mixed.complete_sheets import Extra
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.errors import CalibrationError, Message

_LARGEST = 12_000
_BLOCK = 2_000_000


class Pairs:
    """Scores summed by pair of judge and proposal and by criterion.

    Attributes
    ----------
    count, mean : ndarray of shape (n_pairs, n_criteria)
        Scores of a cell, and their mean less the criterion's mean (0 where there is none).
    within : float
        Sum of squares of the scores about the means of their cells.
    design : ndarray of shape (n_pairs, n_criteria, n_fixed)
        Criterion indicators, then the extra effects; 0 in cells without scores.
    """

    def __init__(self, ratings: Ratings, extra: Extra) -> None:
        n_criteria = ratings.n_criteria
        key = ratings.proposal * ratings.n_judges + ratings.judge
        pair_key, first, pair = np.unique(key, return_index=True, return_inverse=True)
        n_pairs = len(pair_key)
        given = ~np.isnan(ratings.score)
        self.centre = np.nanmean(ratings.score, axis=0)
        score = np.where(given, ratings.score - self.centre, 0.0)
        gather = sparse.csr_array((np.ones(len(pair)), (pair, np.arange(len(pair)))), shape=(n_pairs, len(pair)))
        self.count = np.asarray(gather @ given.astype(np.float64))
        self.mean = np.asarray(gather @ score) / np.maximum(self.count, 1.0)
        self.within = float((np.where(given, score - self.mean[pair], 0.0) ** 2).sum())
        self.n = int(given.sum())
        given_cell = self.count > 0
        indicators = np.broadcast_to(np.eye(n_criteria), (n_pairs, n_criteria, n_criteria))
        extras = np.broadcast_to(extra.sheets[first][:, None, :], (n_pairs, n_criteria, extra.sheets.shape[1]))
        self.design = np.concatenate([indicators, extras], axis=2) * given_cell[:, :, None]
        self.proposals_are_eliminated = ratings.n_proposals >= ratings.n_judges
        proposal, judge = pair_key // ratings.n_judges, pair_key % ratings.n_judges
        eliminated, retained = (proposal, judge) if self.proposals_are_eliminated else (judge, proposal)
        n_eliminated, n_retained = (
            (ratings.n_proposals, ratings.n_judges)
            if self.proposals_are_eliminated
            else (ratings.n_judges, ratings.n_proposals)
        )
        if n_retained * n_criteria > _LARGEST:
            raise CalibrationError(
                Message(
                    "Scoresheets with open criteria can be calibrated by `mixed` up to {limit} judges times criteria; "
                    "here are {n}. Complete the sheets, or choose the model `additive`.",
                    limit=_LARGEST,
                    n=n_retained * n_criteria,
                )
            )
        self.eliminated, self.retained, self.n_eliminated, self.n_retained = (
            eliminated,
            retained,
            n_eliminated,
            n_retained,
        )
        ones, rows = np.ones(n_pairs), np.arange(n_pairs)
        self._sum_eliminated = sparse.csr_array((ones, (eliminated, rows)), shape=(n_eliminated, n_pairs))
        self._sum_retained = sparse.csr_array((ones, (retained, rows)), shape=(n_retained, n_pairs))
        self._groups = self._group()

    @property
    def n_criteria(self) -> int:
        """Count of criteria."""
        return int(self.count.shape[1])

    def by_eliminated(self, values: Floats) -> Floats:
        """Sum over the pairs of each eliminated level; the other axes stay."""
        return sum_by(self._sum_eliminated, values)

    def by_retained(self, values: Floats) -> Floats:
        """Sum over the pairs of each retained level; the other axes stay."""
        return sum_by(self._sum_retained, values)

    def groups(self) -> Iterator[tuple[Ints, Ints]]:
        """Yield eliminated levels with equally many pairs, in bounded portions: levels (m,), their pairs (m, d)."""
        for levels, pairs in self._groups:
            portion = max(1, _BLOCK // (pairs.shape[1] * self.n_criteria) ** 2)
            for start in range(0, len(levels), portion):
                yield levels[start : start + portion], pairs[start : start + portion]

    def _group(self) -> list[tuple[Ints, Ints]]:
        order = np.argsort(self.eliminated, kind="stable")
        n_pairs_of = np.bincount(self.eliminated, minlength=self.n_eliminated)
        start = np.cumsum(n_pairs_of) - n_pairs_of
        groups = []
        for size in np.unique(n_pairs_of[n_pairs_of > 0]):
            levels = np.flatnonzero(n_pairs_of == size)
            groups.append((levels, order[start[levels][:, None] + np.arange(size)]))
        return groups


def sum_by(gather: sparse.csr_array, values: Floats) -> Floats:
    """Sum rows of values of any further shape by level."""
    return np.asarray(gather @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])
