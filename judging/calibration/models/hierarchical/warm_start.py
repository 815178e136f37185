"""Warm start: the end of a fit of `hierarchical`, as initial values of a refit to some of its sheets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.models.hierarchical.layout import Layout
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.tally import State
from judging.calibration.ratings import Bools, Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class WarmStart:
    """Spreads, judges' factors and the Gaussians that approximate the marks.

    Attributes
    ----------
    state : State
    value, variance : ndarray of shape (n_sheets, n_criteria)
        In the order of the ratings to be fitted, in units of the marks over the relative scale, not centred.
    has_home, n_cities, n_label_levels, has_drift
        As in `Layout`.
    """

    state: State
    value: Floats
    variance: Floats
    has_home: bool
    n_cities: int
    n_label_levels: int
    has_drift: bool

    def suits(self, layout: Layout) -> bool:
        """Return whether the model has the same parts: without a judge, the home advantage may not be identifiable."""
        return (self.has_home, self.n_cities, self.n_label_levels, self.has_drift) == (
            layout.has_home,
            layout.n_cities,
            layout.n_label_levels,
            layout.has_drift,
        ) and self.value.shape == (len(layout.order), layout.n_criteria)


def other_start_of(posterior: Posterior) -> WarmStart:
    """Start where differences of panels are differences of severity, judges equal in scale use and consistency."""
    solution = posterior.solution
    everybody = np.ones(len(posterior.layout.order), dtype=bool)
    nobody = np.zeros(posterior.layout.n_judges)
    spreads = replace(
        solution.state.spreads,
        severity=solution.unit,
        assigned=0.02 * solution.unit if posterior.layout.has_assigned else 0.0,
        tied=0.0,
        scale_use=0.2,
        consistency=0.3,
    )
    return replace(warm_start_of(posterior, everybody), state=State(spreads, nobody, nobody, nobody))


def warm_start_of(posterior: Posterior, retained: Bools) -> WarmStart:
    """Make the end of a fit the start of a refit.

    Parameters
    ----------
    posterior : Posterior
    retained : ndarray of bool, shape (n_sheets,)
        Sheets, in the ratings' order, that the refit will have.
    """
    layout, solution = posterior.layout, posterior.solution
    value, variance = np.empty_like(solution.sheets.value), np.empty_like(solution.variance)
    value[layout.order] = solution.sheets.value + posterior.centre
    variance[layout.order] = solution.variance
    return WarmStart(
        state=solution.state,
        value=value[retained],
        variance=variance[retained],
        has_home=layout.has_home,
        n_cities=layout.n_cities,
        n_label_levels=layout.n_label_levels,
        has_drift=layout.has_drift,
    )
