"""The XML of an OpenDocument sheet: its cells are counted before a reader builds them, and what they show is noted."""

from __future__ import annotations

from judging.errors import Message
from judging.incoming_tables.containers.cell_count import PartFacts
from judging.incoming_tables.containers.cells import letters_of
from judging.incoming_tables.containers.limits import Limits, refuse

_LONGEST_SHOWN = 60


class OpenDocumentCells:
    """Count the cells of ``content.xml``, with their repetitions, and collect the facts of each sheet."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: dict[str, PartFacts] = {}
        self.shown: dict[str, dict[tuple[int, int], str]] = {}
        self.total = self.others = 0
        self._sheet = PartFacts()
        self._shown: dict[tuple[int, int], str] = {}
        self._name = ""
        self._row = self._column = self._column_style = 0
        self._row_count = 1
        self._text: str | None = None
        self._in_paragraph = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Process the start of one element."""
        if tag == "table:table":
            self._name = attributes.get("table:name", "")
            self._sheet = self.sheets[self._name] = PartFacts()
            self._shown = self.shown[self._name] = {}
            self._row, self._row_count, self._column_style = 0, 1, 0
        elif tag == "table:table-column":
            count = _count(attributes.get("table:number-columns-repeated"))
            if attributes.get("table:visibility") in ("collapse", "filter"):
                last = min(self._column_style + count, self.limits.max_columns)
                self._sheet.hidden_columns.update(range(self._column_style + 1, last + 1))
            self._column_style += count
        elif tag == "table:table-row":
            self._row += self._row_count if self._row else 1
            self._row_count = _count(attributes.get("table:number-rows-repeated"))
            self._column = 0
            if attributes.get("table:visibility") in ("collapse", "filter") and self._row <= self.limits.max_rows:
                last = min(self._row + self._row_count, self.limits.max_rows + 1)
                self._sheet.hidden_rows.update(range(self._row, last))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)
        elif tag == "text:p":
            self._in_paragraph = True
        else:
            self.others += 1
            if self.others > 10 * self.limits.max_other_elements:
                raise refuse(Message("The workbook has more than {limit} cells.", limit=self.limits.max_cells))

    def text(self, data: str) -> None:
        """Process the text inside an element."""
        if self._in_paragraph and self._text is not None and len(self._text) < _LONGEST_SHOWN:
            self._text += data

    def end(self, tag: str) -> None:
        """Process the end of one element."""
        if tag == "text:p":
            self._in_paragraph = False
        elif tag in ("table:table-cell", "table:covered-table-cell") and self._text is not None:
            self._shown[self._row, self._column] = self._text.strip()
            self._text = None

    def _cell(self, attributes: dict[str, str]) -> None:
        count = _count(attributes.get("table:number-columns-repeated"))
        kind = attributes.get("office:value-type", "")
        has_error = attributes.get("calcext:value-type") == "error"
        has_formula = "table:formula" in attributes
        first = self._column + 1
        self._column += count
        if not kind and not has_formula:
            return
        if self._row + self._row_count - 1 > self.limits.max_rows:
            raise refuse(
                Message(
                    "There is a value in row {row}; at most {limit} rows are read. Delete what is below the table.",
                    row=self._row + self._row_count - 1,
                    limit=self.limits.max_rows,
                ),
                self._name or "file",
            )
        if self._column > self.limits.max_columns:
            raise refuse(
                Message(
                    "There is a value in cell {cell}; at most {limit} columns are read. Delete what is right of "
                    "the table.",
                    cell=f"{letters_of(min(self._column, 16_384))}{self._row}",
                    limit=self.limits.max_columns,
                ),
                self._name or "file",
            )
        self.total += count * self._row_count
        if self.total > self.limits.max_cells:
            raise refuse(Message("The workbook has more than {limit} cells.", limit=self.limits.max_cells))
        self._sheet.n_formulas += has_formula
        rows, columns = range(self._row, self._row + self._row_count), range(first, self._column + 1)
        places = [(row, column) for row in rows for column in columns]
        if has_error:
            self._sheet.errors.update(dict.fromkeys(places, ""))
        if has_formula and not kind:
            self._sheet.formulas.update(places)
        if kind == "percentage":
            self._sheet.formats.update(dict.fromkeys(places, "0%"))
        if kind == "boolean":
            self._sheet.formats.update(dict.fromkeys(places, "boolean"))
        if has_error or (kind == "float" and count * self._row_count == 1):
            # What the cell shows decides whether a number with a format such as 000 is an id.
            self._text = ""


def _count(text: str | None) -> int:
    if text is None:
        return 1
    if not (text.isascii() and text.isdecimal() and len(text) <= 8):
        raise refuse(Message("The workbook numbers a row {number!r}.", number=text[:20]))
    return max(1, int(text))
