"""Unicode normalisation of text that comes from outside, at a cost that is linear in its length.

Normalising sorts the combining marks of a run, which takes quadratic time inside one call that holds the interpreter's
lock: 60,000 marks in a sign-in form stopped a process for many seconds. Every text from a form, the API, a file or a
header goes through `normalised`; a test finds calls of `unicodedata.normalize` elsewhere.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from typing import Literal

MOST_MARKS = 30
"""Combining marks in a run; no script in use needs more (UAX #15, section 13)."""

_JOINER = "\u034f"


def normalised(text: str, form: Literal["NFC", "NFKC"] = "NFC", *, limit: int | None = None) -> str:
    r"""Return a text in a normal form.

    Parameters
    ----------
    text : str
    form : {"NFC", "NFKC"}
        ``NFKC`` also replaces compatibility characters, such as full-width digits.
    limit : int, optional
        Characters that the caller allows after normalising. Text beyond eight times as many is cut off before anything
        is done to it; what is left is still longer than the limit, so that the caller refuses it by its length.

    Returns
    -------
    text : str
        In a run of more than 30 combining marks a combining grapheme joiner (U+034F) follows every thirtieth: the
        Stream-Safe Text Format. Nothing is lost.

    References
    ----------
    .. [1] Unicode Standard Annex #15, "Unicode Normalization Forms", section 13.

    Examples
    --------
    >>> normalised("e\u0301"), normalised("８．５", "NFKC")
    ('é', '8.5')
    """
    if limit is not None:
        text = text[: 8 * limit + 8]
    if not text.isascii():
        text = _long_run().sub(rf"\g<0>{_JOINER}", text)
    return unicodedata.normalize(form, text)


@cache
def _long_run() -> re.Pattern[str]:
    """Match thirty marks that another follows."""
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    ranges: list[list[str]] = []
    for mark in marks:
        if ranges and ord(mark) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = mark
        else:
            ranges.append([mark, mark])
    either = "[" + "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges) + "]"
    return re.compile(f"{either}{{{MOST_MARKS}}}(?={either})")
