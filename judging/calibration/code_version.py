"""Which code made the numbers."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# Besides the calibration: which scoresheets count, totals, ranks, and the rule of the shortlist.
MAKES_NUMBERS = (
    "calibration/**/*.py",
    "services/runs/inputs.py",
    "services/runs/ratings.py",
    "services/scoresheets/versions.py",
    "final_shortlist.py",
    "ranking.py",
    "rubric.py",
    "shortlist.py",
)


@cache
def code_version(package: Path = PACKAGE) -> str:
    """Return the first 12 digits of the SHA-256 of the code that makes numbers, paths included.

    Parameters
    ----------
    package : Path
        The folder of the package ``judging``.
    """
    content = hashlib.sha256()
    for path in sorted(path for pattern in MAKES_NUMBERS for path in package.glob(pattern)):
        content.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:12]
