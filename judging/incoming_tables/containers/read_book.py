"""An uploaded file as sheets of cells, whatever its container: .xlsx, .xls, .xlsb, .ods, .csv, .tsv, Unicode text.

Nothing is evaluated. Of a cell with a formula the value that is stored beside it is read. What a number shows counts
where it decides the meaning: percent, and formats such as ``000``.
"""

from __future__ import annotations

from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.archive import check_archive
from judging.incoming_tables.containers.cells import Book
from judging.incoming_tables.containers.limits import Limits, refuse
from judging.incoming_tables.containers.text_files import read_text
from judging.incoming_tables.containers.workbooks import protected_by_password, read_workbook, with_facts

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a workbook of 1993 or earlier begins with.
_OLD_RECORDS: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")


def read_book(content: bytes, filename: str, *, encoding: str | None = None, limits: Limits | None = None) -> Book:
    """Return the sheets of a file.

    Parameters
    ----------
    content : bytes
    filename : str
        Its ending matters only for ``.tsv``; the format is found in the content.
    encoding : str, optional
        One of ``encodings.ENCODINGS``, for a text file whose encoding somebody knows.
    limits : Limits, optional

    Raises
    ------
    InvalidInput
        When the file has another format, is too large, or cannot be read.
    """
    limits = limits or Limits()
    if len(content) > limits.max_bytes:
        raise refuse(Message("The file is larger than {limit} MB.", limit=f"{limits.max_bytes / 1e6:g}"))
    if not content.strip():
        raise refuse(Message("The file is empty."))
    if content.startswith(_ZIP):
        archive = check_archive(content, limits)
        sheets = tuple(with_facts(sheet, archive) for sheet in read_workbook(content, archive.container, limits))
        return Book(filename=filename, container=archive.container, sheets=sheets)
    if content.startswith((_OLE, *_OLD_RECORDS)):
        if "EncryptedPackage".encode("utf-16-le") in content[:200_000] + content[-200_000:]:
            raise protected_by_password()
        return Book(filename=filename, container="xls", sheets=tuple(read_workbook(content, "xls", limits)))
    return read_text(content, filename, encoding, limits)
