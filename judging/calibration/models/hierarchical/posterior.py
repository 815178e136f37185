"""A fit of `hierarchical` with all values that its answers are calculated from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import EarlierUse
from judging.calibration.independence import Independence
from judging.calibration.models.hierarchical.iteration import HierarchicalSolution
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.scores import ScorePosterior
from judging.calibration.ratings import Floats, Ratings


@dataclass(frozen=True, eq=False, kw_only=True)
class Posterior:
    """The end of the iteration, and the posterior of the proposals.

    Attributes
    ----------
    ratings : Ratings
        Those of the fit, criteria that nobody scored left out.
    independence : Independence
    layout : Layout
    relative_scale : ndarray of shape (n_criteria,)
        Length of each criterion's scale relative to the others'; the solution is in marks divided by it.
    solution : HierarchicalSolution
    scores : ScorePosterior
    home_share : ndarray of shape (n_proposals,)
        Share of home sheets that the calibrated scores assume.
    earlier : tuple of EarlierUse
    """

    ratings: Ratings
    independence: Independence
    layout: Layout
    relative_scale: Floats
    solution: HierarchicalSolution
    scores: ScorePosterior
    home_share: Floats
    earlier: tuple[EarlierUse, ...] = ()

    @property
    def weights(self) -> Floats:
        """Weights of the scaled marks in a total, of shape (n_criteria,)."""
        return np.asarray(self.ratings.weights * self.relative_scale)

    @property
    def centre(self) -> Floats:
        """Values that were subtracted from the scaled marks, of shape (n_criteria,)."""
        return self.scores.criterion_mean - self.solution.judges.criterion_mean
