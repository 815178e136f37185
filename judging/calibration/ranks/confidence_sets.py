"""Confidence sets of ranks, for each proposal alone or simultaneous for all proposals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judging.calibration.estimates import Fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ranks.rank_sets import RankSets, may_be_among_first, rank_sets
from judging.calibration.ratings import Bools
from judging.calibration.report.proposals import ProposalRankSets, RankRange
from judging.calibration.report.shortlist import SimultaneousSets
from judging.calibration.values import template
from judging.errors import Message

N_DRAWS = 1000


@dataclass(frozen=True, eq=False, kw_only=True)
class FitSets:
    """Both kinds of sets for a fit's proposals; 0, not NaN, for those nobody scored.

    ``among_first`` is None without a size.
    """

    fit: Fit
    alone: RankSets
    together: RankSets
    size: int | None
    among_first: Bools | None
    n_draws: int

    def of_proposal(self, code: int) -> ProposalRankSets:
        """Return both sets of one proposal, as part of a report."""
        return ProposalRankSets(alone=_range(self.alone, code), simultaneous=_range(self.together, code))

    def result(self) -> SimultaneousSets:
        """Return the values that belong to all proposals together, as part of a report."""
        names = self.fit.ratings.proposals
        texts = self.sentences()
        return SimultaneousSets(
            level=self.alone.level,
            n_draws=self.n_draws,
            size=self.size,
            may_be_among_first=None
            if self.among_first is None
            else tuple(names[code] for code in np.flatnonzero(self.among_first).tolist()),
            sentences=tuple(str(text) for text in texts),
            sentence_templates=tuple(template(text) for text in texts),
        )

    def sentences(self) -> list[Message]:
        """Return the sentences that explain the two kinds of sets."""
        percent = f"{100 * self.alone.level:g}"
        texts = [
            Message(
                "Rank intervals and sets that hold alone: of each proposal taken by itself the true rank lies within "
                "with {percent} % confidence; of all proposals at once, some lie outside.",
                percent=percent,
            ),
            Message(
                "Simultaneous sets: with {percent} % confidence the true ranks of all proposals lie within, at once.",
                percent=percent,
            ),
        ]
        if self.among_first is not None:
            texts.append(
                Message(
                    "With {percent} % confidence the true first {size} are all among these {n} proposals.",
                    percent=percent,
                    size=self.size,
                    n=int(self.among_first.sum()),
                )
            )
        return texts


def _range(sets: RankSets, code: int) -> RankRange:
    return RankRange(low=int(sets.low[code]) or None, high=int(sets.high[code]) or None)


def sets_of(
    fit: Fit, *, size: int | None = None, carried: Carried | None = None, n_draws: int = N_DRAWS
) -> FitSets | None:
    """Find both kinds of sets for a fit, at the probability of its intervals.

    Parameters
    ----------
    fit : Fit
    size : int, optional
        Number of first places; the size of the shortlist when left out.
    carried : Carried, optional
        Scores of an earlier round that count.
    n_draws : int

    Returns
    -------
    sets : FitSets or None
        None where the model gives no spread.

    Notes
    -----
    The errors are the fit's own joint draws. For shrunken scores they are draws from the posterior, and the confidence
    is valid under the model: if the true qualities are distributed as it assumes.
    """
    if fit.sample is None or (carried is not None and not carried.has_spread):
        return None
    n = fit.ratings.n_proposals
    rng = np.random.default_rng(fit.settings.seed)
    score, draws = fit.calibrated, fit.draw(n_draws, rng)
    if carried is not None:
        score, draws = carried.combine(score), carried.combine_draws(draws, rng)
    ranked = np.flatnonzero(~np.isnan(score))
    estimate = score[ranked]
    errors = draws[:, ranked] - estimate
    level = fit.settings.interval
    both = []
    for simultaneous in (False, True):
        sets = rank_sets(estimate, errors, level=level, simultaneous=simultaneous)
        low, high = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        low[ranked], high[ranked] = sets.low, sets.high
        both.append(RankSets(low=low, high=high, level=level, simultaneous=simultaneous))
    if size is None and fit.settings.shortlist is not None:
        size = fit.settings.shortlist.size
    among_first: NDArray[np.bool_] | None = None
    if size is not None:
        among_first = np.zeros(n, dtype=bool)
        among_first[ranked] = may_be_among_first(estimate, errors, size=size, level=level)
    return FitSets(fit=fit, alone=both[0], together=both[1], size=size, among_first=among_first, n_draws=n_draws)
