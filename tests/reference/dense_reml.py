"""REML of `mixed` written down as it is defined: the whole covariance matrix, and a general optimiser.

Independent of the engine on purpose; fit for a few hundred scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from judging.calibration.ratings import Ratings

Floats = NDArray[np.float64]

COMPONENTS = ("proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion")


@dataclass(frozen=True)
class DenseFit:
    """What the definition gives."""

    criterion: float
    variances: dict[str, float]
    fixed: Floats
    calibrated: Floats
    standard_error: Floats
    severity: Floats
    severity_error: Floats


class DenseModel:
    """One row a score; columns of indicators for every effect."""

    def __init__(self, ratings: Ratings, *, with_home: bool = False, with_cities: bool = False) -> None:
        sheet, criterion = np.nonzero(~np.isnan(ratings.score))
        self.y = ratings.score[sheet, criterion]
        proposal, judge = ratings.proposal[sheet], ratings.judge[sheet]
        n_criteria = ratings.n_criteria
        self.X = np.eye(n_criteria)[criterion]
        if with_home:
            self.X = np.column_stack([self.X, ratings.same_city[sheet]])
        # The judges of the first of two cities.
        self.of_city = (ratings.judge_city == 0).astype(float) if with_cities else None
        if self.of_city is not None:
            self.X = np.column_stack([self.X, self.of_city[judge]])
        codes = {
            "proposal": proposal,
            "judge": judge,
            "residual": np.arange(len(self.y)),
            "judge_proposal": proposal * ratings.n_judges + judge,
            "proposal_criterion": proposal * n_criteria + criterion,
            "judge_criterion": judge * n_criteria + criterion,
        }
        self.names = COMPONENTS[: 3 if n_criteria == 1 else 6]
        self.parts = {name: (codes[name][:, None] == codes[name][None, :]).astype(float) for name in self.names}
        self.ratings = ratings
        weights = ratings.weights
        # Covariance of every score with what is to be predicted: the weighted total of a proposal, of a judge.
        self.of_proposal = proposal[:, None] == np.arange(ratings.n_proposals)
        self.of_judge = judge[:, None] == np.arange(ratings.n_judges)
        self.weight_of_score = weights[criterion]

    def criterion(self, variances: Floats) -> float:
        """Return -2 log restricted likelihood, its constant included."""
        V = sum(variance * self.parts[name] for variance, name in zip(variances, self.names, strict=True))
        factor = linalg.cho_factor(V, lower=True)
        inverse_X = linalg.cho_solve(factor, self.X)
        information = self.X.T @ inverse_X
        left = self.y - self.X @ linalg.solve(information, inverse_X.T @ self.y)
        freedom = len(self.y) - self.X.shape[1]
        return float(
            2.0 * np.log(np.diag(factor[0])).sum()
            + np.linalg.slogdet(information)[1]
            + left @ linalg.cho_solve(factor, left)
            + freedom * np.log(2.0 * np.pi)
        )

    def fit(self) -> DenseFit:
        """Minimise over the logarithms of the variances, from several starts."""
        spread = float(np.var(self.y))
        best = None
        for share in (0.05, 0.2, 0.6):
            found = optimize.minimize(
                lambda logs: self.criterion(np.exp(logs)),
                np.log(np.full(len(self.names), share * spread)),
                method="L-BFGS-B",
                bounds=[(np.log(spread) - 23.0, np.log(spread) + 4.0)] * len(self.names),
                options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9},
            )
            if best is None or found.fun < best.fun:
                best = found
        assert best is not None
        return self.at(np.exp(best.x))

    def at(self, variances: Floats) -> DenseFit:
        """Predict at given variances: best linear unbiased, with the covariance of its errors."""
        value = dict(zip(self.names, variances, strict=True)) | {
            name: 0.0 for name in COMPONENTS if name not in self.names
        }
        V = sum(value[name] * self.parts[name] for name in self.names)
        inverse = linalg.inv(V)
        covariance_b = linalg.inv(self.X.T @ inverse @ self.X)
        b = covariance_b @ self.X.T @ inverse @ self.y
        n_criteria, weights = self.ratings.n_criteria, self.ratings.weights
        at = np.zeros(len(b))
        at[:n_criteria] = weights
        at[n_criteria:] = self.ratings.same_city.mean()
        at_judge = np.zeros((self.ratings.n_judges, len(b)))
        if self.of_city is not None:
            at[-1] = self.of_city[self.ratings.judge].mean()
            at_judge[:, -1] = self.of_city - at[-1]
        quality = self._predict(self.of_proposal, value["proposal"], value["proposal_criterion"], at[None], inverse, b)
        generosity = self._predict(self.of_judge, value["judge"], value["judge_criterion"], at_judge, inverse, b)
        return DenseFit(
            criterion=self.criterion(np.asarray(variances)),
            variances={name: float(value[name]) for name in self.names},
            fixed=b,
            calibrated=quality[0],
            standard_error=quality[1],
            severity=-generosity[0],
            severity_error=generosity[1],
        )

    def _predict(
        self, member: NDArray[np.bool_], common: float, own: float, at: Floats, inverse: Floats, b: Floats
    ) -> tuple[Floats, Floats]:
        single = self.ratings.n_criteria == 1
        weights = self.ratings.weights
        covariance = member * (common + (0.0 if single else own) * self.weight_of_score[:, None])
        prior = common + (0.0 if single else own * float(weights @ weights))
        covariance_b = linalg.inv(self.X.T @ inverse @ self.X)
        estimate = at @ b + covariance.T @ inverse @ (self.y - self.X @ b)
        left = at - covariance.T @ inverse @ self.X
        variance = (
            prior
            - np.einsum("si,st,ti->i", covariance, inverse, covariance)
            + np.einsum("ia,ab,ib->i", left, covariance_b, left)
        )
        return estimate, np.sqrt(np.maximum(variance, 0.0))
