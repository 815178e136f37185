"""Keys that are proposed for new rows of a roster: the next numbers of the series that is in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from judging.schemas.cell_fields import look_of

LETTERS = {"judges": "J", "teams": "T", "proposals": "P"}
"""Before the number, where nothing is in use yet."""
_DIGITS = 2
_NUMBERED = re.compile(r"(.*?)([0-9]{1,9})")


def next_keys(kind: str, in_use: Collection[str], n: int) -> list[str]:
    """Return the next keys of a roster.

    They go on with the letters that most keys in use begin with, and with as many digits. A key that readers may take
    for one in use is left out.

    Parameters
    ----------
    kind : str
        ``judges``, ``teams`` or ``proposals``.
    in_use : collection of str
    n : int

    Examples
    --------
    >>> next_keys("proposals", [], 2), next_keys("teams", ["HK001", "HK009", "X1"], 2)
    (['P01', 'P02'], ['HK010', 'HK011'])
    """
    numbered = [(match[1], match[2]) for key in in_use if (match := _NUMBERED.fullmatch(key)) is not None]
    counted = Counter(letters for letters, _ in numbered)
    # Equal counts: the letters that come first, so that the same roster always proposes the same.
    letters = min(counted, key=lambda one: (-counted[one], one)) if counted else LETTERS[kind]
    digits = [number for own, number in numbered if own == letters]
    width = max(map(len, digits), default=_DIGITS)
    number = max(map(int, digits), default=0)
    looks = {look_of(key) for key in in_use}
    proposed: list[str] = []
    while len(proposed) < n:
        number += 1
        key = f"{letters}{number:0{width}}"
        if look_of(key) not in looks:
            proposed.append(key)
    return proposed
