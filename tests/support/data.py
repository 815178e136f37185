"""Where the data of the tests lie, and how they are read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

OURS = Path(__file__).parents[1] / "data"
DIVING = Path(__file__).parents[2] / "demo" / "diving-2000" / "diving.csv"
SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """Return a file of the folder beside the clone; fail, rather than skip, when it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.fail(
            f"shared/data/{name} is not beside the clone ({SHARED}). It may not be shipped with the project, and this "
            "check against published values cannot be made without it.",
            pytrace=False,
        )
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a heading line."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
