"""An uploaded file as sheets of cells, whatever its container: .xlsx, .xls, .xlsb, .ods, .csv, .tsv, Unicode text.

Nothing is evaluated. Of a cell with a formula the value that is stored beside it is read. What a number shows counts
where it decides the meaning: percent, and formats such as ``000``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any, Final

from judging.errors import InvalidInput, Message
from judging.incoming_tables import cells as kinds
from judging.incoming_tables.archive import CheckedArchive, check_archive
from judging.incoming_tables.cell_count import SheetFacts
from judging.incoming_tables.cells import Book, Cell, RawRow, RawSheet
from judging.incoming_tables.delimited import find_separator, read_rows
from judging.incoming_tables.encodings import decode
from judging.incoming_tables.limits import Limits, refuse
from judging.incoming_tables.number_formats import number_text, shown

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What a workbook of 1993 or earlier begins with.
_OLD_RECORDS: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_TEXT_ENDINGS: Final = {".csv": None, ".tsv": "\t", ".tab": "\t", ".txt": None, ".asc": None}
_HTML: Final = re.compile(rb"\s*(<!doctype html|<html|<table|<head|<body|<meta|<style|<div)", re.IGNORECASE)
_SPELT: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEW_LINE: Final = re.compile("\r\n?|[\u2028\u2029]")
_SCRIPT: Final = Path(__file__).with_name("workbook_process.py")


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
        sheets = tuple(_with_facts(sheet, archive) for sheet in _read_workbook(content, archive.container, limits))
        return Book(filename=filename, container=archive.container, sheets=sheets)
    if content.startswith((_OLE, *_OLD_RECORDS)):
        if "EncryptedPackage".encode("utf-16-le") in content[:200_000] + content[-200_000:]:
            raise _protected()
        return Book(filename=filename, container="xls", sheets=tuple(_read_workbook(content, "xls", limits)))
    return _read_text(content, filename, encoding, limits)


def clean(text: str) -> str:
    """Return a text without control characters, with line feeds as its line breaks."""
    return _CONTROL.sub("", _NEW_LINE.sub("\n", text))


def _read_text(content: bytes, filename: str, encoding: str | None, limits: Limits) -> Book:
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
    text, reading = decode(content, encoding)
    ending = PurePath(filename).suffix.lower()
    separator = _TEXT_ENDINGS.get(ending) or find_separator(text)
    cache: dict[str, Cell] = {}
    rows = []
    for number, values in read_rows(text, limits=limits, separator=separator):
        cells: dict[int, Cell] = {}
        for column, value in enumerate(values, 1):
            if not value:
                continue
            cell = cache.get(value)
            if cell is None:
                cell = cache[value] = Cell(clean(value).strip())
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


def _read_workbook(content: bytes, container: str, limits: Limits) -> Iterator[RawSheet]:
    request = {"container": container, "limits": asdict(limits)}
    try:
        # S603: the program and its script are ours; the upload goes to its standard input.
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(_SCRIPT)],
            input=json.dumps(request).encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=4 * limits.max_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_dear() from error
    lines = done.stdout.split(b"\n")
    end = _last(lines)
    if "refused" in end:
        raise _refused(str(end["refused"]), limits)
    if end != {"end": True}:
        raise _too_dear()
    yield from _sheets(lines)


def _last(lines: list[bytes]) -> dict[str, Any]:
    for line in reversed(lines):
        if line:
            try:
                value = json.loads(line)
            except ValueError:
                return {}
            return value if isinstance(value, dict) else {}
    return {}


def _sheets(lines: list[bytes]) -> Iterator[RawSheet]:
    facts: dict[str, Any] | None = None
    rows: list[RawRow] = []
    cache: dict[tuple[Any, ...], Cell | None] = {}
    for line in lines:
        if not line:
            continue
        value = json.loads(line)
        if isinstance(value, dict):
            if facts is not None:
                yield _sheet(facts, rows)
            facts, rows = (value, []) if "sheet" in value else (None, [])
            continue
        cells: dict[int, Cell] = {}
        for column, *content in value[1]:
            key = tuple(content)
            if key not in cache:
                cache[key] = _cell(*content)
            cell = cache[key]
            if cell is not None:
                cells[column] = cell
        if cells:
            rows.append(RawRow(value[0], cells))


def _cell(kind: str, value: Any, code: str = "") -> Cell | None:
    if kind == kinds.NUMBER:
        return shown(value, code) if code else Cell(number_text(value), kinds.NUMBER)
    if kind == kinds.TRUTH:
        return Cell("true" if value else "false", kinds.TRUTH)
    text = str(value)
    if kind == kinds.TEXT:
        text = clean(_SPELT.sub(lambda match: chr(int(match[1], 16)), text)).strip()
    return Cell(text, kind) if text else None


def _sheet(facts: dict[str, Any], rows: list[RawRow]) -> RawSheet:
    return RawSheet(
        name=clean(facts["sheet"]),
        rows=tuple(rows),
        merged=tuple((r1, c1, r2, c2) for r1, c1, r2, c2 in facts["merged"]),
        hidden_rows=frozenset(facts.get("hidden_rows", ())),
        hidden_columns=frozenset(facts.get("hidden_columns", ())),
        is_hidden=facts["hidden"],
    )


def _with_facts(sheet: RawSheet, archive: CheckedArchive) -> RawSheet:
    """Return a sheet with what only the XML of its workbook tells."""
    texts: dict[tuple[int, int], str] = {}
    if archive.open_document is not None:
        facts = archive.open_document.sheets.get(sheet.name, SheetFacts())
        texts = archive.open_document.shown.get(sheet.name, {})
    else:
        facts = archive.facts.of_sheet(sheet.name)
    rows = {row.number: row for row in sheet.rows}
    special: dict[int, dict[int, Cell]] = {}
    for number, column in facts.errors:
        special.setdefault(number, {})[column] = Cell("#N/A", kinds.ERROR)
    for number, column in facts.formulas:
        if number not in rows or column not in rows[number].cells:
            special.setdefault(number, {})[column] = Cell("=", kinds.NO_VALUE)
    for (number, column), code in facts.formats.items():
        row_cells = rows[number].cells if number in rows else {}
        before = row_cells.get(column)
        if before is not None and before.kind == kinds.NUMBER:
            value = float(before.text)
            cell = Cell("true" if value else "false", kinds.TRUTH) if code == "boolean" else shown(value, code)
            special.setdefault(number, {})[column] = cell
    for (number, column), text in texts.items():
        place = special.setdefault(number, {})
        row_cells = rows[number].cells if number in rows else {}
        before = row_cells.get(column)
        if (number, column) in facts.errors:
            place[column] = Cell(text or "#N/A", kinds.ERROR)
        elif before is not None and before.kind == kinds.NUMBER and _is_padded(before.text, text):
            place[column] = Cell(text)
    for number, changed in special.items():
        row = rows.get(number)
        merged = {**(row.cells if row else {}), **changed}
        if merged:
            rows[number] = RawRow(number, dict(sorted(merged.items())))
    return replace(
        sheet,
        rows=tuple(rows[number] for number in sorted(rows)),
        hidden_rows=frozenset(facts.hidden_rows),
        hidden_columns=frozenset(facts.hidden_columns),
        n_formulas=facts.n_formulas,
    )


def _is_padded(number: str, text: str) -> bool:
    """Return whether a whole number is shown as an id, such as 007 or P007."""
    match = re.fullmatch(r"(\D*?)(0*)(\d+)", text)
    if match is None or not number.isdecimal() or match[2] + match[3] == "":
        return False
    return int(match[2] + match[3]) == int(number) and text != number and (bool(match[2]) or match[1].strip().isalpha())


def _refused(reason: str, limits: Limits) -> InvalidInput:
    what, _, rest = reason.partition(":")
    if what == "row":
        return refuse(
            Message(
                "There is a value in row {row}; at most {limit} rows are read. Delete what is below the table.",
                row=rest,
                limit=limits.max_rows,
            )
        )
    if what in ("column", "cells"):
        return refuse(
            Message(
                "At most {columns} columns and {cells} cells are read.",
                columns=limits.max_columns,
                cells=limits.max_cells,
            )
        )
    if what == "characters":
        return refuse(Message("The texts have more than {limit} characters together.", limit=limits.max_characters))
    if what == "password":
        return _protected()
    if what == "memory":
        return _too_dear()
    return refuse(Message("The workbook cannot be read. Open it in Excel, save it again and upload that copy."))


def _protected() -> InvalidInput:
    return refuse(Message("The workbook is protected by a password. Remove the password and upload it again."))


def _too_dear() -> InvalidInput:
    return refuse(
        Message("Reading the workbook takes too much time or memory. Copy the rows that matter to a new workbook.")
    )
