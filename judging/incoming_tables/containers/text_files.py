"""Text files as one sheet of cells: .csv, .tsv, Excel's "Unicode text"; what only looks like one is refused by name."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.cells import Book, RawCell, RawRow, RawSheet, clean
from judging.incoming_tables.containers.delimited import find_separator, read_rows
from judging.incoming_tables.containers.encodings import decode
from judging.incoming_tables.containers.limits import Limits, refuse

_TEXT_ENDINGS: Final = {".csv": None, ".tsv": "\t", ".tab": "\t", ".txt": None, ".asc": None}
_HTML: Final = re.compile(rb"\s*(<!doctype html|<html|<table|<head|<body|<meta|<style|<div)", re.IGNORECASE)
_FORCED_TEXT: Final = re.compile(r'\s*="([^"]*)"\s*')


def read_text(content: bytes, filename: str, encoding: str | None, limits: Limits) -> Book:
    """Return the cells of a text file; see ``read_book``."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf")
    if _HTML.match(start) or _HTML.match(start.replace(b"\x00", b"").lstrip(b"\xff\xfe")):
        raise refuse(
            Message("This is a web page (HTML), whatever its name says. Open it in Excel and save it as .xlsx.")
        )
    if start.lstrip().startswith(b"<?xml"):
        raise refuse(Message("This is an XML file, such as Excel 2003 wrote. Open it in Excel and save it as .xlsx."))
    if start.startswith(b"%PDF"):
        raise refuse(Message("This is a PDF. Ask for the table as an Excel workbook (.xlsx) or CSV file."))
    if start.lstrip().startswith((b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff")):
        raise refuse(Message("This is neither a workbook nor a CSV file, whatever its name says."))
    if start.lstrip().startswith((b"{", b"[{", b"[[")):
        raise refuse(Message("This is a JSON file. Ask for the table as an Excel workbook (.xlsx) or CSV file."))
    text, reading = decode(content, encoding)
    ending = PurePath(filename).suffix.lower()
    separator = _TEXT_ENDINGS.get(ending) or find_separator(text)
    cache: dict[str, RawCell] = {}
    rows = []
    for number, values in read_rows(text, limits=limits, separator=separator):
        cells: dict[int, RawCell] = {}
        for column, value in enumerate(values, 1):
            if not value:
                continue
            cell = cache.get(value)
            if cell is None:
                # Excel writes ="001" to keep a text a text.
                forced = _FORCED_TEXT.fullmatch(value)
                cell = cache[value] = RawCell(clean(forced[1] if forced else value).strip())
            if cell.text:
                cells[column] = cell
        if cells:
            rows.append(RawRow(number, cells))
    sheet = RawSheet(name=clean(PurePath(filename).stem), rows=tuple(rows))
    return Book(
        filename=filename,
        container="tsv" if separator == "\t" else "csv",
        sheets=(sheet,),
        encoding=reading,
        separator=separator,
    )
