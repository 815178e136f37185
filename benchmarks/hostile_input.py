"""Cost of rejecting hostile input: CPU seconds and extra memory of each body, each in its own process.

The goal: every body is rejected in under a second of CPU and 100 MB.

Run: PYTHONPATH=. .venv/bin/python benchmarks/hostile_input.py
"""

from __future__ import annotations

import io
import os
import resource
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from judging.errors import JudgingError
from judging.incoming_tables.containers.read_book import read_book
from judging.incoming_text import normalised
from judging.schemas.definitions.definition_files import load_competition, load_round_text
from judging.schemas.strict_json import parse_json

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT = Path(__file__).resolve().parents[1]
COMPETITION = load_competition(ROOT / "rubrics" / "hksh-2023")
MARKS = "a" + "\u0315\u0300" * 1_000_000


def main() -> None:
    """Print one line for each body."""
    for name, (body, read) in {**yaml_bodies(), **json_bodies(), **workbooks(), **delimited()}.items():
        child = os.fork()
        if child == 0:
            before = resource.getrusage(resource.RUSAGE_SELF)
            began = time.process_time()
            try:
                read(body)
                answer = "accepted"
            except JudgingError as error:
                answer = str(error).replace("\n", " | ")[:70]
            seconds = time.process_time() - began
            megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss) / 1024
            print(f"{name:34} {len(body):>10,} B {seconds:6.2f} s {megabytes:5.0f} MB  {answer}", flush=True)
            os._exit(0)
        os.waitpid(child, 0)


Bodies = dict[str, tuple[bytes, Callable[[bytes], object]]]


def yaml_bodies() -> Bodies:
    """Return rules files."""

    def read(body: bytes) -> object:
        return load_round_text(body, name="rules", key="first-screening", competition=COMPETITION)

    return {
        f"yaml: {name}": (body, read)
        for name, body in {
            "broken, 450 KB": b"- [a, b, {c: d}]\n" * 26_000 + b"- [a",
            "broken, 245 KB": b"- [a, b, {c: d}]\n" * 14_400 + b"- [a",
            "flat, 940 KB": b"".join(b"k%d: v\n" % k for k in range(95_000)),
            "4,900 unknown keys": b"".join(b"k%d: v\n" % k for k in range(4_900)),
            "one key 4,900 times": b"k: v\n" * 4_900,
            "tabs": b"a:\tb\n" * 49_000,
            "folded blank lines": b"a: >\n" + b"\n" * 240_000,
            "escapes": b'a: "' + b"\\u00e9" * 40_000 + b'"',
            "brackets": b"[" * 240_000,
        }.items()
    }


def json_bodies() -> Bodies:
    """Return bodies for the API, and a text of combining marks."""
    bodies: Bodies = {
        f"json: {name}": (body, parse_json)
        for name, body in {
            "100,000 lists deep": b"[" * 100_000 + b"]" * 100_000,
            "a million quotation marks": b'"' * 999_999,
            "integer of 5,000 digits": b'{"base_version":' + b"9" * 5_000 + b"}",
            "10 MB": b'"' + b"x" * 10_000_000 + b'"',
        }.items()
    }
    bodies["text: two million combining marks"] = (MARKS.encode(), lambda body: normalised(body.decode(), "NFKC"))
    return bodies


def workbooks() -> Bodies:
    """Return .xlsx files."""
    cell = '<c r="A1" t="inlineStr"><is><t>key</t></is></c>'
    names = "".join(f'<definedName name="n{k}">Sheet!$A$1</definedName>' for k in range(100_000))
    attributes = " ".join(f'a{k}="1"' for k in range(300_000))
    merged = "".join(f'<mergeCell ref="A{k}:B{k}"/>' for k in range(300_000))
    formats = "".join(f'<numFmt numFmtId="{k}" formatCode="0"/>' for k in range(200_000))
    texts = "".join(f"<si><t>{k}</t></si>" for k in range(800_000))
    sheet = "xl/worksheets/sheet1.xml"
    parts: dict[str, dict[str, str]] = {
        "far cell": {sheet: _sheet('<sheetData><row r="1048576"><c r="XFD1048576"/></row></sheetData>')},
        "100,000 defined names": {"xl/workbook.xml": f'<workbook xmlns="{MAIN}"><definedNames>{names}</definedNames>'},
        "300,000 attributes": {sheet: f'<worksheet xmlns="{MAIN}" {attributes}/>'},
        "300,000 merged cells": {sheet: _sheet(f"<sheetData/><mergeCells>{merged}</mergeCells>")},
        "200,000 number formats": {
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts></styleSheet>'
        },
        "800,000 shared texts": {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>'},
        "deep XML": {sheet: _sheet("<a>" * 200_000 + "</a>" * 200_000)},
        "entities": {sheet: '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + _sheet("&b;")},
        "120 MB of zeros": {"xl/media/x.bin": "\0" * 120_000_000},
        "95,000 empty rows": {
            sheet: _sheet(f'<sheetData><row r="1">{cell}</row>' + "<row/>" * 95_000 + "</sheetData>")
        },
    }
    return {f"xlsx: {name}": (_book(changed), _table("x.xlsx")) for name, changed in parts.items()}


def delimited() -> Bodies:
    """Return .csv files."""
    return {
        f"csv: {name}": (body, _table("x.csv"))
        for name, body in {
            "one line of 9.9 MB": b"key\n" + b"x" * 9_900_000,
            "nine million commas": b"key\n" + b"," * 9_000_000,
            "nine million empty lines": b"key\n" + b"\n" * 9_000_000,
            "9 MB in no encoding": bytes([0xA4, 0xA4]) * 4_500_000,
            "NUL": b"key\na\0b\n",
        }.items()
    }


def _table(name: str) -> Callable[[bytes], object]:
    return lambda body: read_book(body, name)


def _sheet(content: str) -> str:
    return f'<worksheet xmlns="{MAIN}">{content}</worksheet>'


def _book(changed: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    Workbook().save(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts |= {name: part.encode() for name, part in changed.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


if __name__ == "__main__":
    main()
