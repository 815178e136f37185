"""The values of a method that is not ours, compared with the ranking of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judging.calibration.sensitivity.comparison import agreement
from judging.ranking import rank


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOutcome:
    """Ranks by the other method, and how far it agrees.

    Attributes
    ----------
    ranks : mapping of proposal to rank
        From 1; equal values share a rank. Only of proposals with a value.
    tau : float or None
        Kendall's tau-b of its order with that of the run, over the proposals that have both; None for fewer than two,
        and where either is all ties.
    n_compared : int
        Number of these proposals.
    n_same_seats : int or None
        How many of the proposals that the run selects are among its first ``size``, by the plain order without quotas;
        None without a selection.
    """

    ranks: Mapping[str, int]
    tau: float | None
    n_compared: int
    n_same_seats: int | None


def compare_outside(
    values: Mapping[str, float],
    *,
    lower_is_better: bool,
    run_ranks: Mapping[str, int],
    selected: Sequence[str] | None,
    among: Collection[str],
) -> OutsideOutcome:
    """Rank the values of another method, and compare them with a run.

    Parameters
    ----------
    values : mapping of proposal to value
    lower_is_better : bool
    run_ranks : mapping of proposal to rank from 1
        Without proposals that have no rank.
    selected : sequence of str or None
        The proposals that the run selects; None without a rule.
    among : collection of str
        The proposals that are ranked: those that take part and that the reader may see.

    Examples
    --------
    >>> values, run_ranks = {"A": 1.0, "B": 3.0, "C": 2.0}, {"A": 1, "B": 2, "C": 3}
    >>> outcome = compare_outside(
    ...     values, lower_is_better=True, run_ranks=run_ranks, selected=["A", "B"], among=["A", "B", "C"]
    ... )
    >>> dict(outcome.ranks), round(outcome.tau, 3), outcome.n_same_seats
    ({'A': 1, 'B': 3, 'C': 2}, 0.333, 1)
    """
    keys = [key for key in values if key in among]
    better = np.array([-values[key] if lower_is_better else values[key] for key in keys], dtype=np.float64)
    ranks = dict(zip(keys, rank(better, tolerance=0.0).tolist(), strict=True)) if keys else {}
    both = [key for key in keys if key in run_ranks]
    # Ranks, not values: 1 is best on both sides.
    found = agreement(np.array([ranks[key] for key in both], float), np.array([run_ranks[key] for key in both], float))
    tau = None if np.isnan(found) else found
    seats = None
    if selected is not None:
        seats = sum(ranks.get(key, len(ranks) + 1) <= len(selected) for key in selected)
    return OutsideOutcome(ranks=ranks, tau=tau, n_compared=len(both), n_same_seats=seats)
