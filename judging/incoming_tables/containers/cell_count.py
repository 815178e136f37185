"""Counts of a workbook's cells by their position, and what only its XML tells: formats, formulas, hidden rows."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.cells import letters_of
from judging.incoming_tables.containers.limits import Limits, refuse
from judging.incoming_tables.containers.number_formats import is_telling

# Elements that are parts of cells or shared texts: the limit on cells and texts covers them.
_OF_TEXTS: Final = frozenset(("v", "t", "is", "f", "r", "rPr", "rPh", "phoneticPr"))
_CONTENT: Final = frozenset(("v", "is", "f"))
# Empty cells with a format are nothing, but each costs its parsing.
_MOST_EMPTY_CELLS: Final = 2_000_000
_PERCENT_IDS: Final = {"9": "0%", "10": "0.00%"}


@dataclass(slots=True)
class PartFacts:
    """What a worksheet's XML tells beside the values of its cells; rows and columns are counted from 1.

    ``errors`` are what cells with an error show, such as ``#DIV/0!``.
    ``formulas`` are the cells with a formula that shows a number, whether a value is stored beside it or not.
    """

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    n_formulas: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


@dataclass(slots=True)
class WorkbookFacts:
    """Facts by part, and the parts by sheet."""

    parts: dict[str, PartFacts] = field(default_factory=dict)
    sheet_ids: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def of_sheet(self, name: str) -> PartFacts | None:
        """Return the facts of a sheet by its title, None when its part cannot be found."""
        target = self.targets.get(self.sheet_ids.get(name, ""), "")
        part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower()
        found = {path.lower(): facts for path, facts in self.parts.items()}
        if part not in found and len(found) == 1:
            return next(iter(found.values()))
        return found.get(part)


class Styles:
    """Number formats by the number of a cell's style; only those that can change what a number means."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = dict(_PERCENT_IDS)
        self.telling: dict[str, str] = {}
        self._is_in_cell_formats = False
        self._n_formats = 0

    def start(self, kind: str, attributes: dict[str, str]) -> None:
        """Process the start of one element of the part of styles."""
        if kind == "numFmt":
            self.codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:200]
        elif kind == "cellXfs":
            self._is_in_cell_formats = True
        elif kind == "cellStyles":
            self._is_in_cell_formats = False
        elif kind == "xf" and self._is_in_cell_formats:
            code = self.codes.get(attributes.get("numFmtId", ""), "")
            if code and is_telling(code):
                self.telling[str(self._n_formats)] = code
            self._n_formats += 1


class CellCount:
    """Count rows and cells by their position, and collect the facts of each sheet."""

    def __init__(self, limits: Limits, facts: WorkbookFacts) -> None:
        self.limits = limits
        self.facts = facts
        self.styles = Styles()
        self.total = self.n_empty = self.shared_texts = self.others = 0
        self.begin("", "")

    def begin(self, part: str, sheet: str) -> None:
        """Start the next part, which may be a worksheet."""
        self.part, self.sheet = part, sheet
        self.row = self.column = 0
        self.sheet_facts = PartFacts()
        self._is_styles = part.endswith("styles.xml")
        self._is_counted = True
        self._style, self._type = "", ""
        self._error: tuple[int, int] | None = None

    @property
    def wants_text(self) -> bool:
        """Return whether the text that follows is what a cell with an error shows."""
        return self._error is not None

    def text(self, data: str) -> None:
        """Process a text; only those of cells with an error are wanted."""
        if self._error is not None:
            self.sheet_facts.errors[self._error] = (self.sheet_facts.errors[self._error] + data.strip())[:20]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Process the start of one element."""
        # A namespace prefix is allowed, and some writers use one.
        kind = tag.rpartition(":")[2]
        self._error = None
        if self._is_styles:
            self.styles.start(kind, attributes)
        if kind == "c" and self.row:
            self._cell(attributes)
        elif kind in _CONTENT and self.row and self.column:
            self.fill_cell(is_formula=kind == "f")
        elif kind == "row":
            number = attributes.get("r")
            row = self.row + 1 if number is None else _whole(number)
            self.enter_row(row, is_hidden=attributes.get("hidden") in ("1", "true"))
        elif kind == "si":
            self.count_shared_text()
        elif kind not in _OF_TEXTS:
            self._other(kind, attributes)

    def count_shared_text(self) -> None:
        """Count a text that several cells may show."""
        self.shared_texts += 1
        if self.shared_texts > self.limits.max_shared_texts:
            raise refuse(
                Message("The workbook has more than {limit} different texts.", limit=self.limits.max_shared_texts)
            )

    def count_other(self) -> None:
        """Count something that is neither a row nor a cell nor a text."""
        self.others += 1
        if self.others > self.limits.max_other_elements:
            raise refuse(
                Message(
                    "The workbook holds more than {limit} names, styles, merged cells or other things beside its "
                    "texts. Copy the rows that matter to a new workbook.",
                    limit=self.limits.max_other_elements,
                )
            )

    def hide_columns(self, first: int, last: int) -> None:
        """Note that columns are hidden."""
        self.sheet_facts.hidden_columns.update(range(first, min(last, self.limits.max_columns) + 1))

    def enter_row(self, number: int, *, is_hidden: bool) -> None:
        """Begin a row."""
        self.row, self.column = number, 0
        if is_hidden and number <= self.limits.max_rows:
            self.sheet_facts.hidden_rows.add(number)
        if self.part not in self.facts.parts:
            self.facts.parts[self.part] = self.sheet_facts

    def enter_cell(self, column: int, *, style: str, kind: str) -> None:
        """Begin a cell of the row; ``kind`` is ``e`` for an error, ``n`` or empty for a number."""
        self.column = column
        self.n_empty += 1
        if self.n_empty > _MOST_EMPTY_CELLS:
            raise refuse(_too_many(self.limits))
        self._is_counted = False
        self._style, self._type, self._error = style, kind, None

    def _other(self, kind: str, attributes: dict[str, str]) -> None:
        self.count_other()
        if kind == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = attributes.get("min", "0"), attributes.get("max", "0")
            if first.isdecimal() and last.isdecimal() and len(first) < 6 and len(last) < 6:
                self.hide_columns(int(first), int(last))
        elif kind == "sheet" and "name" in attributes:
            identity = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            self.facts.sheet_ids[attributes["name"]] = identity
        elif kind == "Relationship" and self.part.endswith(("workbook.xml.rels", "workbook.bin.rels")):
            self.facts.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        column = self.column + 1 if reference is None else _column(reference)
        if reference is not None and _row_of(reference) != self.row:
            # Readers differ in which of the two they use.
            raise refuse(Message("A cell of row {row} says that it is {cell}.", row=self.row, cell=reference))
        self.enter_cell(column, style=attributes.get("s", ""), kind=attributes.get("t", ""))

    def fill_cell(self, *, is_formula: bool) -> None:
        """Process the content of the cell: empty cells with a format are nothing, wherever they are."""
        if is_formula:
            self.sheet_facts.n_formulas += 1
            # A formula whose value is a text may show nothing; any other formula without a value was never computed.
            if self._type not in ("str", "e"):
                self.sheet_facts.formulas.add((self.row, self.column))
        if self._is_counted:
            return
        self._is_counted = True
        if self.row > self.limits.max_rows:
            raise refuse(
                Message(
                    "There is a value in row {row}; at most {limit} rows are read. Delete what is below the table.",
                    row=self.row,
                    limit=self.limits.max_rows,
                ),
                self.sheet,
            )
        if self.column > self.limits.max_columns:
            raise refuse(
                Message(
                    "There is a value in cell {cell}; at most {limit} columns are read. Delete what is right of "
                    "the table.",
                    cell=f"{letters_of(min(self.column, 16_384))}{self.row}",
                    limit=self.limits.max_columns,
                ),
                self.sheet,
            )
        self.total += 1
        if self.total > self.limits.max_cells:
            raise refuse(_too_many(self.limits))
        place = (self.row, self.column)
        if self._type == "e":
            self.sheet_facts.errors[place] = ""
            self._error = place
        elif self._type in ("", "n") and self._style in self.styles.telling:
            self.sheet_facts.formats[place] = self.styles.telling[self._style]


def _too_many(limits: Limits) -> Message:
    return Message("The workbook has more than {limit} cells.", limit=limits.max_cells)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise refuse(Message("The workbook numbers a row {number!r}.", number=text[:20]))
    return int(text)


def _column(reference: str) -> int:
    letters = reference.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3 and len(reference) <= 13):
        raise refuse(Message("The workbook calls a cell {cell!r}.", cell=reference[:20]))
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _row_of(reference: str) -> int:
    return _whole(reference[len(reference.rstrip("0123456789")) :])
