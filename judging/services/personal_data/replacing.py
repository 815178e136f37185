"""Replace names in texts and in JSON values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

REMOVED = "(removed)"


class Replacer:
    """Replaces every known text by its pseudonym.

    A text stands for somebody where it is not a part of a longer word. Chinese has no spaces between words: there it
    stands for somebody wherever it occurs.

    Examples
    --------
    >>> replace = Replacer({"Ann": "Person 3", "ann@example.org": "Person 3"})
    >>> replace.in_text("Ann (ann@example.org) and Anna")
    'Person 3 (Person 3) and Anna'
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = {word.casefold(): pseudonym for word, pseudonym in words.items()}
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(_bounded, longest_first)), re.IGNORECASE) if words else None

    def in_text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._words[found[0].casefold()], text)

    def in_value(self, value: Any) -> Any:
        """Return a JSON value with pseudonyms in its texts; keys of objects stay."""
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, dict):
            return {key: self.in_value(one) for key, one in value.items()}
        return [self.in_value(one) for one in value] if isinstance(value, list) else value


def _bounded(word: str) -> str:
    before = r"(?<!\w)" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{before}{re.escape(word)}{after}"
