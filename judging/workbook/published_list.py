"""Released results as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from judging.workbook.cells import csv_text

COLUMNS = (
    *("status", "rank", "proposal", "title", "team"),
    *("city", "city_name", "category", "category_name", "awards", "award_names"),
)


_OF_CITIES = ("city", "city_name")


def csv_of_results(rows: Iterable[Mapping[str, Any]], *, has_cities: bool = True) -> bytes:
    """Return one row for each proposal, with the names of ``COLUMNS``; ``awards`` are keys, separated by spaces.

    An event of one city has no columns of cities.
    """
    columns = [name for name in COLUMNS if has_cities or name not in _OF_CITIES]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = {**row, "awards": " ".join(row["awards"]), "award_names": "; ".join(row["award_names"])}
        writer.writerow([csv_text("" if values[name] is None else str(values[name])) for name in columns])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()
