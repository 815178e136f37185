"""Where a fit of `hierarchical` ended, as the place from which a fit to some of its sheets sets out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.models.hierarchical.iteration import Solution
from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.spreads import State
from judging.calibration.ratings import Bools, Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Begin:
    """Spreads, judges' factors and the Gaussians that stand for marks.

    Attributes
    ----------
    state : State
    value, variance : ndarray of shape (n_sheets, n_criteria)
        In the order of the ratings to be fitted, in units of the marks over ``size``, not centred.
    """

    state: State
    value: Floats
    variance: Floats
    has_home: bool
    n_cities: int
    n_label_levels: int

    def suits(self, layout: Layout) -> bool:
        """Whether the same parts are in the model: without a judge, a design may lose the home advantage."""
        return (self.has_home, self.n_cities, self.n_label_levels) == (
            layout.has_home,
            layout.n_cities,
            layout.n_label_levels,
        ) and self.value.shape == (len(layout.order), layout.n_criteria)


def begin_from(fit: Fit, keep: Bools) -> Begin | None:
    """Take the end of a fit as a beginning; None when it is not one of `hierarchical`.

    Parameters
    ----------
    fit : Fit
    keep : ndarray of bool, shape (n_sheets,)
        Sheets, in the ratings' order, that the next fit will see.
    """
    layout, solution, centre = (fit.details.get(name) for name in ("layout", "solution", "centre"))
    if not (isinstance(layout, Layout) and isinstance(solution, Solution) and isinstance(centre, np.ndarray)):
        return None
    value, variance = np.empty_like(solution.sheets.value), np.empty_like(solution.variance)
    value[layout.order] = solution.sheets.value + centre
    variance[layout.order] = solution.variance
    return Begin(
        state=solution.state,
        value=value[keep],
        variance=variance[keep],
        has_home=layout.has_home,
        n_cities=layout.n_cities,
        n_label_levels=layout.n_label_levels,
    )
