"""What a file does not tell: questions with their answers, and how their texts list cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judging.errors import Message

_LISTED: Final = 5


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


def digest_of_cells(cells: Iterable[tuple[object, ...]]) -> str:
    """Return a short digest of some cells, so that an answer about them holds for no others."""
    return hashlib.sha256(repr(sorted(map(repr, cells))).encode()).hexdigest()[:8]


def listed(texts: Sequence[str]) -> str:
    """Return the first few of some texts, and how many there are more."""
    return ", ".join(texts[:_LISTED]) + (f" (+{len(texts) - _LISTED})" if len(texts) > _LISTED else "")
