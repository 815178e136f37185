"""Matrix plot of shared proposals: one square a pair of judges, shaded by the number of proposals both scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise

LARGEST = 120
"""With more judges, a square would be smaller than a pixel of a phone; only the table is shown."""

_NUMBERED = 30
_SMALLEST_NUMBERED, _LARGEST_NUMBERED = 20, 32
_WIDTH = 860
"""What the squares of a picture with numbers fill on a wide screen, in plot units."""

_N_SHADES = 4
_MARGIN = 46


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair of judges that share proposals; positions in plot units from the top left."""

    x: int
    y: int
    n: int
    shade: int


@dataclass(frozen=True, slots=True)
class Block:
    """The adjacent judges of one city: index of the first, and their number."""

    city: str | None
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """The judges who share proposals with one judge, with counts, largest count first."""

    judge: str
    city: str | None
    n_sheets: int
    n_other_city: int
    others: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LinkagePicture:
    """The plot and the same numbers as rows.

    Attributes
    ----------
    judges : tuple of Sharing
        In the order of the plot: by city, then linked set, then key.
    cells : tuple of Cell
    blocks : tuple of Block
    steps : tuple of (int, int)
        Fewest and most shared proposals of each shade, lightest first.
    side, margin : int
        Of a square, and of the margin for names, in plot units.
    """

    judges: tuple[Sharing, ...]
    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    steps: tuple[tuple[int, int], ...]
    side: int
    margin: int

    @property
    def size(self) -> int:
        """Return width and height."""
        return self.margin + self.side * len(self.judges) + 2

    @property
    def shapes(self) -> dict[int, str]:
        """Return the squares of each shade as one SVG path: 60 judges have 3000 squares."""
        shapes: dict[int, list[str]] = {}
        for cell in self.cells:
            shapes.setdefault(cell.shade, []).append(f"M{cell.x} {cell.y}h{self.side}v{self.side}h-{self.side}z")
        return {shade: "".join(squares) for shade, squares in sorted(shapes.items())}

    @property
    def is_drawn(self) -> bool:
        """Return whether there are few enough judges for the plot."""
        return len(self.judges) <= LARGEST

    @property
    def is_numbered(self) -> bool:
        """Return whether the squares are large enough for numbers."""
        return len(self.judges) <= _NUMBERED


def picture_of(
    scored_pairs: Iterable[tuple[str, str]], *, cities: Mapping[str, str | None], linked_sets: Sequence[Iterable[str]]
) -> LinkagePicture:
    """Return the matrix plot of shared proposals.

    Parameters
    ----------
    scored_pairs : iterable of (judge, proposal)
        Keys; a repeated pair counts once.
    cities : mapping of judge to city
    linked_sets : sequence of judges' keys
    """
    of_proposal: dict[str, set[str]] = {}
    for judge, proposal in scored_pairs:
        of_proposal.setdefault(proposal, set()).add(judge)
    n_sheets = Counter(judge for judges in of_proposal.values() for judge in judges)
    shared: Counter[tuple[str, str]] = Counter()
    for judges in of_proposal.values():
        shared.update(combinations(sorted(judges), 2))
    with_whom: dict[str, dict[str, int]] = {judge: {} for judge in n_sheets}
    for (judge, other), n in shared.items():
        with_whom[judge][other] = with_whom[other][judge] = n
    set_of = {judge: number for number, judges in enumerate(linked_sets) for judge in judges}
    order = sorted(n_sheets, key=lambda judge: (cities.get(judge) or "", set_of.get(judge, -1), judge))
    place = {judge: number for number, judge in enumerate(order)}
    side = _numbered_side(len(order)) if len(order) <= _NUMBERED else 12 if len(order) <= 2 * _NUMBERED else 8
    steps = _steps(max(shared.values(), default=0))
    blocks, start = [], 0
    for city, members in groupby(order, key=cities.get):
        length = len(list(members))
        blocks.append(Block(city, start, length))
        start += length
    return LinkagePicture(
        judges=tuple(_sharing(judge, cities, n_sheets[judge], with_whom[judge]) for judge in order),
        cells=tuple(
            Cell(_MARGIN + side * place[other], _MARGIN + side * place[judge], n, _shade(n, steps))
            for judge in order
            for other, n in sorted(with_whom[judge].items(), key=lambda item: place[item[0]])
        ),
        blocks=tuple(blocks),
        steps=steps,
        side=side,
        margin=_MARGIN,
    )


def _numbered_side(n_judges: int) -> int:
    return max(_SMALLEST_NUMBERED, min(_LARGEST_NUMBERED, _WIDTH // max(n_judges, 1)))


def _sharing(judge: str, cities: Mapping[str, str | None], n_sheets: int, others: Mapping[str, int]) -> Sharing:
    elsewhere = sum(cities.get(other) != cities.get(judge) for other in others)
    ordered = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    return Sharing(judge, cities.get(judge), n_sheets, elsewhere, tuple(ordered))


def _steps(most: int) -> tuple[tuple[int, int], ...]:
    """Divide 1..most into whole steps of about the same width."""
    n = min(most, _N_SHADES)
    ends = [0, *(math.ceil(most * (k + 1) / n) for k in range(n))]
    return tuple((low + 1, high) for low, high in pairwise(ends))


def _shade(n: int, steps: Sequence[tuple[int, int]]) -> int:
    return next(number for number, (_low, high) in enumerate(steps, start=1) if n <= high)
