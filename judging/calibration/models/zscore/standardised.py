"""Judges' means and spreads, and the expected totals of single sheets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.answers.predicted_totals import PredictedTotals, predict_next
from judging.calibration.answers.sheet_weights import open_criteria_correction
from judging.calibration.answers.terms import TermArrays, equal_shares, no_terms
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False, kw_only=True)
class Standardised:
    """The totals of one set of ratings, standardised by judge.

    Attributes
    ----------
    ratings : Ratings
    judge_mean, judge_spread : ndarray of shape (n_judges,)
        In points; the judge's totals are divided by the spread.
    grand_spread : float
        Standard deviation of all totals.
    mean_z : ndarray of shape (n_proposals,)
        Mean of the z-scores of each proposal.
    criterion_mean : ndarray of shape (n_criteria,)
    """

    ratings: Ratings
    judge_mean: Floats
    judge_spread: Floats
    grand_spread: float
    mean_z: Floats
    criterion_mean: Floats

    def expected_totals(self) -> Floats:
        """Total that each judge is expected to give each proposal, of shape (n_sheets,)."""
        judge, proposal = self.ratings.judge, self.ratings.proposal
        return np.asarray(self.judge_mean[judge] + self.judge_spread[judge] * self.mean_z[proposal])

    def predict(self, sheets: Ratings) -> PredictedTotals:
        """Predict totals on the scale of their judges; see `Answers` for ``sheets``."""
        ratings = self.ratings
        z = (ratings.total - self.judge_mean[ratings.judge]) / self._divisor[ratings.judge]
        next_z = predict_next(z, ratings.proposal, ratings.n_proposals, of_groups=sheets.proposal)
        spread = self._divisor[sheets.judge]
        error_of_mean = spread**2 / ratings.n_sheets_of_judge[sheets.judge]
        correction = open_criteria_correction(sheets, ratings.criteria, self.criterion_mean)
        return PredictedTotals(
            mean=self.judge_mean[sheets.judge] + spread * next_z.mean + correction,
            variance=spread**2 * next_z.variance + error_of_mean,
        )

    def terms(self) -> TermArrays:
        """Split every move into severity, scale use, and the mean of all totals against that of the judges' means."""
        ratings = self.ratings
        terms = no_terms(ratings)
        active = ratings.n_sheets_of_judge > 0
        middle = float(self.judge_mean[active].mean())
        terms.put_severity(ratings, np.where(active, middle - self.judge_mean, 0.0))
        away = ratings.total - self.judge_mean[ratings.judge]
        factor = (self.grand_spread / self._divisor)[ratings.judge]
        terms.put("scale_use", away * (factor - 1.0) * equal_shares(ratings), 1.0 / np.maximum(factor, 1e-300))
        terms.of_proposal["middle"] = np.full(ratings.n_proposals, float(ratings.total.mean()) - middle)
        return terms

    @property
    def _divisor(self) -> Floats:
        return np.where(self.judge_spread > 0, self.judge_spread, 1.0)
