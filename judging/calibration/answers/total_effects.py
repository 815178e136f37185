"""Expected totals: quality less severity plus home advantage, as in most models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats, Ratings


def home_share(ratings: Ratings, policy: str) -> Floats:
    """Share of home sheets that a calibrated score assumes.

    Parameters
    ----------
    ratings : Ratings
    policy : str
        One of ``HOME_CITY_POLICIES``.

    Returns
    -------
    share : ndarray of shape (n_proposals,)
        The proposal's own share under ``report``, that of all sheets otherwise.
    """
    if policy == "report":
        count = np.maximum(ratings.n_sheets_of_proposal, 1)
        return np.asarray(
            np.bincount(ratings.proposal, weights=ratings.same_city, minlength=ratings.n_proposals) / count
        )
    return np.full(ratings.n_proposals, ratings.same_city.mean())


@dataclass(frozen=True, eq=False, kw_only=True)
class TotalEffects:
    """The effects whose sum is a total, in the units of the ratings.

    Attributes
    ----------
    quality, quality_error : ndarray of shape (n_proposals,)
        Calibrated score and its standard error.
    severity, severity_error : ndarray of shape (n_judges,)
        + is harsher; NaN counts as 0.
    home_advantage : float
        Points that a home sheet has more than another; 0 for a model without.
    home_share : ndarray of shape (n_proposals,)
        Share of home sheets that ``quality`` assumes, see `home_share`; a single sheet has all of the advantage or
        none.
    """

    quality: Floats
    quality_error: Floats
    severity: Floats
    severity_error: Floats
    home_advantage: float
    home_share: Floats

    def total(self, sheets: Ratings) -> Floats:
        """Calculate the expected total of each sheet, all criteria given; of shape (n_sheets,)."""
        total = self.quality[sheets.proposal] - np.nan_to_num(self.severity)[sheets.judge]
        return np.asarray(total + self.home_advantage * (sheets.same_city - self.home_share[sheets.proposal]))

    def uncertainty(self, sheets: Ratings) -> Floats:
        """Variance of the expected totals, of shape (n_sheets,); quality and severity are taken as independent."""
        of_judge = np.nan_to_num(self.severity_error)[sheets.judge]
        return np.asarray(self.quality_error[sheets.proposal] ** 2 + of_judge**2)


def plain_effects(
    ratings: Ratings, quality: Floats, quality_error: Floats, severity: Floats | None, severity_error: Floats | None
) -> TotalEffects:
    """Effects of a model without a home advantage, and without severities where they are None."""
    nothing = np.zeros(ratings.n_judges)
    return TotalEffects(
        quality=quality,
        quality_error=quality_error,
        severity=nothing if severity is None else severity,
        severity_error=nothing if severity_error is None else severity_error,
        home_advantage=0.0,
        home_share=np.zeros(ratings.n_proposals),
    )
