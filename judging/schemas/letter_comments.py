"""The choice of comments for letters, as a form or a program gives it: a field for each comment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from judging.errors import InvalidInput, Message

_FIELD = re.compile(r"c-(\d{1,9})-([a-z0-9-]{0,60})")
_STATES = {"send": True, "hold": False}


def field_of(scoresheet_id: int, criterion: str) -> str:
    """Return the name of the field of one comment."""
    return f"c-{scoresheet_id}-{criterion}"


def load_choices(typed: Mapping[str, str]) -> dict[tuple[int, str], bool]:
    """Return by scoresheet and criterion whether a comment is sent; fields of other names are left alone.

    Raises
    ------
    InvalidInput
        When a choice is neither ``send`` nor ``hold``.
    """
    found = {}
    for name, value in typed.items():
        match = _FIELD.fullmatch(name)
        if match is None:
            continue
        if value not in _STATES:
            raise InvalidInput({name: Message("`{value}` is neither send nor hold", value=value[:20])})
        found[int(match[1]), match[2]] = _STATES[value]
    return found
