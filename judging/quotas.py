"""Minima and caps of cities and categories, and how they fill the seats of a shortlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judging.ranking import Ints

Bools = NDArray[np.bool_]
Family = tuple[tuple[str, ...], Ints, Mapping[str, int], Mapping[str, int]]
"""Names of the groups, the code of each proposal (-1 unknown), minimum and cap by name."""


@dataclass(frozen=True, eq=False)
class Quotas:
    """Cities and categories as two families of groups; the last group of each is `unknown`, without limits."""

    group: tuple[Ints, Ints]
    least: tuple[Ints, Ints]
    most: tuple[Ints, Ints]
    names: tuple[tuple[str, ...], tuple[str, ...]]

    @classmethod
    def of(cls, cities: Family, categories: Family, eligible: Ints) -> Quotas:
        """Count the limits; a minimum is at most what the eligible proposals and the cap allow."""
        group, least, most = [], [], []
        for levels, codes, minimum, cap in (cities, categories):
            code = np.where(codes < 0, len(levels), codes)
            supply = np.bincount(code[eligible], minlength=len(levels) + 1)
            minima = np.array([*(minimum.get(level, 0) for level in levels), 0])
            group.append(code)
            most.append(np.array([*(cap.get(level, len(code)) for level in levels), len(code)]))
            least.append(np.minimum(minima, np.minimum(supply, most[-1])))
        return cls((group[0], group[1]), (least[0], least[1]), (most[0], most[1]), (cities[0], categories[0]))

    def unmet(self, in_shortlist: set[int]) -> tuple[str, ...]:
        """Return the names of the groups below their minimum."""
        members = np.array(sorted(in_shortlist), dtype=np.int64)
        short = []
        for group, least, names in zip(self.group, self.least, self.names, strict=True):
            count = np.bincount(group[members], minlength=len(least))
            short += [names[code] for code in np.flatnonzero(count < least)]
        return tuple(short)


def walk(order: Ints, size: int, quotas: Quotas, *, passes: Bools | None = None) -> Bools:
    """Process each row of `order` from the left, filling places; all rows at once.

    ``passes``, of shape (n_rows, n_proposals), excludes proposals from single rows.

    The same proposal can count for minima of both families, so the number of reserved places is the larger of the needs
    of the two families.
    """
    n_rows, n_places = order.shape
    selected = np.zeros((n_rows, len(quotas.group[0])), dtype=bool)
    taken = [np.zeros((n_rows, len(least)), dtype=np.int64) for least in quotas.least]
    need = [np.full(n_rows, int(least.sum())) for least in quotas.least]
    seats = np.full(n_rows, size)
    rows = np.arange(n_rows)
    for place in range(n_places):
        who = order[:, place]
        fits = (seats > 0) if passes is None else (seats > 0) & passes[rows, who]
        serves = []
        for family in (0, 1):
            group = quotas.group[family][who]
            count = taken[family][rows, group]
            fits &= count < quotas.most[family][group]
            serves.append(count < quotas.least[family][group])
        kept_free = np.maximum(need[0] - serves[0], need[1] - serves[1])
        fits &= seats - 1 >= kept_free
        selected[rows, who] = fits
        seats = seats - fits
        for family in (0, 1):
            taken[family][rows, quotas.group[family][who]] += fits
            need[family] = need[family] - (serves[family] & fits)
        if not seats.any():
            break
    return selected
