"""The fonts of PDF files: Latin letters and formulas from the typesetter itself, Chinese from the machine.

No font is stored here and none is downloaded. On Debian: ``apt-get install fonts-noto-cjk``; without root, font files
in ``~/.local/share/fonts``.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import typst

LATIN = "Libertinus Serif"
"""Stands in the typesetter, so that a document looks the same on every machine."""

_HONG_KONG = (
    *("Noto Serif CJK HK", "Noto Serif HK", "Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif HC"),
    *("Source Han Serif TC", "Noto Sans CJK HK", "Noto Sans HK", "Noto Sans CJK TC", "Noto Sans TC", "Songti TC"),
    *("PingFang HK", "PingFang TC", "PMingLiU", "MingLiU", "Microsoft JhengHei", "AR PL UMing HK"),
)
_MAINLAND = (
    *("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Noto Sans CJK SC", "Noto Sans SC"),
    *("Songti SC", "PingFang SC", "SimSun", "Microsoft YaHei", "AR PL UMing CN"),
)
_ANY = ("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback")


_CHINESE = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x323AF))


@cache
def installed() -> typst.Fonts:
    """Return the fonts of this machine; looking for them takes a fifth of a second, once a process."""
    return typst.Fonts()


def families(language: str, available: Collection[str]) -> tuple[str, ...]:
    """Return the families for a language, best first: Latin, then those with the forms of the language's script.

    >>> families("zh-Hant-HK", {"Noto Serif CJK HK", "Noto Serif CJK SC"})
    ('Libertinus Serif', 'Noto Serif CJK HK', 'Noto Serif CJK SC')
    """
    chinese = (*_MAINLAND, *_HONG_KONG) if language == "zh-Hans-CN" else (*_HONG_KONG, *_MAINLAND)
    return (LATIN, *(family for family in (*chinese, *_ANY) if family in available))


def is_chinese(character: str) -> bool:
    """Return whether a character needs a Chinese font: a Han character, or a full-width mark.

    >>> [is_chinese(character) for character in "a方：é"]
    [False, True, True, False]
    """
    return any(low <= ord(character) <= high for low, high in _CHINESE)
