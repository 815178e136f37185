"""Proposals in a report: scores, ranks, and the explanation of each calibrated score."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationTerm:
    """One named part of a move, in the units of the ratings; see `judging.calibration.explanation.explanation.Term`.

    ``amount`` above zero raises the score.
    """

    kind: str
    judge: str | None
    criterion: str | None
    amount: float
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalExplanation:
    """The terms between the raw mean and the calibrated score; ``raw`` plus all amounts is ``calibrated``."""

    raw: float
    calibrated: float
    move: float
    n_sheets: int
    text: str
    terms: tuple[ExplanationTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRange:
    """The first and the last rank of a set; None for a proposal without a rank."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRankSets:
    """Confidence set of ranks of this proposal alone, and its set that is simultaneous for all proposals."""

    alone: RankRange
    simultaneous: RankRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalResult:
    """One proposal. Scores are in the units of the ratings; None is missing, never zero.

    Attributes
    ----------
    proposal : str
        Key.
    n_judges : int or None
        Different judges; None only where the proposal is hidden from the reader.
    raw : float or None
        Mean total.
    additive : float or None
        Least squares: only severity is subtracted.
    calibrated, standard_error : float or None
    rank, rank_low, rank_high : int or None
        Rank from 1 and the ends of its interval; None when nobody scored it.
    p_shortlist : float or None
        Probability of a place on the shortlist under the sealed rule.
    tie_band : bool or None
        Whether that probability is neither clearly low nor clearly high.
    calibrated_percent : float or None
        Calibrated score on 0..100.
    disagreement : float or None
        Standard deviation of its judges' totals, severities subtracted.
    measure, measure_error : float or None
        In the model's own unit, where it has one.
    tie_break : str or None
        The key that ordered it among equal scores, or ``people``.
    city, category : str or None
        Keys.
    carried, carried_standard_error : float or None
        Score of the earlier round that counts.
    combined, combined_standard_error : float or None
        Both rounds by their weights; ranks are made from it.
    explanation : ProposalExplanation or None
    rank_sets : ProposalRankSets or None
        Only in a report that was built with them.
    hidden : bool
        Whether its results are hidden from the reader.
    """

    proposal: str
    n_judges: int | None = None
    raw: float | None = None
    additive: float | None = None
    calibrated: float | None = None
    standard_error: float | None = None
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    p_shortlist: float | None = None
    tie_band: bool | None = None
    calibrated_percent: float | None = None
    disagreement: float | None = None
    measure: float | None = None
    measure_error: float | None = None
    tie_break: str | None = None
    city: str | None = None
    category: str | None = None
    carried: float | None = None
    carried_standard_error: float | None = None
    combined: float | None = None
    combined_standard_error: float | None = None
    explanation: ProposalExplanation | None = None
    rank_sets: ProposalRankSets | None = None
    hidden: bool = False
