"""Checks of an uploaded workbook that is a zip archive: expensive uploads are rejected here, while inflating.

Such a workbook is a zip of parts. Each part is inflated once in small pieces, counted, and its XML is checked in the
same pass: entities are rejected, and cells are counted by their position. A file of one kilobyte whose only cell is
``XFD1048576`` would otherwise be padded to seventeen billion cells by the reader.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final
from xml.parsers import expat

from judging.errors import Message
from judging.incoming_tables.containers.binary_parts import BinaryPart
from judging.incoming_tables.containers.cell_count import CellCount, WorkbookFacts
from judging.incoming_tables.containers.limits import Limits, refuse
from judging.incoming_tables.containers.open_document import OpenDocumentCells

_PIECE = 65_536
# Small parts may compress very well by chance; a zip bomb is large.
_RATIO_FROM = 1_000_000
_MACROS = ("vbaproject.bin", "macrosheets/", "activex/")
_FOREIGN = ("xl/embeddings/", "xl/externallinks/")
XLSX: Final = "xlsx"
XLSB: Final = "xlsb"
ODS: Final = "ods"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedArchive:
    """What the check of a workbook found: its format, and what its XML tells beside the values of cells."""

    container: str
    facts: WorkbookFacts = field(default_factory=WorkbookFacts)
    open_document: OpenDocumentCells | None = None


def check_archive(content: bytes, limits: Limits) -> CheckedArchive:
    """Raise InvalidInput unless the bytes are a workbook without macros and within the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            container = _check_names(archive, limits)
            facts = WorkbookFacts()
            cells = CellCount(limits, facts)
            document = OpenDocumentCells(limits) if container == ODS else None
            inflated = 0
            # The styles come first: cells refer to them.
            for part in sorted(
                archive.infolist(), key=lambda part: not part.filename.lower().endswith(("styles.xml", "styles.bin"))
            ):
                watcher = document if part.filename == "content.xml" else None
                inflated += _check_part(archive, part, limits, cells, limits.max_inflated_bytes - inflated, watcher)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise refuse(
            Message("The workbook is damaged or incomplete. Open it in Excel, save it again and upload that copy.")
        ) from error
    return CheckedArchive(container=container, facts=facts, open_document=document)


def _check_names(archive: zipfile.ZipFile, limits: Limits) -> str:
    parts = archive.infolist()
    if len(parts) > limits.max_parts:
        raise refuse(Message("The workbook has more than {limit} parts.", limit=limits.max_parts))
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise refuse(Message("The workbook holds two parts of the same name."))
    if any(part.flag_bits & 1 for part in parts):
        raise refuse(Message("The workbook is protected by a password. Remove the password and upload it again."))
    if any(word in name for name in names for word in _MACROS):
        raise refuse(Message("The workbook contains macros. Save it as .xlsx without macros and upload that copy."))
    if any(name.startswith(_FOREIGN) for name in names):
        raise refuse(
            Message("The workbook embeds or links to other files. Copy its values into a new workbook and upload that.")
        )
    if "content.xml" in names and "mimetype" in names:
        if b"opendocument.spreadsheet" not in archive.read("mimetype")[:200]:
            raise refuse(Message("This is an OpenDocument file, but not a sheet (.ods)."))
        with archive.open(_part_named(archive, "meta-inf/manifest.xml")) as manifest:
            is_encrypted = b"encryption-data" in manifest.read(200_000)
        if is_encrypted:
            raise refuse(Message("The workbook is protected by a password. Remove the password and upload it again."))
        return ODS
    if "[content_types].xml" in names and "xl/workbook.bin" in names:
        return XLSB
    if "[content_types].xml" in names and "xl/workbook.xml" in names:
        return XLSX
    if any(name.endswith(".iwa") for name in names):
        raise refuse(Message("This is a file of Apple Numbers. Export it as Excel (.xlsx) and upload that."))
    raise refuse(Message("This is a zip archive, not an Excel workbook (.xlsx)."))


def _part_named(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    for part in archive.infolist():
        if part.filename.lower() == name:
            return part
    raise zipfile.BadZipFile(name)


def _check_part(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    limits: Limits,
    cells: CellCount,
    left: int,
    document: OpenDocumentCells | None,
) -> int:
    """Inflate one part, check its XML, and return its inflated size."""
    watch = records = None
    size = untagged = 0
    for piece in _pieces(archive, part):
        if size == 0 and _is_xml(part.filename, piece):
            watch = _watch(part.filename, cells, document)
        elif size == 0 and part.filename.lower().endswith(".bin"):
            cells.begin(part.filename, PurePosixPath(part.filename).stem)
            records = BinaryPart(cells)
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
        if records is not None:
            records.feed(piece)
    if records is not None:
        records.feed(b"", last=True)
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


def _watch(name: str, cells: CellCount, document: OpenDocumentCells | None) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    if name.lower() == "[content_types].xml":
        parser.StartElementHandler = _refuse_macro_types
    elif document is not None:
        parser.buffer_text = True
        parser.StartElementHandler = document.start
        parser.EndElementHandler = document.end
        parser.CharacterDataHandler = document.text
    else:
        cells.begin(name, PurePosixPath(name).stem)
        parser.buffer_text = True

        def start(tag: str, attributes: dict[str, str]) -> None:
            cells.start(tag, attributes)
            # A handler of every text would cost more than all the rest.
            parser.CharacterDataHandler = cells.text if cells.wants_text else None

        parser.StartElementHandler = start
    return parser


def _refuse_doctype(*_: Any) -> None:
    raise refuse(Message("The workbook declares document types or entities, which Excel never writes."))


def _refuse_macro_types(_tag: str, attributes: dict[str, str]) -> None:
    content_type = attributes.get("ContentType", "").lower()
    # Every .xlsb is called macro-enabled, with macros or without.
    if "macroenabled" in content_type.replace("sheet.binary.macroenabled.main", "") or "vbaproject" in content_type:
        raise refuse(Message("The workbook contains macros. Save it as .xlsx without macros and upload that copy."))


def _too_much(limits: Limits) -> Message:
    return Message(
        "The workbook holds more than {limit} names, styles, merged cells or other things beside its texts. Copy the "
        "rows that matter to a new workbook.",
        limit=limits.max_other_elements,
    )
