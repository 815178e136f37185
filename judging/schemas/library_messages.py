"""marshmallow's own complaints in our words, so that a program reads them in the language that it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable

from judging.errors import Message

_SENTENCES = {
    "Unknown field.": Message("There is no such field here."),
    "Missing data for required field.": Message("This is required."),
    "Field may not be null.": Message("This must not be null."),
    "Invalid value.": Message("This value is not possible here."),
    "Not a valid string.": Message("Give a text."),
    "Not a valid utf-8 string.": Message("Give a text in UTF-8."),
    "Not a valid integer.": Message("Give a whole number."),
    "Not a valid number.": Message("Give a number."),
    "Number too large.": Message("This number is too large."),
    "Special numeric values (nan or infinity) are not permitted.": Message("Give a finite number."),
    "Not a valid boolean.": Message("Give true or false."),
    "Not a valid mapping type.": Message("Give an object."),
    "Not a valid list.": Message("Give a list."),
    "Invalid type.": Message("Give an object."),
    "Invalid input type.": Message("Give an object."),
    "Not a valid date.": Message("Give a date such as 2026-07-15."),
    "Not a valid datetime.": Message("Give a time with its zone, such as 2026-07-15T18:00:00+08:00."),
    "Not a valid aware datetime.": Message("Give a time with its zone, such as 2026-07-15T18:00:00+08:00."),
}


def _one_of(values: str) -> Message:
    return Message("Give one of: {values}.", values=values)


def _between(least: str, most: str) -> Message:
    return Message("Give a number from {least} to {most}.", least=least, most=most)


def _at_least(least: str) -> Message:
    return Message("Give {least} or more.", least=least)


def _at_most(most: str) -> Message:
    return Message("Give {most} or less.", most=most)


def _too_short(least: str) -> Message:
    return Message("Give at least {least} characters or entries.", least=least)


def _too_long(most: str) -> Message:
    return Message("Give at most {most} characters or entries.", most=most)


def _wrong_length(least: str, most: str) -> Message:
    return Message("Give {least} to {most} characters or entries.", least=least, most=most)


# What marshmallow's validators say, with the values that they fill in.
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[..., Message]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Must be one of: (.*)\.", _one_of),
        (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", _between),
        (r"Must be greater than or equal to (\S+)\.", _at_least),
        (r"Must be less than or equal to (\S+)\.", _at_most),
        (r"Shorter than minimum length (\d+)\.", _too_short),
        (r"Longer than maximum length (\d+)\.", _too_long),
        (r"Length must be between (\d+) and (\d+)\.", _wrong_length),
    )
)


def in_own_words(complaint: str) -> str:
    """Return a complaint in our words; one that is ours already is returned unchanged.

    >>> in_own_words("Not a valid integer."), in_own_words("Must be one of: raw, mixed.")
    ('Give a whole number.', 'Give one of: raw, mixed.')
    """
    if isinstance(complaint, Message):
        return complaint
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(complaint)
        if found:
            return words(*found.groups())
    return _SENTENCES.get(complaint, complaint)
