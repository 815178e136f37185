"""marshmallow fields that take a value as it is or refuse it, in words that say what to write instead.

marshmallow's own fields are made for forms: they read "30" and True as numbers and 1 as true. A definition is sealed
and hashed, so nothing in it is guessed.
"""

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from marshmallow import RAISE, Schema, ValidationError, fields

from judging.rubric import LANGUAGES, Text

_KEY = re.compile(r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*")
_MOST_NAMES_SHOWN = 12

_EVERYWHERE: dict[str, Any] = {
    "required": "is missing; add it",
    "null": "has no value; write one, or remove the line",
}


def nearest(word: object, known: Sequence[str]) -> str:
    """Return advice about a word nobody knows: the known one that looks like it, or what is known."""
    if close := difflib.get_close_matches(str(word), known, n=1):
        return f"did you mean `{close[0]}`?"
    if not known:
        return "there is none"
    more = ", ..." if len(known) > _MOST_NAMES_SHOWN else ""
    return f"known here: {', '.join(known[:_MOST_NAMES_SHOWN])}{more}"


class StrictSchema(Schema):
    """A mapping whose every key is known; loads into a dictionary."""

    error_messages = {"type": "is not a mapping; write `key: value` lines below it"}  # noqa: RUF012 - marshmallow's own

    class Meta:
        """An unknown key is an error."""

        unknown = RAISE

    def handle_error(self, error: ValidationError, data: Any, **kwargs: Any) -> None:
        """Say of an unknown key which known one is nearest."""
        if isinstance(error.messages, dict) and isinstance(data, Mapping):
            for key in set(data) - set(self.load_fields):
                error.messages[key] = [f"unknown key; {nearest(key, list(self.load_fields))}"]


class _Field(fields.Field[Any]):
    default_error_messages = _EVERYWHERE

    def complain(self, text: str) -> NoReturn:
        """Refuse the value."""
        raise ValidationError(text)


class Key(_Field):
    """What the rest of the definition, tables and files call a thing."""

    def __init__(self, *, longest: int = 60, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            self.complain(f"{value!r} is not a text; put it in quotes")
        if not _KEY.fullmatch(value):
            self.complain(f"`{value}` is not a key; write letters a-z and digits, joined by - or _")
        if len(value) > self._longest:
            self.complain(f"a key of {len(value)} characters; write at most {self._longest}")
        return value


class Word(_Field):
    """A text of one line; which ones are known is for the rules to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value:
            self.complain(f"{value!r} is not a word; put it in quotes if it looks like a number")
        return value


class Choice(_Field):
    """One of a few words."""

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._words = tuple(words)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value not in self._words:
            self.complain(f"`{value}` is not one of {', '.join(self._words)}; {nearest(value, self._words)}")
        return str(value)


class Flag(_Field):
    """``true`` or ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            self.complain(f"`{value}` is neither true nor false; write one of them")
        return value


class Number(_Field):
    """A finite number in a range; its ends belong to it unless ``above`` or ``below`` says otherwise."""

    what = "a number"

    def __init__(
        self,
        *,
        least: float | None = None,
        most: float | None = None,
        above: float | None = None,
        below: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._limits = {"at least": least, "at most": most, "above": above, "below": below}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        # True is an int to Python, and not to anybody else.
        if isinstance(value, bool) or not isinstance(value, int | float) or not self._fits(value):
            self.complain(f"{value!r} is not {self.what}; write one without quotes")
        inside = {
            "at least": lambda limit: value >= limit,
            "at most": lambda limit: value <= limit,
            "above": lambda limit: value > limit,
            "below": lambda limit: value < limit,
        }
        limits = {word: limit for word, limit in self._limits.items() if limit is not None}
        if not all(inside[word](limit) for word, limit in limits.items()):
            wanted = " and ".join(f"{word} {limit:g}" for word, limit in limits.items())
            self.complain(f"{value:g} is out of range; write {self.what} {wanted}")
        return self._converted(value)

    def _fits(self, value: float) -> bool:
        return math.isfinite(value)

    def _converted(self, value: float) -> float:
        return float(value)


class Whole(Number):
    """A whole number in a range."""

    what = "a whole number"

    def _fits(self, value: float) -> bool:
        return isinstance(value, int)

    def _converted(self, value: float) -> int:
        return int(value)


class Moment(_Field):
    """A time with its offset from UTC; kept in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        example = "write one like 2023-07-01T09:00:00+08:00"
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.complain(f"`{value}` is not a date and time; {example}")
        if "T" not in value:
            self.complain(f"`{value}` has no time of day; {example}")
        if moment.tzinfo is None:
            self.complain(f"`{value}` does not say its offset from UTC; {example}")
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            self.complain(f"`{value}` is not a date and time; {example}")


class TextField(_Field):
    """A text in some of the languages; which ones it needs is the competition's to say."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Text:
        if not isinstance(value, Mapping):
            self.complain(f"is not given by language; write one line for each of {', '.join(LANGUAGES)} below it")
        texts: dict[str, str] = {}
        wrong: dict[Any, Any] = {}
        for language, text in value.items():
            if language not in LANGUAGES:
                wrong[language] = [f"unknown language; {nearest(language, LANGUAGES)}"]
            elif not isinstance(text, str):
                shown = "has no text" if text is None else f"{text!r} is not a text"
                wrong[language] = [f"{shown}; write one, in quotes if it looks like a number"]
            elif not text.strip():
                wrong[language] = ["is blank; write the text"]
            else:
                texts[language] = text.strip()
        kept = Text(*(texts.get(language, "") for language in LANGUAGES))
        if wrong:
            partly: Any = kept  # marshmallow types only lists and dictionaries here, and passes on anything
            raise ValidationError(wrong, valid_data=partly)
        return kept


class ListOf(fields.List[Any]):
    """A list; an item that is refused leaves its place behind, so that the others keep their numbers."""

    # A class attribute by marshmallow's own protocol, as above.
    default_error_messages = {**_EVERYWHERE, "invalid": "is not a list; begin each item with `- `"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        kept: list[Any] = []
        wrong: dict[int, Any] = {}
        for index, item in enumerate(value):
            try:
                kept.append(self.inner.deserialize(item))
            except ValidationError as error:
                kept.append(error.valid_data)
                wrong[index] = error.messages
        if wrong:
            raise ValidationError(wrong, valid_data=kept)
        return kept


class MappingField(_Field):
    """A mapping from keys of any name to values of one kind."""

    def __init__(self, values: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._values = values

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.complain("is not a mapping; write `key: value` lines below it")
        kept: dict[str, Any] = {}
        wrong: dict[Any, Any] = {}
        for key, content in value.items():
            try:
                kept[key] = self._values.deserialize(content)
            except ValidationError as error:
                wrong[key] = error.messages
        if wrong:
            raise ValidationError(wrong, valid_data=kept)
        return kept


class Part(fields.Nested):
    """A mapping of its own schema."""

    default_error_messages = _EVERYWHERE
