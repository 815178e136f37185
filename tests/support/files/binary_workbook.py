"""A small .xlsb workbook, record by record as [MS-XLSB] has them; python-calamine reads its values."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/>'
    '<Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'


@dataclass(frozen=True)
class Shown:
    """A number with a number format, such as 0.85 with ``0%``."""

    value: float
    code: str


@dataclass(frozen=True)
class Computed:
    """A formula with the number that is stored beside it."""

    value: float


@dataclass(frozen=True)
class Broken:
    """A cell with an error, by its number in the format: 7 is #DIV/0!, 42 is #N/A."""

    number: int


@dataclass
class _Styles:
    codes: list[str] = field(default_factory=lambda: ["General"])

    def number(self, code: str) -> int:
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code)


def binary_workbook(
    rows: Sequence[Sequence[object]], *, hidden_rows: Sequence[int] = (), hidden_columns: Sequence[int] = ()
) -> bytes:
    """Return a workbook with one sheet, ``Scores``; rows and columns are counted from 1."""
    styles = _Styles()
    width = max(len(row) for row in rows)
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    if hidden_columns:
        sheet += _record(390)
        for column in hidden_columns:
            sheet += _record(60, struct.pack("<IIIIH", column - 1, column - 1, 2304, 0, 1))
        sheet += _record(391)
    sheet += _record(145)
    for number, row in enumerate(rows, 1):
        hidden = 0x10 if number in hidden_rows else 0
        sheet += _record(0, struct.pack("<IIHBBBI", number - 1, 0, 300, 0, hidden, 0, 0))
        for column, value in enumerate(row):
            sheet += _cell(column, value, styles)
    sheet += _record(146) + _record(130)
    parts: Mapping[str, bytes] = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": (
            f'{_RELATIONS}<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.bin"/>'
            "</Relationships>"
        ).encode(),
        "xl/_rels/workbook.bin.rels": (
            f'{_RELATIONS}<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.bin"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.bin"/></Relationships>'
        ).encode(),
        "xl/workbook.bin": _record(131)
        + _record(143)
        + _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text("Scores"))
        + _record(144)
        + _record(132),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/styles.bin": _styles_part(styles),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _cell(column: int, value: object, styles: _Styles) -> bytes:
    if value is None or value == "":
        return b""
    code = value.code if isinstance(value, Shown) else "General"
    head = struct.pack("<II", column, styles.number(code))
    if isinstance(value, Computed):
        return _record(9, head + struct.pack("<dHII", value.value, 0, 0, 0))
    if isinstance(value, Broken):
        return _record(3, head + bytes([value.number]))
    if isinstance(value, str):
        return _record(6, head + _text(value))
    number = value.value if isinstance(value, Shown) else value
    assert isinstance(number, int | float)
    return _record(5, head + struct.pack("<d", number))


def _styles_part(styles: _Styles) -> bytes:
    own = list(enumerate(styles.codes))[1:]
    formats = b"".join(_record(44, struct.pack("<H", 164 + number) + _text(code)) for number, code in own)
    cells = b"".join(
        _record(47, struct.pack("<HHHHHBBI", 0, 164 + number if number else 0, 0, 0, 0, 0, 0, 0))
        for number in range(len(styles.codes))
    )
    return (
        _record(278)
        + _record(615, struct.pack("<I", len(own)))
        + formats
        + _record(616)
        + _record(617, struct.pack("<I", len(styles.codes)))
        + cells
        + _record(618)
        + _record(279)
    )


def _record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size, left = b"", len(data)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + data


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
