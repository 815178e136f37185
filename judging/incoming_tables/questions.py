"""What a file does not tell: questions with their answers, and how their texts list cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judging.errors import Listed, Message

_LISTED: Final = 5
_ABOUT_COLUMNS: Final = ("column", "criterion-", "sheet", "table", "unknown-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the file does not tell.

    Attributes
    ----------
    name : str
        Of the answer; it contains a digest where the answer belongs to this very file.
    text : Message
    answers : mapping of str to Message
        What can be answered, each with its meaning.
    """

    name: str
    text: Message
    answers: Mapping[str, Message]


def is_about_columns(name: str) -> bool:
    """Return whether the answer to a question decides what the columns are: until then, what they seem is a guess."""
    return name.startswith(_ABOUT_COLUMNS)


def digest_of_cells(cells: Iterable[tuple[object, ...]]) -> str:
    """Return a short digest of some cells, so that an answer about them holds for no others."""
    return hashlib.sha256(repr(sorted(map(repr, cells))).encode()).hexdigest()[:8]


def listed(texts: Sequence[str]) -> str:
    """Return the first few of some texts, and how many there are more."""
    return Listed(texts, most=_LISTED)
