"""Read a workbook in a process of its own, with limits of memory and time; started as a script by ``containers``.

The first line of standard input is a JSON object with the container and the limits; the workbook follows. Each line of
the output is a JSON value: an object for each sheet, then its rows; ``{"refused": ...}`` or ``{"end": true}`` is last.
A hostile file can make any reader of workbooks need gigabytes or minutes: here it ends this process only.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from typing import Any

DEFAULT_FORMAT = "General"


class Refused(Exception):
    """The workbook exceeds a limit or cannot be read."""


class Output:
    """Lines of JSON, with the number of cells and characters that may still be written."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.cells = limits["max_cells"]
        self.characters = limits["max_characters"]

    def sheet(self, **facts: Any) -> None:
        """Write the line of a sheet."""
        self.line(facts)

    def row(self, number: int, cells: list[list[Any]]) -> None:
        """Write one row that is not empty."""
        if not cells:
            return
        if number > self.limits["max_rows"]:
            raise Refused(f"row:{number}")
        if cells[-1][0] > self.limits["max_columns"]:
            raise Refused(f"column:{cells[-1][0]}:{number}")
        self.cells -= len(cells)
        if self.cells < 0:
            raise Refused("cells")
        for cell in cells:
            if isinstance(cell[2], str):
                self.characters -= len(cell[2])
        if self.characters < 0:
            raise Refused("characters")
        self.line([number, cells])

    def line(self, value: Any) -> None:
        """Write one value."""
        sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def value_of(value: Any) -> list[Any] | None:
    """Return the kind and the JSON value of a cell of calamine; None for an empty one."""
    if isinstance(value, bool):
        return ["truth", value]
    if isinstance(value, int | float):
        return ["number", value]
    if isinstance(value, str):
        return ["text", value] if value else None
    if isinstance(value, dt.datetime):
        return ["date", value.date().isoformat() if value.time() == dt.time() else value.isoformat()]
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    if isinstance(value, dt.time):
        return ["time", value.isoformat()]
    if isinstance(value, dt.timedelta):
        return ["time", str(value)]
    return ["text", str(value)]


def read_calamine(content: bytes, output: Output) -> None:
    """Write the sheets of an .xlsx, .xlsb or .ods workbook."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    book = load_workbook(io.BytesIO(content))
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        merged = [[r1 + 1, c1 + 1, r2 + 1, c2 + 1] for (r1, c1), (r2, c2) in (sheet.merged_cell_ranges or [])[:50_000]]
        output.sheet(sheet=meta.name, hidden=meta.visible is not SheetVisibleEnum.Visible, merged=merged)
        if sheet.start is None:
            continue
        first_row, first_column = sheet.start
        # `iter_rows` begins at the first row of the sheet, whatever the first cell with a value is.
        for number, row in enumerate(sheet.to_python(skip_empty_area=True), first_row + 1):
            cells = []
            for column, value in enumerate(row, first_column + 1):
                shown = value_of(value)
                if shown is not None:
                    cells.append([column, *shown])
            output.row(number, cells)


def read_old(content: bytes, output: Output) -> None:
    """Write the sheets of an .xls workbook, with the formats of its numbers."""
    import xlrd

    book = xlrd.open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    for sheet in book.sheets():
        output.sheet(
            sheet=sheet.name,
            hidden=sheet.visibility != 0,
            merged=[[r1 + 1, c1 + 1, r2, c2] for r1, r2, c1, c2 in sheet.merged_cells[:50_000]],
            hidden_rows=[row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden][:100_000],
            hidden_columns=[column + 1 for column, info in sheet.colinfo_map.items() if info.hidden][:1000],
        )
        for row in range(sheet.nrows):
            cells = []
            for column in range(sheet.row_len(row)):
                shown = old_value(book, sheet, row, column, xlrd)
                if shown is not None:
                    cells.append([column + 1, *shown])
            output.row(row + 1, cells)


def old_value(book: Any, sheet: Any, row: int, column: int, xlrd: Any) -> list[Any] | None:
    """Return kind, value and, for numbers, the number format of a cell of xlrd; None for an empty one."""
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return ["text", value] if value else None
    if kind == xlrd.XL_CELL_NUMBER:
        code = book.format_map[book.xf_list[sheet.cell_xf_index(row, column)].format_key].format_str
        return ["number", value, code] if code != DEFAULT_FORMAT else ["number", value]
    if kind == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(value, book.datemode)
        except (ValueError, OverflowError):
            return ["number", value]
        if value < 1:
            return ["time", moment.time().isoformat()]
        return ["date", moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()]
    if kind == xlrd.XL_CELL_BOOLEAN:
        return ["truth", bool(value)]
    if kind == xlrd.XL_CELL_ERROR:
        return ["error", xlrd.error_text_from_code.get(value, "#ERROR")]
    return None


def main() -> None:
    """Read from standard input, write to standard output."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = request["limits"]
    try:
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_AS, (limits["max_memory_bytes"],) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limits["max_seconds"],) * 2)
        # A reader that gets no memory may stop for ever without using the processor.
        signal.alarm(2 * limits["max_seconds"])
    except ImportError:
        # Only Unix has such limits.
        pass
    content = sys.stdin.buffer.read()
    output = Output(limits)
    try:
        (read_old if request["container"] == "xls" else read_calamine)(content, output)
    except Refused as error:
        output.line({"refused": str(error)})
    except MemoryError:
        output.line({"refused": "memory"})
    except BaseException as error:  # noqa: BLE001 - a reader of hostile bytes may raise anything, also a panic of Rust
        name = type(error).__name__
        is_protected = name == "PasswordError" or "encrypted" in str(error).lower() or "password" in str(error).lower()
        output.line({"refused": "password" if is_protected else f"unreadable:{name}"})
    else:
        output.line({"end": True})
    sys.stdout.flush()


if __name__ == "__main__":
    main()
