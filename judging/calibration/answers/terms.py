r"""The terms of every move from raw mean to calibrated score, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from judging.calibration.ratings import Floats, Ratings

SHEET_KINDS = (
    "open_criteria",
    "city_severity",
    "severity",
    "drift",
    "home_city",
    "rounding",
    "scale_use",
    "expectation",
    "consistency",
)
"""Terms that belong to one judge, in the order in which they are applied."""

PROPOSAL_KINDS = ("middle", "shrinkage")
"""Terms that belong to the proposal as a whole; `criterion`, one for each criterion, comes before them."""

KINDS = (*SHEET_KINDS, "criterion", *PROPOSAL_KINDS)


@dataclass(frozen=True, eq=False, kw_only=True)
class TermArrays:
    r"""The terms of all proposals; ``raw + terms.total(...)`` equals ``calibrated`` except for rounding.

    Attributes
    ----------
    of_sheet : dict of str to ndarray of shape (n_sheets,)
        By kind; rows in the ratings' order; + raises the calibrated score.
    value : dict of str to ndarray of shape (n_sheets,)
        What each amount comes from, see `judging.calibration.explanation.explanation.Term`.
    of_criterion : ndarray of shape (n_proposals, n_criteria)
    of_proposal : dict of str to ndarray of shape (n_proposals,)
    retained : ndarray of shape (n_proposals,)
        Share of the distance from the middle that remains after shrinkage; 1 for models without shrinkage.

    Notes
    -----
    A term is the change of the mean of a proposal's sheets when the parts of a model are applied one after the
    other, always in the order of ``KINDS``; no term is computed as the remainder of the others. See
    `judging.calibration.answers.linear_form` for what each kind means.
    """

    of_sheet: dict[str, Floats] = field(default_factory=dict)
    value: dict[str, Floats] = field(default_factory=dict)
    of_criterion: Floats
    of_proposal: dict[str, Floats] = field(default_factory=dict)
    retained: Floats

    def put(self, kind: str, amount: Floats, value: Floats) -> None:
        """Set a term that belongs to judges: ``amount`` and ``value`` of shape (n_sheets,)."""
        self.of_sheet[kind], self.value[kind] = amount, value

    def put_severity(self, ratings: Ratings, severity: Floats) -> None:
        """Set every judge's severity, of shape (n_judges,), as the mean of the judge's city and the rest."""
        share = equal_shares(ratings)
        of_city = city_part(ratings, severity)
        if of_city.any():
            self.put("city_severity", of_city[ratings.judge] * share, of_city[ratings.judge])
        own = severity - of_city
        self.put("severity", own[ratings.judge] * share, own[ratings.judge])

    def total(self, ratings: Ratings) -> Floats:
        """Sum all terms of each proposal, of shape (n_proposals,)."""
        whole = self.of_criterion.sum(axis=1)
        for amounts in self.of_proposal.values():
            whole = whole + amounts
        for amounts in self.of_sheet.values():
            whole = whole + sum_by_proposal(ratings, amounts)
        return np.asarray(whole)


def no_terms(ratings: Ratings) -> TermArrays:
    """No term yet: every calibrated score is the raw mean."""
    return TermArrays(
        of_criterion=np.zeros((ratings.n_proposals, ratings.n_criteria)), retained=np.ones(ratings.n_proposals)
    )


def equal_shares(ratings: Ratings) -> Floats:
    """Share of each sheet in its proposal's raw mean, of shape (n_sheets,)."""
    return np.asarray(1.0 / ratings.n_sheets_of_proposal[ratings.proposal])


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


def sum_by_proposal(ratings: Ratings, amounts: Floats) -> Floats:
    """Sum amounts of sheets by proposal, of shape (n_proposals,)."""
    return np.asarray(np.bincount(ratings.proposal, weights=amounts, minlength=ratings.n_proposals), dtype=np.float64)
