"""Which known word somebody meant who wrote an unknown one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from judging.errors import Listed, Message

_MOST_NAMES_SHOWN = 12
# Words that look alike and say the opposite: the one is never suggested for the other.
_OPPOSITES = (("minimum", "maximum"), ("min", "max"), ("least", "most"), ("first", "last"), ("lower", "upper"))
# Other words for one thing, as people write them.
_SAME = (
    ("maximum", "cap"),
    ("max", "cap"),
    ("most", "cap"),
    ("limit", "cap"),
    ("min", "minimum"),
    ("least", "minimum"),
)


def nearest(word: object, known: Sequence[str]) -> str:
    """Return advice about an unknown word: another word for the same, the most similar one, or the list of known words.

    >>> nearest("category_maximum", ["category_minimum", "category_cap"])
    'did you mean `category_cap`?'
    """
    text = str(word)
    for own, other in _SAME:
        if own in text and (renamed := text.replace(own, other)) in known:
            return Message("did you mean `{word}`?", word=renamed)
    close = difflib.get_close_matches(text, known, n=3)
    if alike := next((one for one in close if not _is_opposite(text, one)), None):
        return Message("did you mean `{word}`?", word=alike)
    if not known:
        return Message("there is none")
    more = ["..."] if len(known) > _MOST_NAMES_SHOWN else []
    return Message("known here: {words}", words=Listed([*known[:_MOST_NAMES_SHOWN], *more]))


def _is_opposite(word: str, other: str) -> bool:
    return any(
        (one in word and two in other and one not in other) or (two in word and one in other and two not in other)
        for one, two in _OPPOSITES
    )
