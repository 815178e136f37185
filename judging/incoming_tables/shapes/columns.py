"""The columns of a candidate table: their headings, samples of their cells, and which plain field each one is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from judging.incoming_tables.containers.cells import TEXT, RawCell, letters_of
from judging.incoming_tables.known import Names
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.questions import Question
from judging.incoming_tables.texts.headings import is_numbering, is_total
from judging.incoming_tables.texts.number_texts import read_number
from judging.incoming_tables.texts.spelling import folded_script

_NUMBERS: Final = frozenset(("number", "either", "percent"))
_SAYS_KEY: Final = frozenset(["id", "no", "number", "code", "key", "编号", "号", "代号", "代码"])
_MOST: Final = 0.8
NAME_PARTS: Final = frozenset(("given_name", "family_name"))
_ANONYMOUS: Final = frozenset(("anonymous", "匿名", "匿名用户", "anonymous user"))


@dataclass(frozen=True, eq=False)
class HeadedColumn:
    """A column of a candidate table: its number, heading, and the first cells below."""

    number: int
    heading: str
    cells: Sequence[RawCell]

    @property
    def name(self) -> str:
        """Return how a person finds it."""
        return f"{letters_of(self.number)} ({self.heading[:40]})" if self.heading else letters_of(self.number)

    @cached_property
    def share_of_numbers(self) -> float:
        """Return the share of cells that are numbers, among those that are not missing."""
        read = [read_number(cell).kind for cell in self.cells]
        given = [kind for kind in read if kind != "missing"]
        return sum(kind in _NUMBERS for kind in given) / len(given) if given else 0.0

    @property
    def is_numeric(self) -> bool:
        """Return whether most cells are numbers."""
        return self.share_of_numbers >= _MOST

    @property
    def is_anonymous(self) -> bool:
        """Return whether every cell says that somebody is not named, as Microsoft Forms writes it."""
        return bool(self.cells) and all(folded_script(cell.text) in _ANONYMOUS for cell in self.cells)

    @property
    def has_no_value(self) -> bool:
        """Return whether every cell is empty or marked as missing."""
        return all(read_number(cell).kind == "missing" for cell in self.cells)

    @property
    def is_empty(self) -> bool:
        """Return whether there is no cell below the heading."""
        return not self.cells

    def share_of(self, names: Names | None) -> float:
        """Return the share of cells that name something of the roster."""
        if names is None or not self.cells:
            return 0.0
        return sum(names.find(cell.text) is not None for cell in self.cells) / len(self.cells)


@dataclass
class Assigned:
    """What the columns of a candidate table are.

    Attributes
    ----------
    uses : dict of int to Use
        By the number of the column; columns that are missing here are left out.
    missing : tuple of str
        Required fields that no column has.
    """

    uses: dict[int, Use] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    missing: tuple[str, ...] = ()

    @property
    def fields(self) -> set[str]:
        """Return the fields that have a column."""
        names = {use.field for use in self.uses.values() if use.field}
        # A judge may stand in two columns.
        return names | {"judge"} if names >= NAME_PARTS else names

    def without_name_parts(self) -> None:
        """Leave columns of first and last names out: they are not the judge's, or one of the two is missing."""
        for number in [number for number, use in self.uses.items() if use.field in NAME_PARTS]:
            del self.uses[number]

    @property
    def n_scores(self) -> int:
        """Return the number of columns with scores."""
        return sum(use.field == "score" for use in self.uses.values())

    @property
    def n_repeated(self) -> int:
        """Return how many columns of scores say that they are the same as another one."""
        scores = [use for use in self.uses.values() if use.field == "score"]
        return len(scores) - len(set(scores))


def is_left_out(column: HeadedColumn) -> bool:
    """Return whether a column is known for what it is, and no column of scores: totals, ranks, numbering."""
    return is_total(column.heading) or is_numbering(column.heading)


def column_of(number: int, heading: str, cells: Iterable[RawCell | None]) -> HeadedColumn:
    """Return a column; headings of number cells lose nothing by being texts."""
    return HeadedColumn(
        number, heading, [cell for cell in cells if cell is not None and (cell.text or cell.kind != TEXT)]
    )
