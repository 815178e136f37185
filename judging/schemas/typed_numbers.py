"""Numbers as people type them: one parser for the form, the API and files."""

from __future__ import annotations

import re

from judging.incoming_text import normalised

MAX_LENGTH = 40

_NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
_WITH_EXPONENT = re.compile(_NUMBER.pattern + r"([eE][+-]?[0-9]{1,2})?")
_TWO_MEANINGS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


def parse_number(text: str, *, of_program: bool = False) -> float | None:
    """Return the number that a text means, or None when it means none.

    Full-width digits are digits. A comma, also a full-width one, and the full stops of Chinese keyboards are decimal
    signs. A text such as ``1,000`` means no number: in one country it is a thousand, in another it is one. Infinities
    and NaN are refused, and exponents too unless a program may have written the text (``of_program``).

    >>> [parse_number(text) for text in ("7.5", "7,5", "７。５", " ８．０ ", "0，5", "1,000", "1,0,0", "1e3")]
    [7.5, 7.5, 7.5, 8.0, 0.5, None, None, None]
    """
    unified = normalised(text, "NFKC", limit=MAX_LENGTH).strip()
    if _TWO_MEANINGS.fullmatch(unified):
        return None
    plain = unified.replace(",", ".", 1) if "." not in unified else unified
    plain = plain.replace("。", ".", 1) if "." not in plain else plain
    pattern = _WITH_EXPONENT if of_program else _NUMBER
    return float(plain) if pattern.fullmatch(plain) else None
