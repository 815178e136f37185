"""Points in logits, and symmetric matrices over them that are diagonal in the proposals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from judging.calibration.ratings import Floats


@dataclass(frozen=True, eq=False)
class LogitPoint:
    """Measure of every element, in logits.

    Attributes
    ----------
    quality : ndarray of shape (n_proposals,)
    other : ndarray of shape (n_other,)
        Generosity of judges, easiness of criteria, then the free ``t`` of every scale.
    """

    quality: Floats
    other: Floats


@dataclass(frozen=True, eq=False)
class Arrow:
    """A symmetric matrix that is diagonal in the proposals.

    Attributes
    ----------
    corner : ndarray of shape (n_proposals,)
    side : sparse array of shape (n_proposals, n_other)
    block : ndarray of shape (n_other, n_other)
    """

    corner: Floats
    side: sparse.csr_array
    block: Floats

    def plus(self, other: Arrow, factor: float) -> Arrow:
        """Add a multiple of another matrix."""
        return Arrow(
            self.corner + factor * other.corner,
            sparse.csr_array(self.side + factor * other.side),
            self.block + factor * other.block,
        )

    def plus_diagonal(self, value: float) -> Arrow:
        """Add the same to the whole diagonal."""
        return Arrow(self.corner + value, self.side, self.block + value * np.eye(len(self.block)))
