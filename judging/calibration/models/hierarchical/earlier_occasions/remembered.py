"""What earlier occasions say about this one's judges, in the units of the fit: a part of the prior of their effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.models.hierarchical.earlier_occasions.links import (
    EarlierJudges,
    EarlierKnowledge,
    Links,
    memory_of,
)
from judging.calibration.models.hierarchical.gaussian import Spreads
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.ratings import Floats, Ints


@dataclass(frozen=True, eq=False)
class Remembered:
    """What is known beforehand of the judges who were there before.

    Attributes
    ----------
    judge : ndarray of shape (n_linked,)
        Their codes.
    severity, scale_use, consistency : EarlierKnowledge
        In units of ``unit`` and of the spreads of log scale use and log consistency.
    unit : float
        Spread of severity over all criteria, in marks.
    """

    judge: Ints
    severity: EarlierKnowledge
    scale_use: EarlierKnowledge
    consistency: EarlierKnowledge
    unit: float

    @property
    def variances_only(self) -> bool:
        """Whether the judges' errors at the earlier occasion are taken as independent."""
        return self.severity.precision.ndim == 1

    @property
    def own_precision(self) -> Floats:
        """Precision of each judge's mean level, (n_linked,)."""
        precision = self.severity.precision / self.unit**2
        return precision if self.variances_only else np.diag(precision)

    @property
    def pull(self) -> Floats:
        """Right side of the linear system over the mean levels, (n_linked,); a level is the opposite of a severity."""
        return -self.severity.pull / self.unit

    def multiply(self, level: Floats) -> Floats:
        """Multiply the mean levels, (n_linked,), or columns of them, by their precision."""
        precision = self.severity.precision / self.unit**2
        return np.asarray((precision * level.T).T if self.variances_only else precision @ level)


def level_rows(layout: Layout, judge: Ints) -> Floats:
    """Rows over all effects that give a judge's mean level over the criteria, from that of the panel."""
    C, J, d = layout.n_criteria, layout.n_judges, layout.n_own
    rows = np.zeros((len(judge), J * d + layout.n_common))
    each = np.arange(len(judge))[:, None]
    rows[each, (judge * d)[:, None] + np.arange(C)] = 1 / C
    rows[:, J * d : J * d + C] = -1 / C
    return rows


def severity_unit(spreads: Spreads, n_criteria: int) -> float:
    """Spread of a judge's severity over all criteria, in marks."""
    return float(np.sqrt(spreads.severity**2 + spreads.judge_criterion**2 / n_criteria))


def remember(earlier: EarlierJudges, links: Links, spreads: Spreads, n_criteria: int) -> Remembered:
    """Return what earlier occasions say, given the strengths of the links."""
    return Remembered(
        judge=earlier.judge,
        severity=memory_of(earlier.severity, links.severity),
        scale_use=memory_of(earlier.scale_use, links.scale_use),
        consistency=memory_of(earlier.consistency, links.consistency),
        unit=severity_unit(spreads, n_criteria),
    )
