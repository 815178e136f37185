"""A workbook as its reader sees it: opened, and its sheets as rows."""

import io
import warnings
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

SHEETS = [
    "Summary", "Ranking", "Charts", "Shortlist", "Judges", "Method", "Provenance", "Scores", "Explanations",
]  # fmt: skip


def opened(path: Path, *, values: bool = False) -> Any:
    with warnings.catch_warnings():
        # LibreOffice adds parts of its own, which openpyxl does not keep.
        warnings.filterwarnings("ignore", message=".*extension is not supported")
        return load_workbook(io.BytesIO(path.read_bytes()), data_only=values)


def table(sheet: Any) -> list[dict[str, Any]]:
    """Rows of a sheet by the English line of their headings."""
    rows = sheet.iter_rows()
    for row in rows:
        if len(row) > 1 and sheet.auto_filter.ref and f"A{row[0].row}:" in sheet.auto_filter.ref:
            names = [str(cell.value).split("\n")[0] for cell in row]
            return [dict(zip(names, [cell.value for cell in cells], strict=True)) for cells in rows]
    raise AssertionError(f"{sheet.title} has no headings")
