"""Unicode normalisation of incoming text, in time linear in its length.

Normalisation sorts the combining marks of a run. This takes quadratic time in one call that does not release the
interpreter lock: 60,000 marks in a sign-in form blocked a process for many seconds. Every text from a form, the API, a
file or a header must pass through `normalised`; a test finds other calls of `unicodedata.normalize`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache
from typing import Literal

MOST_MARKS = 30
"""Maximum number of combining marks in a run; no script in use needs more (UAX #15, section 13)."""

DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible characters that turn the direction of the text after them: one name can be made to look like another."""

_JOINER = "\u034f"
# Default_Ignorable_Code_Point of UAX #44, and the Braille pattern without dots.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


def normalised(text: str, form: Literal["NFC", "NFKC", "NFKD"] = "NFC", *, limit: int | None = None) -> str:
    r"""Return a text in a normal form.

    Parameters
    ----------
    text : str
    form : {"NFC", "NFKC", "NFKD"}
        ``NFKC`` also replaces compatibility characters, such as full-width digits. ``NFKD`` does so too, and writes
        letters and their marks apart.
    limit : int, optional
        Characters that the caller allows after normalising. Text longer than eight times this limit is cut before it is
        processed; the rest is still longer than the limit, so the caller refuses it because of its length.

    Returns
    -------
    text : str
        In a run of more than 30 combining marks a combining grapheme joiner (U+034F) follows every thirtieth: the
        Stream-Safe Text Format. No character is removed.

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


def visible(text: str) -> str:
    r"""Return what a reader sees of a text: two texts that differ in invisible characters only look the same.

    >>> visible("A\u200b chair")
    'A chair'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


@cache
def _long_run() -> re.Pattern[str]:
    """Return a pattern that matches thirty marks that are followed by another one."""
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    ranges: list[list[str]] = []
    for mark in marks:
        if ranges and ord(mark) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = mark
        else:
            ranges.append([mark, mark])
    either = "[" + "".join(f"{re.escape(first)}-{re.escape(last)}" for first, last in ranges) + "]"
    return re.compile(f"{either}{{{MOST_MARKS}}}(?={either})")
