"""The version of the code that computes the numbers."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def code_version() -> str:
    """Return the first digits of the SHA-256 of the code that computes numbers, paths included."""
    package = Path(__file__).parents[1]
    content = hashlib.sha256()
    for path in sorted(path for part in _MAKES_NUMBERS for path in package.glob(part)):
        content.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:12]


_MAKES_NUMBERS = (
    "calibration/**/*.py",
    "services/runs/ratings.py",
    "final_shortlist.py",
    "ranking.py",
    "rubric.py",
    "shortlist.py",
)
