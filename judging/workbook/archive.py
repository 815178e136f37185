"""Checks of an uploaded workbook: expensive uploads are rejected here, while inflating.

A workbook is a zip of XML parts. Each part is inflated once in small pieces, counted, and its XML is checked in the
same pass: entities are rejected, and cells are counted by their position. A file of one kilobyte whose only cell is
``XFD1048576`` would otherwise be padded to seventeen billion cells by the reader.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from openpyxl.utils.cell import get_column_letter

from judging.errors import InvalidInput, Message

_PIECE = 65_536
# Small parts may compress very well by chance; a zip bomb is large.
_RATIO_FROM = 1_000_000
_MACROS = ("vbaproject.bin", "macrosheets/", "activex/")
# Elements that are parts of cells or shared texts: the limit on cells and texts covers them.
_OF_TEXTS = frozenset(("v", "t", "is", "f", "r", "rPr", "rPh", "phoneticPr"))
_FOREIGN = ("xl/embeddings/", "xl/externallinks/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of an uploaded file.

    Attributes
    ----------
    max_bytes : int
        Size of the file as uploaded.
    max_parts, max_part_bytes, max_inflated_bytes : int
        Of a workbook's zip archive, once inflated.
    max_ratio : int
        Inflated to packed size of any part over a megabyte.
    max_rows, max_columns, max_cells : int
        Of one table, and the cells of all tables together.
    max_shared_texts : int
        Entries of the table of shared texts.
    max_other_elements : int
        XML elements that are neither rows, cells nor their texts: defined names, styles, merged cells and the like. A
        reader of workbooks builds an object of each.
    max_tag_bytes : int
        Of an XML tag, or of a text without any tag: all attributes of one element, possibly 300,000, are parsed at
        once.
    max_characters : int
        Of all texts together: a million cells may share one long text, so that the file is small.
    """

    max_bytes: int = 10_000_000
    max_parts: int = 300
    max_part_bytes: int = 60_000_000
    max_inflated_bytes: int = 100_000_000
    max_ratio: int = 150
    max_rows: int = 100_000
    max_columns: int = 100
    max_cells: int = 1_000_000
    max_shared_texts: int = 200_000
    max_other_elements: int = 50_000
    max_tag_bytes: int = 300_000
    max_characters: int = 20_000_000


def refuse(message: Message, place: str = "file") -> InvalidInput:
    """Return the error for one place of an uploaded file, to be raised."""
    return InvalidInput({place: [message]})


def check_archive(content: bytes, limits: Limits) -> None:
    """Raise InvalidInput unless the bytes are a workbook without macros and within the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_names(archive, limits)
            cells = _CellCount(limits)
            inflated = 0
            for part in archive.infolist():
                inflated += _check_part(archive, part, limits, cells, limits.max_inflated_bytes - inflated)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise refuse(
            Message("The workbook is damaged or incomplete. Open it in Excel, save it again and upload that copy.")
        ) from error


def _check_names(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.max_parts:
        raise refuse(Message("The workbook has more than {limit} parts.", limit=limits.max_parts))
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise refuse(Message("The workbook holds two parts of the same name."))
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(Message("The workbook is protected by a password. Remove the password and upload it again."))
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise refuse(Message("This is a zip archive, not an Excel workbook (.xlsx)."))
    if any(word in name for name in names for word in _MACROS):
        raise refuse(Message("The workbook contains macros. Save it as .xlsx without macros and upload that copy."))
    if any(name.startswith(_FOREIGN) for name in names):
        raise refuse(
            Message("The workbook embeds or links to other files. Copy its values into a new workbook and upload that.")
        )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits, cells: "_CellCount", left: int) -> int:
    """Inflate one part, check its XML, and return its inflated size."""
    watch = None
    size = untagged = 0
    for piece in _pieces(archive, part):
        if size == 0 and _is_xml(part.filename, piece):
            watch = _watch(part.filename, cells)
        size += len(piece)
        dense = size > _RATIO_FROM and size > limits.max_ratio * max(part.compress_size, 1)
        if size > min(limits.max_part_bytes, left) or dense:
            raise refuse(
                Message("The workbook unpacks to far more than its size. Copy the rows that matter to a new workbook.")
            )
        if watch is not None:
            untagged = 0 if b">" in piece else untagged + len(piece)
            if untagged > limits.max_tag_bytes:
                raise refuse(_too_much(limits))
            _parse(watch, piece, part.filename)
    if watch is not None:
        _parse(watch, b"", part.filename, last=True)
    return size


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _is_xml(name: str, first: bytes) -> bool:
    # Also by content: a relationship can make any part a worksheet, independent of its name.
    return name.lower().endswith((".xml", ".rels")) or first.lstrip(b"\x00\t\r\n \xef\xbb\xbf\xfe\xff").startswith(b"<")


def _parse(watch: expat.XMLParserType, piece: bytes, name: str, *, last: bool = False) -> None:
    try:
        watch.Parse(piece, last)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise refuse(
            Message("Part {name} of the workbook is not readable. Open it in Excel and save it again.", name=name)
        ) from error


def _watch(name: str, cells: "_CellCount") -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    if name.lower() == "[content_types].xml":
        parser.StartElementHandler = _refuse_macro_types
    else:
        cells.begin(PurePosixPath(name).stem)
        parser.StartElementHandler = cells.start
    return parser


def _refuse_doctype(*_: Any) -> None:
    raise refuse(Message("The workbook declares document types or entities, which Excel never writes."))


def _refuse_macro_types(_tag: str, attributes: dict[str, str]) -> None:
    content_type = attributes.get("ContentType", "").lower()
    if "macroenabled" in content_type or "vbaproject" in content_type or "ms-excel.sheet.binary" in content_type:
        raise refuse(Message("The workbook contains macros. Save it as .xlsx without macros and upload that copy."))


def _too_much(limits: Limits) -> Message:
    return Message(
        "The workbook holds more than {limit} names, styles, merged cells or other things beside its texts. Copy the "
        "rows that matter to a new workbook.",
        limit=limits.max_other_elements,
    )


class _CellCount:
    """Count rows and cells by their position, without storing any."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = self.shared_texts = self.others = 0
        self.begin("")

    def begin(self, sheet: str) -> None:
        """Start the next part, which may be a worksheet."""
        self.sheet = sheet
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Process the start of one element."""
        # A namespace prefix is allowed, and some writers use one.
        kind = tag.rpartition(":")[2]
        if kind == "c" and self.row:
            self._cell(attributes.get("r"))
        elif kind == "row":
            self._row(attributes.get("r"))
        elif kind == "si":
            self.shared_texts += 1
            if self.shared_texts > self.limits.max_shared_texts:
                raise refuse(
                    Message("The workbook has more than {limit} different texts.", limit=self.limits.max_shared_texts)
                )
        elif kind not in _OF_TEXTS:
            self.others += 1
            if self.others > self.limits.max_other_elements:
                raise refuse(_too_much(self.limits))

    def _row(self, number: str | None) -> None:
        self.row = self.row + 1 if number is None else _whole(number)
        self.column = 0
        if self.row > self.limits.max_rows:
            raise refuse(
                Message(
                    "There is a value in row {row}; at most {limit} rows are read. Delete what is below the table.",
                    row=self.row,
                    limit=self.limits.max_rows,
                ),
                self.sheet,
            )

    def _cell(self, reference: str | None) -> None:
        self.total += 1
        self.column = self.column + 1 if reference is None else _column(reference)
        if reference is not None and _row_of(reference) != self.row:
            # Readers differ in which of the two they use.
            raise refuse(Message("A cell of row {row} says that it is {cell}.", row=self.row, cell=reference))
        if self.column > self.limits.max_columns:
            raise refuse(
                Message(
                    "There is a value in cell {cell}; at most {limit} columns are read. Delete what is right of "
                    "the table.",
                    cell=f"{get_column_letter(min(self.column, 16_384))}{self.row}",
                    limit=self.limits.max_columns,
                ),
                self.sheet,
            )
        if self.total > self.limits.max_cells:
            raise refuse(Message("The workbook has more than {limit} cells.", limit=self.limits.max_cells))


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
