"""Hostile files of each container are refused in bounded time and memory; one table reads equal from each."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from judging.errors import InvalidInput
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.containers.read_book import read_book

CELL = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def as_ods(rows: str, before: str = "") -> bytes:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {namespaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="s">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": content.encode(),
        }
    )


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


FAR = f'<table:table-row table:number-rows-repeated="1048575"/><table:table-row>{CELL}</table:table-row>'
WIDE_CELL = CELL.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"')
WIDE = f"<table:table-row>{WIDE_CELL}</table:table-row>"
MANY = f'<table:table-row table:number-rows-repeated="99999">{CELL * 90}</table:table-row>'
FILES: dict[str, tuple[bytes, str]] = {
    "ods: far cell": (as_ods(FAR), "There is a value in row 1048576"),
    "ods: far column": (as_ods(WIDE), "at most 100 columns"),
    "ods: repeated cells": (as_ods(MANY), "more than 1000000 cells"),
    "ods: entities": (as_ods("", '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'), "entities"),
    "ods: bomb": (as_ods(f"<text:p>{'<text:s/>' * 1_500_000}</text:p>"), "unpacks to far more"),
    "ods: password": (
        zipped(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": b"<manifest:encryption-data/>",
                "content.xml": b"\x00",
            }
        ),
        "password",
    ),
    "xls: zeros": (OLE + bytes(2_000_000), "cannot be read"),
    "xls: noise": (OLE + os.urandom(200_000), "cannot be read"),
    "xls: password": (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(600), "password"),
    "xlsb: noise": (
        zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": os.urandom(100_000)}),
        "cannot be read",
    ),
    "numbers": (zipped({"Index/Document.iwa": b"x"}), "Apple Numbers"),
    "word": (zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"}), "not an Excel workbook"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_by_what_it_is_in_bounded_time(name: str) -> None:
    content, part = FILES[name]
    began = time.process_time()
    with pytest.raises(InvalidInput, match=part):
        read_book(content, "x.xls")
    # Generous: the reader of a workbook has twenty seconds, and nothing here needs a tenth of that.
    assert time.process_time() - began < 5


def test_a_reader_that_needs_too_much_memory_ends_alone() -> None:
    book = Workbook()
    for number in range(2_000):
        book.worksheets[0].append([f"text {number} {'x' * 200}"] * 20)
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(InvalidInput, match=r"takes too much time or memory|cannot be read"):
        read_book(stream.getvalue(), "x.xlsx", limits=Limits(max_memory_bytes=30_000_000, max_seconds=2))


def test_one_table_reads_equal_from_every_container(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["proposal", "judge", "score"], [7, "王小明", 8.5], [12, "J2", 0.85], [None, "J3", None]):
        sheet.append(row)
    sheet["A2"].number_format = sheet["A3"].number_format = "000"
    sheet["C3"].number_format = "0%"
    sheet.row_dimensions[3].hidden = True
    path = tmp_path / "scores.xlsx"
    book.save(path)
    soffice = shutil.which("soffice")
    assert soffice is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for ending in ("xls", "ods"):
        command = [soffice, profile, "--headless", "--norestore", "--convert-to", ending, "--outdir", tmp_path, path]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    found = {}
    for ending in ("xlsx", "xls", "ods"):
        [read] = read_book((tmp_path / f"scores.{ending}").read_bytes(), f"scores.{ending}").sheets
        found[ending] = (
            [(row.number, {column: tuple(cell) for column, cell in row.cells.items()}) for row in read.rows],
            set(read.hidden_rows),
        )
    assert found["xlsx"] == found["xls"] == found["ods"]
    assert found["xlsx"][0][1:3] == [
        (2, {1: ("007", "text"), 2: ("王小明", "text"), 3: ("8.5", "number")}),
        (3, {1: ("012", "text"), 2: ("J2", "text"), 3: ("85%", "percent")}),
    ]
