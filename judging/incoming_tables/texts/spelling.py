"""When two spellings are one name: certain folding, and likeness that a person has to confirm."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import opencc

from judging.incoming_text import normalised

# Characters that nobody sees: zero-width blanks and joiners, soft hyphens, marks of direction, variation selectors.
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_NUMBERED: Final = re.compile(r"(\D*?)0*(\d+)(?:\.0+)?")
_BETWEEN: Final = re.compile(r"(?<!\d)[.\s_\-‐‑–—·・,，、]+|[.\s_\-‐‑–—·・,，、]+(?!\d)|[\s_\-‐‑–—·・]+")
_TITLES: Final = re.compile(
    r"^(?:(?:dr|prof|professor|mr|mrs|ms|miss)(?:\.\s*|\s+))+|\s*(?:教授|博士|先生|女士|小姐|老师)$"
)
# Quotation marks and number signs around a name; `#` and `'` alone come from Excel and from lists.
_AROUND: Final = "'\"`#*‘’“”「」『』《》„«»"
LONGEST: Final = 300


@lru_cache(maxsize=50_000)
def folded(text: str) -> str:
    r"""Return a text as everybody reads it: full width, no-break blanks and characters that nobody sees make no other.

    >>> folded(" Ｊudge\u00a0\u200bOne\u3000")
    'Judge One'
    """
    if text.isascii():
        return " ".join(text[: 8 * LONGEST].split())
    return " ".join(_INVISIBLE.sub("", normalised(text, "NFKC", limit=LONGEST)).split())


def folded_case(text: str) -> str:
    """Return a folded text without the difference of capital and small letters."""
    return folded(text).casefold()


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Return a text with Traditional Chinese characters replaced by Simplified ones.

    >>> simplified("評審二")
    '评审二'
    """
    return text if text.isascii() else str(_converter().convert(text))


@lru_cache(maxsize=50_000)
def folded_script(text: str) -> str:
    """Return a folded text without the differences of case and of the two Chinese scripts."""
    return simplified(folded_case(text))


@lru_cache(maxsize=50_000)
def likeness(text: str) -> str:
    """Return a form that is equal for spellings which are likely one name.

    Beside case and script it ignores blanks, hyphens and points, quotation marks around it, zeros before and after
    a whole number, and titles such as Dr.

    >>> likeness("Judge-One") == likeness("JUDGE ONE"), likeness("001") == likeness("1.0")
    (True, True)
    >>> likeness("1.5") == likeness("15"), likeness("Prof. Dr. Chan") == likeness("Chan")
    (False, True)
    """
    plain = folded_script(text)
    plain = plain.strip(_AROUND).strip() or plain
    plain = _TITLES.sub("", plain) or plain
    match = _NUMBERED.fullmatch(plain)
    if match is not None:
        return f"{_BETWEEN.sub('', match[1])}{int(match[2])}" if len(match[2]) < 30 else plain
    return _BETWEEN.sub("", plain) or plain
