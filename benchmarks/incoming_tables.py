"""Processor time and memory of reading files: 2,000 rows of a roster, 100,000 scores, and hostile workbooks.

Each file is read in a process of its own; memory includes the process that reads the workbook for it.

Measured in November 2026 on a machine with 2 cores that did other work, in seconds of the processor and MB:
2,000 rows of a roster 0.3 s and 78 MB (.csv), 0.4 s and 147 MB (.xlsx); 100,000 scores in rows 3.7 s and 158 MB (.csv),
5.8 s and 234 MB (.xlsx), with a column for each judge 2.1 s and 128 MB (.csv), 2.7 s and 202 MB (.xlsx). Each hostile
file is refused within 0.2 s and 210 MB.

Run: PYTHONPATH=. .venv/bin/python benchmarks/incoming_tables.py
"""

from __future__ import annotations

import csv
import io
import os
import resource
import sys
import time
import zipfile
from collections.abc import Iterable

from openpyxl import Workbook

from judging.errors import JudgingError
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.known import Known, MarkScale, Names
from judging.incoming_tables.reading import read_file

LIMITS = Limits(max_rows=100_001)
Row = Iterable[object]


def main() -> None:
    """Print one line for each file."""
    print(f"{'file':44} {'bytes':>10} {'seconds':>8} {'MB':>5}  result")
    roster = [["key", "name", "city", "email"]] + [
        [f"J{number:04}", f"評審 Judge {number}", "Hong Kong", f"judge{number}@example.org"] for number in range(2_000)
    ]
    long = [["proposal", "judge", "score"]] + [
        [f"P{number // 50:04}", f"J{number % 50:02}", 1 + number * 7 % 19 / 2] for number in range(100_000)
    ]
    wide = [["proposal", *(f"J{judge:02}" for judge in range(50))]] + [
        [f"P{proposal:04}", *(1 + (proposal * 50 + judge) * 7 % 19 / 2 for judge in range(50))]
        for proposal in range(2_000)
    ]
    names = Names({f"J{number:02}": [f"Judge {number}"] for number in range(50)})
    proposals = Names({f"P{number:04}": [f"Proposal {number}"] for number in range(2_000)})
    scores = Known(
        kind="scores",
        judges=names,
        proposals=proposals,
        criteria=Names({"overall": ["Overall"]}),
        scales={"overall": MarkScale(minimum=0, maximum=10, step=0.5)},
    )
    for title, content, name, known in (
        ("roster of 2,000, .csv", as_csv(roster), "judges.csv", Known(kind="judges")),
        ("roster of 2,000, .xlsx", as_xlsx(roster), "judges.xlsx", Known(kind="judges")),
        ("100,000 scores, long, .csv", as_csv(long), "scores.csv", scores),
        ("100,000 scores, long, .csv, no roster", as_csv(long), "scores.csv", Known(kind="scores")),
        ("100,000 scores, long, .xlsx", as_xlsx(long), "scores.xlsx", scores),
        ("100,000 scores, a column a judge, .csv", as_csv(wide), "scores.csv", scores),
        ("100,000 scores, a column a judge, .xlsx", as_xlsx(wide), "scores.xlsx", scores),
    ):
        measure(title, content, name, known)
    for title, content, name in hostile():
        measure(title, content, name, Known(kind="scores"))


def measure(title: str, content: bytes, name: str, known: Known) -> None:
    """Read a file in a child process and print what it cost."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        began = time.process_time()
        try:
            result = f"{len(read_file(content, name, known, limits=LIMITS).rows):,} rows"
        except JudgingError as error:
            result = str(error).replace("\n", " | ")[:80]
        of_reader = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = time.process_time() - began + of_reader.ru_utime + of_reader.ru_stime
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + of_reader.ru_maxrss
        print(f"{title:44} {len(content):>10,} {seconds:8.2f} {used / 1024:5.0f}  {result}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return rows as CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """Return rows as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("scores")
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def hostile() -> list[tuple[str, bytes, str]]:
    """Return small files that would cost a careless reader gigabytes or minutes."""
    cell = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    far = f'<table:table-row table:number-rows-repeated="1048575"/><table:table-row>{cell}</table:table-row>'
    repeated = cell.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"')
    many = f'<table:table-row table:number-rows-repeated="1048576">{repeated}</table:table-row>'
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    return [
        ("ods: a far cell", as_ods(far), "x.ods"),
        ("ods: 17,000 million repeated cells", as_ods(many), "x.ods"),
        ("ods: entities", as_ods("", before=laughs), "x.ods"),
        ("ods: 100 MB of blanks", as_ods(" " * 100_000_000), "x.ods"),
        ("xls: a far cell", old_workbook(65_535, 255), "x.xls"),
        ("xls: header of a compound file, then zeros", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000_000), "x.xls"),
        ("xlsb: parts of random bytes", binary_workbook(), "x.xlsb"),
        ("html called .xls", b"<html><table>" + b"<tr><td>1</td></tr>" * 400_000, "x.xls"),
    ]


def as_ods(rows: str, before: str = "") -> bytes:
    """Return an OpenDocument sheet with these rows."""
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {namespaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="s">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return stream.getvalue()


def old_workbook(row: int, column: int) -> bytes:
    """Return records of BIFF 2 with one number in a far cell; Excel 2 needed no compound file."""
    number = row.to_bytes(2, "little") + column.to_bytes(2, "little") + bytes(3) + bytes(8)
    records = ((0x0009, b"\x02\x00\x10\x00"), (0x0003, number), (0x000A, b""))
    return b"".join(code.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data for code, data in records)


def binary_workbook() -> bytes:
    """Return an .xlsb whose parts are no records."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", os.urandom(100_000))
        archive.writestr("xl/worksheets/sheet1.bin", os.urandom(1_000_000))
    return stream.getvalue()


if __name__ == "__main__":
    main()
