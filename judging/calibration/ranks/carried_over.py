"""Scores of an earlier round that count in this one, with the weight that the rules give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.shortlist import CarriedSource


@dataclass(frozen=True, eq=False, kw_only=True)
class Carried:
    r"""Calibrated scores of an earlier round, and their weight.

    With weight :math:`w` the combined score is :math:`w\,e + (1 - w)\,q` for the earlier score :math:`e` and this
    round's :math:`q`. The rounds have their own judges, so their errors are independent, and the combined standard
    error is :math:`\sqrt{w^2 s_e^2 + (1 - w)^2 s_q^2}`.

    Attributes
    ----------
    round : str
        Key of the earlier round.
    run : int
        Number of its released run.
    result_digest : str
        Of that run.
    weight : float
        Share of the earlier score, in percent.
    score, standard_error : ndarray of shape (n_proposals,)
        On 0..100, in the order of this round's proposals; NaN for those without an earlier score.
    """

    round: str
    run: int
    result_digest: str
    weight: float
    score: Floats
    standard_error: Floats

    @classmethod
    def of(
        cls,
        rows: Sequence[ProposalResult],
        *,
        proposals: Sequence[str],
        round_key: str,
        run: int,
        result_digest: str,
        weight: float,
    ) -> Carried:
        """Select from a report the scores of the named proposals."""
        by_key = {row.proposal: row for row in rows}
        earlier = [by_key.get(key, ProposalResult(proposal=key)) for key in proposals]
        # If the earlier round itself counted scores of a round before it, its combined scores are used.
        return cls(
            round=round_key,
            run=run,
            result_digest=result_digest,
            weight=weight,
            score=_column(_first(row.combined, row.calibrated) for row in earlier),
            standard_error=_column(_first(row.combined_standard_error, row.standard_error) for row in earlier),
        )

    @property
    def share(self) -> float:
        """Weight as a share of one."""
        return self.weight / 100.0

    @property
    def has_spread(self) -> bool:
        """Whether every earlier score comes with a standard error."""
        return not bool(np.isnan(self.standard_error[~np.isnan(self.score)]).any())

    def combine(self, calibrated: Floats) -> Floats:
        """Return combined scores, NaN where either round has none.

        Examples
        --------
        >>> earlier = Carried(round="first", run=1, result_digest="", weight=25.0,
        ...                   score=np.array([80.0]), standard_error=np.array([3.0]))
        >>> earlier.combine(np.array([60.0])).tolist()
        [65.0]
        >>> earlier.combine_errors(np.array([1.0])).round(4).tolist()
        [1.0607]
        """
        return np.asarray(self.share * self.score + (1.0 - self.share) * calibrated)

    def combine_errors(self, standard_error: Floats) -> Floats:
        """Return standard errors of the combined scores."""
        return np.asarray(np.hypot(self.share * self.standard_error, (1.0 - self.share) * standard_error))

    def combine_draws(self, draws: Floats, rng: np.random.Generator) -> Floats:
        """Return joint draws of the combined scores from those of this round, of shape (n_draws, n_proposals)."""
        earlier = self.score + self.standard_error * rng.standard_normal(draws.shape)
        return np.asarray(self.share * earlier + (1.0 - self.share) * draws)

    def source(self) -> CarriedSource:
        """Return where the earlier scores come from, as part of a report."""
        return CarriedSource(round=self.round, run=self.run, result_digest=self.result_digest, weight=self.weight)


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _column(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
