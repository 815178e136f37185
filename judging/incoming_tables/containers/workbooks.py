"""Workbooks as sheets of cells: read by ``workbook_process``, completed by what only their XML tells."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers import cells as kinds
from judging.incoming_tables.containers.archive import CheckedArchive
from judging.incoming_tables.containers.cell_count import PartFacts
from judging.incoming_tables.containers.cells import RawCell, RawRow, RawSheet, clean
from judging.incoming_tables.containers.limits import Limits, refuse
from judging.incoming_tables.containers.number_formats import number_text, shown

_SPELT: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SCRIPT: Final = Path(__file__).with_name("workbook_process.py")


def read_workbook(content: bytes, container: str, limits: Limits) -> Iterator[RawSheet]:
    """Yield the sheets of a workbook, read in a process of its own."""
    request = {"container": container, "limits": asdict(limits)}
    try:
        done = subprocess.run(  # noqa: S603 - program and script are ours; the upload goes to the standard input
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
    cache: dict[tuple[Any, ...], RawCell | None] = {}
    for line in lines:
        if not line:
            continue
        value = json.loads(line)
        if isinstance(value, dict):
            if facts is not None:
                yield _sheet(facts, rows)
            facts, rows = (value, []) if "sheet" in value else (None, [])
            continue
        cells: dict[int, RawCell] = {}
        for column, *content in value[1]:
            key = tuple(content)
            if key not in cache:
                cache[key] = _cell(*content)
            cell = cache[key]
            if cell is not None:
                cells[column] = cell
        if cells:
            rows.append(RawRow(value[0], cells))


def _cell(kind: str, value: Any, code: str = "") -> RawCell | None:
    if kind == kinds.NUMBER:
        return shown(value, code) if code else RawCell(number_text(value), kinds.NUMBER)
    if kind == kinds.TRUTH:
        return RawCell("true" if value else "false", kinds.TRUTH)
    text = str(value)
    if kind == kinds.TEXT:
        text = clean(_SPELT.sub(lambda match: chr(int(match[1], 16)), text)).strip()
    return RawCell(text, kind) if text else None


def _sheet(facts: dict[str, Any], rows: list[RawRow]) -> RawSheet:
    return RawSheet(
        name=clean(facts["sheet"]),
        rows=tuple(rows),
        merged=tuple((r1, c1, r2, c2) for r1, c1, r2, c2 in facts["merged"]),
        hidden_rows=frozenset(facts.get("hidden_rows", ())),
        hidden_columns=frozenset(facts.get("hidden_columns", ())),
        is_hidden=facts["hidden"],
    )


def with_facts(sheet: RawSheet, archive: CheckedArchive) -> RawSheet:
    """Return a sheet with what only the XML of its workbook tells."""
    texts: dict[tuple[int, int], str] = {}
    facts: PartFacts | None
    if archive.open_document is not None:
        facts = archive.open_document.sheets.get(sheet.name)
        texts = archive.open_document.shown.get(sheet.name, {})
    else:
        facts = archive.facts.of_sheet(sheet.name)
    if facts is None:
        if not sheet.rows:
            return sheet
        # Without them 100 % would be read as 1.
        raise refuse(Message("The workbook cannot be read. Open it in Excel, save it again and upload that copy."))
    rows = {row.number: row for row in sheet.rows}
    special: dict[int, dict[int, RawCell]] = {}
    for (number, column), text in facts.errors.items():
        special.setdefault(number, {})[column] = RawCell(text or "#N/A", kinds.ERROR)
    for number, column in facts.formulas:
        if number not in rows or column not in rows[number].cells:
            special.setdefault(number, {})[column] = RawCell("=", kinds.NO_VALUE)
    zeros = [
        (number, column)
        for number, column in facts.formulas
        if number in rows
        and (cell := rows[number].cells.get(column)) is not None
        and cell.kind == kinds.NUMBER
        and not float(cell.text)
    ]
    for (number, column), code in facts.formats.items():
        row_cells = rows[number].cells if number in rows else {}
        before = row_cells.get(column)
        if before is not None and before.kind == kinds.NUMBER:
            value = float(before.text)
            cell = RawCell("true" if value else "false", kinds.TRUTH) if code == "boolean" else shown(value, code)
            special.setdefault(number, {})[column] = cell
    for (number, column), text in texts.items():
        place = special.setdefault(number, {})
        row_cells = rows[number].cells if number in rows else {}
        before = row_cells.get(column)
        if (number, column) in facts.errors:
            place[column] = RawCell(text or "#N/A", kinds.ERROR)
        elif before is not None and before.kind == kinds.NUMBER and _is_padded(before.text, text):
            place[column] = RawCell(text)
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
        formula_zeros=tuple(sorted(zeros)),
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
        return protected_by_password()
    if what == "memory":
        return _too_dear()
    return refuse(Message("The workbook cannot be read. Open it in Excel, save it again and upload that copy."))


def protected_by_password() -> InvalidInput:
    """Return the error for a workbook with a password."""
    return refuse(Message("The workbook is protected by a password. Remove the password and upload it again."))


def _too_dear() -> InvalidInput:
    return refuse(
        Message("Reading the workbook takes too much time or memory. Copy the rows that matter to a new workbook.")
    )
