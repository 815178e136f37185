"""Where the data of the tests lie, and how they are read."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

OURS = Path(__file__).parents[2] / "data"
DIVING = Path(__file__).parents[3] / "demo" / "diving-2000" / "diving.csv"
SHARED = Path(__file__).parents[4] / "shared" / "data"


def shared(name: str) -> Path:
    """Return a file or folder of reference data beside the clone.

    They may be checked in place but not shipped. A clone that stands alone cannot make these comparisons: there a test
    is skipped with a sentence that pytest's summary repeats. Continuous integration always has the folder, so that its
    absence there is a failure.
    """
    path = SHARED / name
    if not path.exists():
        message = f"NOT CHECKED against published values: ../shared/data/{name} is not beside this clone"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a heading line."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
