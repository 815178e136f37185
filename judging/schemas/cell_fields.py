"""Fields for spreadsheet cells: tolerant of spelling, strict about meaning.

Full-width digits, stray blanks and capital letters are accepted. Unknown names are refused.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

from judging.errors import Listed, Message
from judging.incoming_text import DIRECTION_CONTROLS, normalised, visible
from judging.rubric import Text
from judging.schemas.typed_numbers import parse_number

TURNS_DIRECTION = Message("an invisible character here turns the direction of the text; type the text again")
_SEPARATORS = re.compile(r"[;,，、；\n]")
_BETWEEN_EMAILS = re.compile(r"[;,，、；\s]+")
# A dot-atom of RFC 5322, and a host name: what every mail program writes as it stands, and reads as one mailbox. With a
# comment or quotation marks, one mailbox would have several spellings.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@[\w-]+(\.[\w-]+)+", re.IGNORECASE)
_MOST_NAMES_SHOWN = 8
_EAST_ASIAN = ("BOPOMOFO", "CJK", "HANGUL", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA")
# From the confusable characters of UTS #39, those that a key may contain, in lower case.
_SAME_LOOK = str.maketrans("0i1", "oll")


def folded(text: str) -> str:
    """Return a text in the form used for comparing names.

    Compatibility forms, case, runs of blanks and invisible characters are ignored.
    """
    return " ".join(visible(normalised(text, "NFKC")).casefold().split())


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address.

    >>> is_email("a.chair+hk@example.org"), is_email("(x)chair@example.org"), is_email("<a@example.org>")
    (True, False, False)
    """
    return _EMAIL.fullmatch(text) is not None


class LineCell(fields.Field[str]):
    """One line of text; outer blanks and line breaks are removed."""

    def __init__(self, *, longest: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = " ".join(_text(value).split())
        if text and not visible(text).strip():
            raise ValidationError(Message("a character here cannot be shown; type the text again"))
        return _within(text, self.longest)


class ParagraphCell(LineCell):
    """Text of several lines."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        lines = _text(value).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return _within("\n".join(line.rstrip() for line in lines).strip(), self.longest)


class KeyCell(LineCell):
    """A short name that is used in URLs: A-Z, a-z, digits and East Asian characters, with ``. _ -`` in between.

    Letters of other alphabets are refused: a Cyrillic ``Р001`` cannot be told from a Latin ``P001`` by eye.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = normalised(super()._deserialize(value, attr, data, **kwargs), "NFKC")
        if not (text[:1].isalnum() and all(letter.isalnum() or letter in "._-" for letter in text)):
            raise ValidationError(
                Message("`{text}` cannot be a key; use letters, digits, `.`, `_` and `-`, such as `P014`", text=text)
            )
        if foreign := next((letter for letter in text if not _is_key_letter(letter)), None):
            complaint = Message(
                "`{text}` cannot be a key: `{letter}` is not a letter A-Z, though it may look like one; type it again",
                text=text,
                letter=foreign,
            )
            raise ValidationError(complaint)
        return text


class EmailCell(LineCell):
    """An e-mail address in lower case, as it is stored."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(longest=254, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = normalised(super()._deserialize(value, attr, data, **kwargs), "NFKC").lower()
        if not is_email(text):
            raise ValidationError(Message("`{text}` is not an e-mail address", text=text))
        return text


class EmailsCell(EmailCell):
    """One or more e-mail addresses, stored in lower case with ``, `` between them, each once."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        parts = [part for part in _BETWEEN_EMAILS.split(_text(value)) if part]
        # An empty cell is judged like any other line.
        found = [super(EmailsCell, self)._deserialize(part, attr, data, **kwargs) for part in parts or [value]]
        text = ", ".join(dict.fromkeys(found))
        if len(text) > self.longest:
            complaint = Message(
                "these addresses have {length} characters together; at most {limit} fit",
                length=len(text),
                limit=self.longest,
            )
            raise ValidationError(complaint)
        return text


class LinkCell(LineCell):
    """A web address; only http and https, because other schemes could run code in the reader's browser."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(longest=2000, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(text)
            is_link = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        except ValueError:
            is_link = False
        if not is_link or " " in text:
            raise ValidationError(
                Message("`{text}` is not a web address that begins with http:// or https://", text=text)
            )
        return text


class NameCell(fields.Field[str]):
    """A choice among named objects, given by key or by name in any language; the loaded value is the key.

    Parameters
    ----------
    names : mapping of str to iterable of str
        Key -> every other name of it.
    unknown : Message template
        The complaint, with the fields ``text`` and ``known``.
    """

    def __init__(self, names: Mapping[str, Iterable[str]], *, unknown: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.unknown = unknown
        self.shown = {key: next((name for name in others if name), key) for key, others in names.items()}
        self.keys: dict[str, set[str]] = {}
        for key, others in names.items():
            for name in others:
                self.keys.setdefault(folded(name), set()).add(key)
        # A key always refers to its own object, even when it is also the name of another.
        self.keys.update({folded(key): {key} for key in names})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = " ".join(_text(value).split())
        keys = self.keys.get(folded(text), set())
        if len(keys) == 1:
            return next(iter(keys))
        candidates = sorted(keys) or self._nearest(text)
        known = Listed(key if self.shown[key] == key else f"{self.shown[key]} ({key})" for key in candidates)
        raise ValidationError(Message(self.unknown, text=_shortened(text), known=known))

    def _nearest(self, text: str) -> list[str]:
        """Return the candidates for an unknown name: all when there are few, otherwise the most similar names."""
        if len(self.shown) <= _MOST_NAMES_SHOWN:
            return list(self.shown)
        near = difflib.get_close_matches(folded(text), self.keys, n=3, cutoff=0.6)
        similar = dict.fromkeys(key for name in near for key in sorted(self.keys[name]))
        return list(similar) or list(self.shown)[:_MOST_NAMES_SHOWN]


class NamesCell(NameCell):
    """Several keys or names in one cell, separated by commas or semicolons of any script."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        parts = [part for part in _SEPARATORS.split(_text(value)) if part.strip()]
        keys = (super(NamesCell, self)._deserialize(part, attr, data, **kwargs) for part in parts)
        return list(dict.fromkeys(keys))


class NumberCell(fields.Field[float]):
    """A finite number, from a number cell or as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        text = _text(value)
        number = parse_number(text, of_program=True)
        if number is None or not math.isfinite(number):
            raise ValidationError(Message("`{text}` is not a number", text=_shortened(text.strip())))
        return number


class CountCell(NumberCell):
    """A whole number, 0 or more."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number < 0 or number != int(number) or number > 1_000_000:
            raise ValidationError(Message("`{text}` is not a whole number, 0 or more", text=_text(value)))
        return int(number)


class MomentCell(fields.Field[datetime]):
    """A date and time such as ``2023-07-03 14:05``; without an offset it is in the competition's time zone."""

    def __init__(self, *, zone: ZoneInfo, **settings: Any) -> None:
        super().__init__(**settings)
        self.zone = zone

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        text = _text(value).strip()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(
                Message("`{text}` is not a time such as `2023-07-03 14:05`", text=_shortened(text))
            ) from None
        if len(text) <= 10:
            moment = datetime.combine(moment.date(), time(12))
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


def look_of(key: str) -> str:
    """Return what a key looks like: two keys that a reader may take for each other have the same look.

    >>> look_of("P001") == look_of("p001") == look_of("POO1")
    True
    """
    return folded(key).translate(_SAME_LOOK)


def _is_key_letter(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith(_EAST_ASIAN)


def names_of(*texts: Text) -> list[str]:
    """Return every name in some texts, English first."""
    return [name for text in texts for name in text.by_language.values()]


def _text(value: Any) -> str:
    """Return a cell's content as text; a number cell with the value 14.0 gives ``14``."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = normalised(str(value))
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Cn") and letter not in "\t\r\n" for letter in text):
        raise ValidationError(Message("a character here cannot be shown; type the text again"))
    if DIRECTION_CONTROLS & set(text):
        raise ValidationError(TURNS_DIRECTION)
    return text


def _within(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValidationError(
            Message("{n} characters are too many; {longest} are allowed", n=len(text), longest=longest)
        )
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
