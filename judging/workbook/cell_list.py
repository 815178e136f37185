"""Every cell of a workbook as plain text, so that people and programs can see which cell was changed."""

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook

from judging.incoming_tables.containers.archive import check_archive
from judging.incoming_tables.containers.limits import Limits
from judging.rubric import Text
from judging.workbook.cells import csv_text
from judging.workbook.headings import stacked

# A results workbook is larger than an uploaded form: five hundred proposals, sixty judges, with comments.
LIMITS = Limits(max_bytes=60_000_000, max_part_bytes=200_000_000, max_inflated_bytes=400_000_000, max_cells=4_000_000)
_COLUMNS = ("sheet", "cell", "kind", "value")


@dataclass(frozen=True, slots=True)
class CellValue:
    """The content of a cell: ``kind`` is number, text, formula, time or truth; ``value`` as in CSV."""

    kind: str
    value: str


Place = tuple[str, str]
Cells = dict[Place, CellValue]


def list_cells(content: bytes) -> Cells:
    """Return every cell of a workbook that is not empty, by sheet and address; raises InvalidInput as uploads do."""
    check_archive(content, LIMITS)
    cells: Cells = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        cells[sheet.title, cell.coordinate] = _shown(cell.value, str(cell.data_type))
        book.close()
    return cells


def _shown(value: Any, data_type: str) -> CellValue:
    if isinstance(value, bool):
        return CellValue("truth", str(value).lower())
    if isinstance(value, int | float):
        return CellValue("number", repr(value))
    if isinstance(value, datetime | date | time | timedelta):
        return CellValue("time", value.isoformat() if not isinstance(value, timedelta) else str(value))
    return CellValue("formula" if data_type == "f" else "text", csv_text(str(value)))


def cells_csv(cells: Mapping[Place, CellValue]) -> bytes:
    """Return cells as CSV, in the order of the workbook."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((sheet, cell, value.kind, value.value) for (sheet, cell), value in cells.items())
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def parse_cells(content: bytes) -> Cells:
    """Parse the output of `cells_csv`; raises ValueError for anything else."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    if tuple(next(rows, ())) != _COLUMNS:
        raise ValueError("not a list of cells")
    return {(sheet, cell): CellValue(kind, value) for sheet, cell, kind, value in rows}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table within a sheet: value and address by heading."""

    values: Mapping[str, CellValue]
    addresses: Mapping[str, str]


def table_of(cells: Mapping[Place, CellValue], sheet: Text, key: Text) -> Iterator[TableRow]:
    """Yield the rows of a sheet's table: those below the row with the heading of its key column.

    Headings are those of `judging.workbook.headings`, returned by their English; a heading of two columns is returned
    once, for the first.
    """
    rows: dict[int, dict[str, CellValue]] = {}
    for (name, address), value in cells.items():
        if name in sheet.by_language.values():
            letters = address.rstrip("0123456789")
            rows.setdefault(int(address[len(letters) :]), {})[letters] = value
    key_text = csv_text(stacked(key))
    heading = next(
        (number for number, row in sorted(rows.items()) if any(value.value == key_text for value in row.values())), 0
    )
    if not heading:
        return
    named: dict[str, str] = {}
    for letters, value in sorted(rows[heading].items(), key=lambda item: (len(item[0]), item[0])):
        named.setdefault(value.value.partition("\n")[0], letters)
    for number, row in sorted(rows.items()):
        if number > heading:
            yield TableRow(
                {name: row[letters] for name, letters in named.items() if letters in row},
                {name: f"{letters}{number}" for name, letters in named.items()},
            )


def named_rows(rows: Iterable[TableRow], *keys: str) -> dict[tuple[str, ...], TableRow]:
    """Return table rows by the texts under some headings, without those that lack one."""
    return {tuple(row.values[key].value for key in keys): row for row in rows if all(key in row.values for key in keys)}
