"""marshmallow fields that accept a value only in its exact type, with complaints that name the correction.

marshmallow's own fields are made for forms: they accept "30" and True as numbers and 1 as true. A definition is sealed
and hashed, so its values must not be converted implicitly.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from marshmallow import RAISE, Schema, ValidationError, fields

from judging.errors import Listed, Message
from judging.rubric import LANGUAGES, Text
from judging.schemas.nearest_words import nearest

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_KEY = re.compile(r"[A-Za-z0-9]+([-_][A-Za-z0-9]+)*")

_COMMON_MESSAGES: dict[str, Any] = {
    "required": Message("is missing; add it"),
    "null": Message("has no value; write one, or remove the line"),
}
_MAPPING_MESSAGES: dict[str, Any] = {"type": Message("is not a mapping; write `key: value` lines below it")}
_LIST_MESSAGES = _COMMON_MESSAGES | {"invalid": Message("is not a list; begin each item with `- `")}
_FIXED_MESSAGES: dict[str, str] = {str(text): text for text in (_LIST_MESSAGES | _MAPPING_MESSAGES).values()}


def as_message(text: str) -> str:
    """Return a complaint as a Message that can be translated: marshmallow makes plain texts of its fixed ones."""
    return _FIXED_MESSAGES.get(text, text)


class StrictSchema(Schema):
    """A mapping with known keys only; loads into a dictionary."""

    error_messages = _MAPPING_MESSAGES

    class Meta:
        """An unknown key is an error."""

        unknown = RAISE

    def handle_error(self, error: ValidationError, data: Any, **kwargs: Any) -> None:
        """Add the nearest known key to the complaint about an unknown key."""
        if isinstance(error.messages, dict) and isinstance(data, Mapping):
            for key in set(data) - set(self.load_fields):
                advice = nearest(key, list(self.load_fields))
                error.messages[key] = [Message("unknown key; {advice}", advice=advice)]


class _Field(fields.Field[Any]):
    default_error_messages = _COMMON_MESSAGES

    def complain(self, text: str) -> NoReturn:
        """Refuse the value."""
        raise ValidationError(text)


class Key(_Field):
    """The identifier of an object in definitions, tables and files."""

    def __init__(self, *, longest: int = 60, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            self.complain(Message("{value} is not a text; put it in quotes", value=repr(value)))
        if not _KEY.fullmatch(value):
            self.complain(Message("`{key}` is not a key; write letters a-z and digits, joined by - or _", key=value))
        if len(value) > self._longest:
            self.complain(Message("a key of {n} characters; write at most {most}", n=len(value), most=self._longest))
        return value


class Word(_Field):
    """A text of one line; later checks decide which words are valid."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not value:
            text = Message("{value} is not a word; put it in quotes if it looks like a number", value=repr(value))
            self.complain(text)
        return value


class Choice(_Field):
    """One of a fixed set of words."""

    def __init__(self, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = tuple(words)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value not in self.words:
            text = Message(
                "`{value}` is not one of {words}; {advice}",
                value=value,
                words=Listed(self.words),
                advice=nearest(value, self.words),
            )
            self.complain(text)
        return str(value)


class Flag(_Field):
    """``true`` or ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            self.complain(Message("`{value}` is neither true nor false; write one of them", value=value))
        return value


class Number(_Field):
    """A finite number in a range; the limits are included unless ``above`` or ``below`` is used."""

    what = Message("a number")

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
        self.limits = {"at least": least, "at most": most, "above": above, "below": below}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        # In Python, True is an int; here it is not a number.
        if isinstance(value, bool) or not isinstance(value, int | float) or not self._fits(value):
            self.complain(self._not_a_number(value))
        inside = {
            "at least": lambda limit: value >= limit,
            "at most": lambda limit: value <= limit,
            "above": lambda limit: value > limit,
            "below": lambda limit: value < limit,
        }
        limits = {word: limit for word, limit in self.limits.items() if limit is not None}
        if not all(inside[word](limit) for word, limit in limits.items()):
            offered = [_limit(word, limit) for word, limit in limits.items()]
            # No number here has more than two limits.
            both = offered[0] if len(offered) == 1 else Message("{low} and {high}", low=offered[0], high=offered[1])
            self.complain(
                Message(
                    "{value} is out of range; write {what} {limits}", value=f"{value:g}", what=self.what, limits=both
                )
            )
        return self._converted(value)

    def _not_a_number(self, value: object) -> str:
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            return Message("`{value}` is not {what}; write one", value=value, what=self.what)
        return Message("{value} is not {what}; write one without quotes", value=repr(value), what=self.what)

    def _fits(self, value: float) -> bool:
        return math.isfinite(value)

    def _converted(self, value: float) -> float:
        return float(value)


def _limit(word: str, limit: float) -> Message:
    words = {
        "at least": Message("at least {limit}", limit=f"{limit:g}"),
        "at most": Message("at most {limit}", limit=f"{limit:g}"),
        "above": Message("above {limit}", limit=f"{limit:g}"),
        "below": Message("below {limit}", limit=f"{limit:g}"),
    }
    return words[word]


class Whole(Number):
    """A whole number in a range."""

    what = Message("a whole number")

    def _fits(self, value: float) -> bool:
        return isinstance(value, int)

    def _converted(self, value: float) -> int:
        return int(value)


class Moment(_Field):
    """A time with its offset from UTC; converted to UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        shown = {"value": value, "example": "2023-07-01T09:00:00+08:00"}
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.complain(Message("`{value}` is not a date and time; write one like {example}", **shown))
        if len(value.strip()) <= len("2023-07-01"):
            self.complain(Message("`{value}` has no time of day; write one like {example}", **shown))
        if moment.tzinfo is None:
            self.complain(Message("`{value}` does not say its offset from UTC; write one like {example}", **shown))
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            self.complain(Message("`{value}` is not a date and time; write one like {example}", **shown))


class TextField(_Field):
    """A text in some of the languages; the competition defines which ones are required."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Text:
        if not isinstance(value, Mapping):
            text = Message(
                "is not given by language; write one line for each of {languages} below it",
                languages=Listed(LANGUAGES),
            )
            self.complain(text)
        texts: dict[str, str] = {}
        complaints: dict[Any, Any] = {}
        for language, text in value.items():
            if language not in LANGUAGES and text is None:
                # YAML takes what follows a comma within braces for another key.
                complaints[language] = [
                    Message("is no language; if it is the rest of a text with a comma, put the text in quotes")
                ]
            elif language not in LANGUAGES:
                complaints[language] = [Message("unknown language; {advice}", advice=nearest(language, LANGUAGES))]
            elif not isinstance(text, str):
                complaints[language] = [
                    Message("has no text; write one, in quotes if it looks like a number")
                    if text is None
                    else Message(
                        "{value} is not a text; write one, in quotes if it looks like a number", value=repr(text)
                    )
                ]
            elif not text.strip():
                complaints[language] = [Message("is blank; write the text")]
            else:
                texts[language] = text.strip()
        loaded = Text(*(texts.get(language, "") for language in LANGUAGES))
        if complaints:
            partly: Any = loaded  # marshmallow types only lists and dictionaries here, and passes on anything
            raise ValidationError(complaints, valid_data=partly)
        return loaded


class ListOf(fields.List[Any]):
    """A list; an invalid item leaves an empty place, so that the other items retain their index."""

    default_error_messages = _LIST_MESSAGES

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        loaded: list[Any] = []
        complaints: dict[int, Any] = {}
        for index, item in enumerate(value):
            try:
                loaded.append(self.inner.deserialize(item))
            except ValidationError as error:
                loaded.append(error.valid_data)
                complaints[index] = error.messages
        if complaints:
            raise ValidationError(complaints, valid_data=loaded)
        return loaded


class MappingField(_Field):
    """A mapping from arbitrary keys to values of one kind."""

    def __init__(self, values: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values = values

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.complain(Message("is not a mapping; write `key: value` lines below it"))
        loaded: dict[str, Any] = {}
        complaints: dict[Any, Any] = {}
        for key, content in value.items():
            try:
                loaded[key] = self.values.deserialize(content)
            except ValidationError as error:
                complaints[key] = error.messages
        if complaints:
            raise ValidationError(complaints, valid_data=loaded)
        return loaded


class Part(fields.Nested):
    """A nested mapping with its own schema."""

    default_error_messages = _COMMON_MESSAGES
