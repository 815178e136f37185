"""The sheets of a round in the order in which `hierarchical` processes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats, Ints

CHUNK = 400_000
"""Numbers in the largest array of one group: small enough for a processor's cache, large enough to be one call."""


@dataclass(frozen=True)
class Group:
    """Proposals with the same number of sheets; their sheets are the rows ``start`` to ``stop``.

    Attributes
    ----------
    proposals : ndarray of shape (n_group,)
    readings : int
        Number of sheets of each of these proposals.
    """

    start: int
    stop: int
    readings: int
    proposals: Ints

    def fold(self, values: Floats) -> Floats:
        """View rows of ``values`` as an array of shape (n_group, readings, ...)."""
        return values[self.start : self.stop].reshape(len(self.proposals), self.readings, *values.shape[1:])

    def fold_codes(self, codes: Ints) -> Ints:
        """View rows of integer codes as an array of shape (n_group, readings)."""
        return codes[self.start : self.stop].reshape(len(self.proposals), self.readings)


@dataclass(frozen=True, eq=False)
class Layout:
    """Sheets sorted by the number of sheets of their proposal, then proposal, then judge.

    Attributes
    ----------
    order : ndarray of shape (n_sheets,)
        Position of each row in the ratings.
    proposal, judge : ndarray of shape (n_sheets,)
    home : ndarray of shape (n_sheets,)
        1 where judge and proposal share a city; all 0 when no home advantage is in the model.
    has_home : bool
    has_assigned : bool
        Whether the model has, per judge, the quality of the work that the judge was assigned.
    share : ndarray of shape (n_sheets,)
        Share of a reading that each sheet counts as: below 1 for sheets that are not independent of each other.
    sign : ndarray of shape (n_judges,)
        -1 for judges who give the lowest marks to the best work.
    place : ndarray of shape (n_sheets,)
        Place in the judge's order of scoring, from -.5 to .5; 0 where unknown.
    has_drift : bool
        Whether the model has, per judge, a change of severity from the first sheet to the last.
    judge_city : ndarray of shape (n_judges,)
        -1 when unknown or when cities are not in the model.
    labels : ndarray of shape (n_proposals, n_labels)
        Levels of the labels in the prior of quality (city, category), numbered consecutively; -1 when unknown. No
        column when the prior has no labels.
    n_label_levels : int
    """

    order: Ints
    proposal: Ints
    judge: Ints
    home: Floats
    has_home: bool
    judge_city: Ints
    n_proposals: int
    n_judges: int
    n_cities: int
    n_criteria: int
    labels: Ints
    n_label_levels: int
    has_assigned: bool
    share: Floats
    sign: Floats
    place: Floats
    has_drift: bool
    groups: tuple[Group, ...]

    @property
    def n_own(self) -> int:
        """Linear effects of one judge: a level per criterion; where modelled, home advantage, drift, assigned work."""
        return self.n_criteria + int(self.has_home) + int(self.has_drift) + int(self.has_assigned)

    @property
    def drift(self) -> int:
        """Position of the drift among a judge's effects."""
        return self.n_criteria + int(self.has_home)

    @property
    def n_common(self) -> int:
        """Effects that judges share: criterion means, city severities, labels, home level."""
        return self.n_criteria + self.n_cities + self.n_label_levels + int(self.has_home)

    @property
    def first_label(self) -> int:
        """Position of the first label among all effects."""
        return self.n_judges * self.n_own + self.n_criteria + self.n_cities


def lay_out(
    proposal: Ints,
    judge: Ints,
    *,
    home: Floats,
    has_home: bool,
    judge_city: Ints,
    n_proposals: int,
    n_judges: int,
    n_cities: int,
    n_criteria: int,
    labels: Ints,
    n_label_levels: int,
    has_assigned: bool = False,
    share: Floats | None = None,
    sign: Floats | None = None,
    place: Floats | None = None,
) -> Layout:
    """Sort sheets by the number of sheets of their proposal, and cut them into groups of bounded size."""
    readings = np.bincount(proposal, minlength=n_proposals)
    order = np.lexsort((judge, proposal, readings[proposal]))
    sorted_proposal = proposal[order]
    return Layout(
        order=order,
        proposal=sorted_proposal,
        judge=judge[order],
        home=home[order] if has_home else np.zeros(len(order)),
        has_home=has_home,
        judge_city=judge_city,
        n_proposals=n_proposals,
        n_judges=n_judges,
        n_cities=n_cities,
        n_criteria=n_criteria,
        labels=labels,
        n_label_levels=n_label_levels,
        has_assigned=has_assigned,
        share=np.ones(len(order)) if share is None else share[order],
        sign=np.ones(n_judges) if sign is None else sign,
        place=np.zeros(len(order)) if place is None else place[order],
        has_drift=place is not None,
        groups=tuple(_groups(readings, sorted_proposal, n_criteria + has_home + has_assigned + (place is not None))),
    )


def _groups(readings: Ints, sorted_proposal: Ints, n_own: int) -> Iterator[Group]:
    start = 0
    for count in np.unique(readings[readings > 0]):
        n = int(count)
        remaining = int(np.count_nonzero(readings == n))
        size = max(1, CHUNK // (n * n_own) ** 2)
        while remaining:
            now = min(size, remaining)
            stop = start + now * n
            yield Group(start, stop, n, sorted_proposal[start:stop:n])
            start, remaining = stop, remaining - now
