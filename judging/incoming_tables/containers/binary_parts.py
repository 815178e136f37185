"""The parts of a binary workbook (.xlsb), records in place of XML: counted, and read for formats and errors."""

from __future__ import annotations

from typing import Final

from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers.cell_count import CellCount
from judging.incoming_tables.containers.limits import refuse

# Numbers of records in [MS-XLSB], part 2.3.
_ROW: Final = 0
_BLANK: Final = 1
_ERROR: Final = 3
_FORMULA_ERROR: Final = 11
_CELLS: Final = range(12)
_NUMBERS: Final = frozenset((2, 5, 9))
_FORMULAS: Final = frozenset((8, 9, 10, 11))
_RICH_TEXT: Final = 62
_SHARED_TEXT: Final = 19
_FORMAT: Final = 44
_CELL_FORMAT: Final = 47
_COLUMN: Final = 60
_BEGIN_CELL_FORMATS: Final = 617
_END_CELL_FORMATS: Final = 618
_SHEET: Final = 156
# A part is what its first record says, whatever its name: a worksheet, styles, the workbook, shared texts.
_BEGINNINGS: Final = {129: "worksheet", 278: "styles", 131: "workbook", 159: "texts"}
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_LONGEST_RECORD: Final = 2_000_000


class BinaryPart:
    """Read the records of one part as they are inflated; see ``CellCount`` for what is counted."""

    def __init__(self, cells: CellCount) -> None:
        self.cells = cells
        self.kind: str | None = None
        self._left = b""

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Read the next bytes of the part.

        Raises
        ------
        InvalidInput
            When a limit is exceeded, or the records of a worksheet are broken.
        """
        if self.kind == "":
            return
        data = self._left + piece
        at = 0
        while (head := _head(data, at)) is not None:
            number, start, size = head
            if self.kind is None:
                self.kind = _BEGINNINGS.get(number, "")
                if not self.kind:
                    self._left = b""
                    return
            if size > _LONGEST_RECORD:
                raise _broken()
            if start + size > len(data):
                break
            self._record(number, data[start : start + size])
            at = start + size
        self._left = data[at:]
        if last and self._left:
            raise _broken()

    def _record(self, number: int, data: bytes) -> None:
        try:
            if self.kind == "worksheet":
                self._of_worksheet(number, data)
            elif self.kind == "styles":
                self._of_styles(number, data)
            elif self.kind == "texts" and number == _SHARED_TEXT:
                self.cells.count_shared_text()
            elif self.kind == "workbook" and number == _SHEET:
                identity, at = _text(data, 8)
                name, _ = _text(data, at)
                self.cells.facts.sheet_ids[name] = identity
        except (IndexError, UnicodeDecodeError) as error:
            raise _broken() from error

    def _of_worksheet(self, number: int, data: bytes) -> None:
        if number == _ROW:
            self.cells.enter_row(_whole(data, 0) + 1, is_hidden=bool(data[11] & 0x10))
        elif number in _CELLS or number == _RICH_TEXT:
            is_error = number in (_ERROR, _FORMULA_ERROR)
            kind = "e" if is_error else "n" if number in _NUMBERS else "str"
            self.cells.enter_cell(_whole(data, 0) + 1, style=str(_whole(data, 4) & 0xFFFFFF), kind=kind)
            if number != _BLANK:
                self.cells.fill_cell(is_formula=number in _FORMULAS)
            if is_error:
                self.cells.text(_ERRORS.get(data[8], "#ERROR"))
        elif number == _COLUMN and data[16] & 1:
            self.cells.hide_columns(_whole(data, 0) + 1, _whole(data, 4) + 1)
        else:
            self.cells.count_other()

    def _of_styles(self, number: int, data: bytes) -> None:
        styles = self.cells.styles
        if number == _FORMAT:
            styles.start("numFmt", {"numFmtId": str(_short(data, 0)), "formatCode": _text(data, 2)[0]})
        elif number == _BEGIN_CELL_FORMATS:
            styles.start("cellXfs", {})
        elif number == _END_CELL_FORMATS:
            styles.start("cellStyles", {})
        elif number == _CELL_FORMAT:
            styles.start("xf", {"numFmtId": str(_short(data, 2))})
        self.cells.count_other()


def _head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return the number of a record, where its content begins, and its size; None when its head is incomplete."""
    number, after = _variable(data, at, 2)
    size, start = _variable(data, after, 4) if after else (0, 0)
    return (number, start, size) if start else None


def _variable(data: bytes, at: int, most: int) -> tuple[int, int]:
    """Return a number of at most so many bytes, seven bits in each, and what follows it; 0 where it is cut off."""
    value = 0
    for index in range(most):
        if at + index >= len(data):
            return 0, 0
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    return value, at + most


def _whole(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise IndexError(at)
    return int.from_bytes(data[at : at + 4], "little")


def _short(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise IndexError(at)
    return int.from_bytes(data[at : at + 2], "little")


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Return a text, and what follows it; a missing one has the length 0xFFFFFFFF."""
    length = _whole(data, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise IndexError(end)
    return data[at + 4 : end].decode("utf-16-le"), end


def _broken() -> InvalidInput:
    return refuse(
        Message("The workbook is damaged or incomplete. Open it in Excel, save it again and upload that copy.")
    )
