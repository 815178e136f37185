"""An uploaded table, from Excel or CSV, as plain rows of text for the schemas.

Nothing is evaluated. A cell with a formula is rejected and named: the imported value must be the visible one, and a
formula shows the value that was last computed. Numbers become their shortest exact text and dates ISO 8601, so that the
same schema reads a workbook, a CSV file and a form.
"""

import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import IO, Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from judging.errors import InvalidInput, Message
from judging.workbook.archive import Limits, check_archive, refuse
from judging.workbook.cells import clean
from judging.workbook.delimited import decode, read_rows

__all__ = ["Limits", "Row", "Table", "read_table"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXTS = {".csv": None, ".tsv": "\t", ".txt": None}
_MOST_COMPLAINTS = 20
# openpyxl has no error class for parts that contradict each other.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_SPELT = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as in the spreadsheet program, and its cells that are not empty, by heading."""

    number: int
    values: Mapping[str, str]

    def get(self, heading: str) -> str | None:
        """Return the text under a heading, None when the cell is empty or the column is missing."""
        return self.values.get(heading)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, or one CSV file.

    Attributes
    ----------
    name : str
        Title of the sheet, or the file's name without its ending.
    header : tuple of str
        Headings as names: ``Max load`` above Chinese lines reads ``max_load``.
    rows : tuple of Row
        Empty rows left out.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, row: Row, heading: str | None = None) -> str:
        """Return the name of a row or a cell for an error message."""
        where = f"{self.name}, row {row.number}"
        return where if heading is None else f"{where}, {heading}"


def read_table(stream: IO[bytes], filename: str, *, limits: Limits | None = None) -> list[Table]:
    """Return the tables of an uploaded .xlsx, .csv or .tsv file, without empty sheets.

    Raises
    ------
    InvalidInput
        When the file has another format, is too large, or has cells that cannot be read; the keys are the places.
    """
    limits = limits or Limits()
    content = stream.read(limits.max_bytes + 1)
    if len(content) > limits.max_bytes:
        raise refuse(Message("The file is larger than {limit} MB.", limit=f"{limits.max_bytes / 1e6:g}"))
    if not content.strip():
        raise refuse(Message("The file is empty."))
    path = PurePath(filename)
    if content.startswith(_OLE):
        raise refuse(Message("This is an old .xls file, or one with a password. Save it as .xlsx without a password."))
    if content.startswith(_ZIP):
        check_archive(content, limits)
        return _read_workbook(content, limits)
    if path.suffix.lower() not in _TEXTS:
        raise refuse(Message("This is neither an Excel workbook (.xlsx) nor a CSV file, whatever its name says."))
    rows = read_rows(decode(content), limits=limits, separator=_TEXTS[path.suffix.lower()])
    return [_to_table(clean(path.stem), ((number, dict(enumerate(row, 1))) for number, row in rows))]


def name_of(heading: str) -> str:
    r"""Return the name of a heading: its first line in lower case, words joined by underscores.

    >>> name_of("Max load\n上限\n上限")
    'max_load'
    """
    first = heading.strip().partition("\n")[0]
    return "_".join(first.casefold().replace("-", " ").replace("_", " ").split())


def _read_workbook(content: bytes, limits: Limits) -> list[Table]:
    budget = _Budget(limits.max_characters)
    with warnings.catch_warnings():
        # Warnings on extensions and styles that an import does not use.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            tables = [
                _to_table(clean(sheet.title), _cells_of(sheet, budget))
                for sheet in book.worksheets
                if sheet.sheet_state == "visible"
            ]
            book.close()
        except _UNREADABLE as error:
            raise refuse(
                Message("The workbook cannot be read. Open it in Excel, save it again and upload that copy.")
            ) from error
    headed = [table for table in tables if table.header]
    # Of a template only the filled sheets are used; without one, the sheets with only headings are returned.
    return [table for table in headed if table.rows] or headed


class _Budget:
    """The number of characters that may still be read."""

    def __init__(self, characters: int) -> None:
        self.left = self.total = characters

    def spend(self, text: str) -> str:
        """Return the text, or raise when the limit is exceeded."""
        self.left -= len(text)
        if self.left < 0:
            raise refuse(Message("The texts have more than {limit} characters together.", limit=self.total))
        return text


def _cells_of(sheet: Any, budget: _Budget) -> Iterable[tuple[int, dict[int, str]]]:
    # The dimension that a sheet states can be wrong; the check of the archive has counted its cells.
    sheet.reset_dimensions()
    complaints: dict[str, str] = {}
    for cells in sheet.iter_rows():
        texts: dict[int, str] = {}
        for cell in cells:
            if cell.value is None:
                continue
            if cell.data_type in ("f", "e"):
                complaints[f"{sheet.title}!{cell.coordinate}"] = _complaint(cell)
            else:
                texts[cell.column] = _text_of(budget.spend(cell.value) if isinstance(cell.value, str) else cell.value)
        if len(complaints) >= _MOST_COMPLAINTS:
            break
        if any(text.strip() for text in texts.values()):
            yield next(cell.row for cell in cells if cell.value is not None), texts
    if complaints:
        raise InvalidInput(complaints)


def _complaint(cell: Any) -> str:
    if cell.data_type == "e":
        return Message("The cell shows the error {error}.", error=str(cell.value))
    return Message("The cell holds a formula. Copy the sheet, paste it as values, and upload that.")


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _SPELT.sub(lambda match: chr(int(match[1], 16)), str(value))


def _to_table(name: str, rows: Iterable[tuple[int, Mapping[int, str]]]) -> Table:
    heading_row: int | None = None
    columns: dict[int, str] = {}
    filled_rows: list[Row] = []
    complaints: dict[str, str] = {}
    for number, cells in rows:
        if heading_row is None:
            heading_row = number
            columns = _headings(name, number, cells)
            continue
        values: dict[str, str] = {}
        for column, raw in cells.items():
            text = clean(raw).strip()
            if not text:
                continue
            if column in columns:
                values[columns[column]] = text
            elif len(complaints) < _MOST_COMPLAINTS:
                complaints[f"{name}!{get_column_letter(column)}{number}"] = Message("There is nothing above this cell.")
        if values:
            filled_rows.append(Row(number, values))
    if complaints:
        raise InvalidInput(complaints)
    return Table(name, tuple(columns.values()), tuple(filled_rows))


def _headings(table: str, row: int, cells: Mapping[int, str]) -> dict[int, str]:
    columns = {column: name_of(clean(text)) for column, text in cells.items() if text.strip()}
    names: Sequence[str] = list(columns.values())
    complaints = {
        f"{table}!{get_column_letter(column)}{row}": Message("Two columns are headed {name}.", name=name)
        for column, name in columns.items()
        if names.count(name) > 1
    }
    if complaints:
        raise InvalidInput(complaints)
    return columns
