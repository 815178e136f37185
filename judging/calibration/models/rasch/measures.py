"""Rasch measures in logits, and the expected scores under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.answers.logit_measures import LogitMeasures, LogitTable, Thresholds
from judging.calibration.models.rasch.categories import Cells
from judging.calibration.models.rasch.likelihood import Likelihood
from judging.calibration.models.rasch.maximum import Maximum
from judging.calibration.models.rasch.uncertainty import Uncertainty
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False)
class RaschMeasures:
    """Measures in logits with both kinds of standard errors.

    Severity and difficulty are + for harsher and harder; each sums to zero, as do the thresholds of a scale.
    """

    ratings: Ratings
    cells: Cells
    likelihood: Likelihood
    maximum: Maximum
    uncertainty: Uncertainty

    @cached_property
    def quality(self) -> Floats:
        """Of shape (n_proposals,); the mean for a proposal without an informative score."""
        has, quality = self.likelihood.has_proposal, self.maximum.point.quality
        return np.asarray(np.where(has, quality, quality[has].mean()))

    @cached_property
    def quality_error(self) -> Floats:
        """With halo, of shape (n_proposals,)."""
        has = self.likelihood.has_proposal
        return np.asarray(np.sqrt(np.where(has, self.uncertainty.quality_variance, np.var(self.quality[has]))))

    @cached_property
    def quality_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_proposals,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[0]))

    @cached_property
    def severity(self) -> Floats:
        """Of shape (n_judges,)."""
        return -self.maximum.point.other[: self.ratings.n_judges]

    @cached_property
    def severity_error(self) -> Floats:
        """With halo, of shape (n_judges,)."""
        return self._errors[: self.ratings.n_judges]

    @cached_property
    def severity_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_judges,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[1][: self.ratings.n_judges]))

    @cached_property
    def difficulty(self) -> Floats:
        """Of shape (n_criteria,)."""
        return -self.maximum.point.other[self._criteria]

    @cached_property
    def difficulty_error(self) -> Floats:
        """With halo, of shape (n_criteria,)."""
        return self._errors[self._criteria]

    @cached_property
    def difficulty_error_without_halo(self) -> Floats:
        """As Facets prints it, of shape (n_criteria,)."""
        return np.asarray(np.sqrt(self.uncertainty.own_variance[1][self._criteria]))

    def thresholds(self, scale: int) -> Floats:
        """Rasch-Andrich thresholds of a scale, one for each category above the lowest used; NaN beside unused ones."""
        levels = self.likelihood.scales[scale].category
        t = np.full(int(levels[-1]) + 1, np.nan)
        t[levels] = self.likelihood.log_weights(self.maximum.point, scale)
        return np.asarray(t[:-1] - t[1:])

    def expected_scores(self, eta: Floats) -> Floats:
        """Calculate the expected score on each criterion.

        Parameters
        ----------
        eta : ndarray of shape (n,)
            A measure less a severity, in logits.

        Returns
        -------
        expected : ndarray of shape (n, n_criteria)
            In the units of the ratings.
        """
        expected = np.zeros((len(eta), self.ratings.n_criteria))
        for criterion, expected_score in self._expected(eta):
            expected[:, criterion] = expected_score
        return expected

    def score_variances(self, eta: Floats) -> Floats:
        """Variance of the score on each criterion, of shape (n, n_criteria); see `expected_scores`."""
        variance = np.zeros((len(eta), self.ratings.n_criteria))
        for criterion, value, odds in self._odds(eta):
            p = odds / odds.sum(axis=1, keepdims=True)
            variance[:, criterion] = (p * (value - (p @ value)[:, None]) ** 2).sum(axis=1)
        return variance

    def fair(self, eta: Floats) -> Floats:
        """Calculate the expected weighted total, of shape (n,); see `expected_scores`."""
        total = np.zeros(len(eta))
        for criterion, expected_score in self._expected(eta):
            total += self.ratings.weights[criterion] * expected_score
        return total

    def tables(self) -> LogitMeasures:
        """Return all measures by facet."""
        scored, active = self.ratings.n_sheets_of_proposal > 0, self.ratings.n_sheets_of_judge > 0
        return LogitMeasures(
            criteria=self.ratings.criteria,
            halo=self.uncertainty.halo,
            quality=LogitTable(
                estimate=np.where(scored, self.quality, np.nan),
                standard_error=np.where(scored, self.quality_error, np.nan),
                standard_error_without_halo=self.quality_error_without_halo,
            ),
            severity=LogitTable(
                estimate=np.where(active, self.severity, np.nan),
                standard_error=np.where(active, self.severity_error, np.nan),
                standard_error_without_halo=self.severity_error_without_halo,
            ),
            difficulty=LogitTable(
                estimate=self.difficulty,
                standard_error=self.difficulty_error,
                standard_error_without_halo=self.difficulty_error_without_halo,
            ),
            scales=tuple(
                Thresholds(
                    criteria=scale.criteria,
                    lowest=float(scale.value[0]),
                    highest=float(scale.value[-1]),
                    thresholds=self.thresholds(code),
                )
                for code, scale in enumerate(self.likelihood.scales)
            ),
        )

    def _expected(self, eta: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield each criterion with its expected score, of shape (n,)."""
        for criterion, value, odds in self._odds(eta):
            yield criterion, np.asarray((odds @ value) / odds.sum(axis=1))

    def _odds(self, eta: Floats) -> Iterator[tuple[int, Floats, Floats]]:
        """Yield each criterion, the values of its categories, and their odds, of shape (n, n_categories)."""
        for code, scale in enumerate(self.likelihood.scales):
            log_weights = self.likelihood.log_weights(self.maximum.point, code)
            for criterion in scale.criteria.tolist():
                yield criterion, scale.value, scale.odds(eta - self.difficulty[criterion], log_weights)

    @property
    def _criteria(self) -> slice:
        return slice(self.ratings.n_judges, self.ratings.n_judges + self.ratings.n_criteria)

    @cached_property
    def _errors(self) -> Floats:
        return np.sqrt(np.maximum(np.diag(self.uncertainty.other_covariance), 0.0))
