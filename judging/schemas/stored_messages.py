"""Messages as stored JSON: an English sentence with its named values, translated where it is displayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judging.errors import InvalidInput, JudgingError, Listed, Message, RubricError
from judging.rubric import Text

Stored = dict[str, Any]


def to_stored(text: str) -> Stored:
    """Return a text as JSON values; a Message keeps its template and values, and is translated later."""
    if isinstance(text, Listed):
        listed = {"listed": [to_stored(one) for one in text.texts], "unnamed": text.unnamed}
        return {**listed, "in_prose": text.in_prose}
    if not isinstance(text, Message):
        return {"text": str(text)}
    return {"template": text.template, "values": {name: _value(value) for name, value in text.values.items()}}


def from_stored(stored: Mapping[str, Any]) -> str:
    """Return a stored text; a Message or a Listed if it was one."""
    if "listed" in stored:
        return Listed(map(from_stored, stored["listed"]), unnamed=stored["unnamed"], in_prose=stored["in_prose"])
    if "template" not in stored:
        return str(stored["text"])
    template = stored["template"]
    return Message(template, **{name: _read(value) for name, value in stored["values"].items()})


def problem_to_stored(error: JudgingError) -> Stored:
    """Return an error as JSON values: its text, its complaints by place, the complaints about a definition."""
    stored: Stored = {"message": to_stored(error.message)}
    if isinstance(error, InvalidInput):
        stored["complaints"] = [
            [to_stored(place), [to_stored(text) for text in texts]] for place, texts in error.messages.items()
        ]
    if isinstance(error, RubricError):
        stored["definition"] = error.complaints
    return stored


def problem_from_stored(stored: Mapping[str, Any]) -> JudgingError:
    """Return a stored error as one of the same kind of content."""
    if "definition" in stored:
        return RubricError(stored["definition"])
    message = from_stored(stored["message"])
    if "complaints" in stored:
        return InvalidInput(
            {from_stored(place): [from_stored(text) for text in texts] for place, texts in stored["complaints"]},
            message,
        )
    return JudgingError(message)


def _value(value: object) -> object:
    if isinstance(value, str):
        return to_stored(value)
    if isinstance(value, Text):
        return {"languages": [value.en, value.zh_hant_hk, value.zh_hans_cn]}
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)


def _read(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return Text(*value["languages"]) if "languages" in value else from_stored(value)
