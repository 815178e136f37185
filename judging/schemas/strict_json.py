"""Parse JSON bodies: size, depth, duplicate keys and numbers are checked before a schema gets a value.

Python's own parser uses the last of two equal keys, accepts ``NaN``, and reports too deep nesting as a RecursionError.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from judging.errors import InvalidInput, Message

MAX_BYTES = 1_000_000
"""A scoresheet of twenty criteria with the longest comments in Chinese has 300 KB."""

MAX_DEPTH = 20
MAX_DIGITS = 30

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NOT_A_BRACKET = re.compile(rb"[^\[\]{}]+")


def parse_json(body: bytes, *, most_bytes: int = MAX_BYTES, deepest: int = MAX_DEPTH) -> Any:
    """Parse the body of a request, or a line of a file.

    Parameters
    ----------
    body : bytes
        UTF-8.
    most_bytes, deepest : int
        Its limits.

    Returns
    -------
    value : dict, list, str, int, float, bool or None
        Without NaN and infinities.

    Raises
    ------
    InvalidInput
        Under the empty key, with the position and the correction.
    """
    if len(body) > most_bytes:
        raise _refused(Message("The JSON has more than {limit} bytes.", limit=f"{most_bytes:,}"))
    if _depth(body) > deepest:
        raise _refused(Message("The JSON is nested deeper than {limit} levels.", limit=deepest))
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise _refused(Message("The JSON is not UTF-8 (byte {place}).", place=error.start + 1)) from None
    except json.JSONDecodeError as error:
        raise _refused(
            Message(
                "This is not JSON: line {line}, column {column}: {problem}.",
                line=error.lineno,
                column=error.colno,
                problem=error.msg,
            )
        ) from None
    if _SURROGATE.search(body):
        _require_characters(value)
    return value


def _require_characters(value: Any) -> None:
    """Refuse half of a character outside the basic plane, which JSON can say and neither UTF-8 nor a database store."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        half = json.dumps(error.object[error.start])
        raise _refused(Message("A text in the JSON has {half} without its other half.", half=half)) from None


def _depth(body: bytes) -> int:
    """Return the nesting depth of brackets outside strings."""
    depth = deepest = 0
    for bracket in _NOT_A_BRACKET.sub(b"", _STRING.sub(b"", body)):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        duplicate = next(key for key, count in Counter(keys).items() if count > 1)
        raise _refused(Message("The key {key} is given twice in one JSON object.", key=json.dumps(duplicate[:60])))
    return values


def _whole_number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _refused(Message("A number in the JSON has more than {limit} digits.", limit=MAX_DIGITS))
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _refused(Message("{number} in the JSON is no finite number.", number=text[:60]))
    return number


def _constant(text: str) -> NoReturn:
    raise _refused(Message("{number} in the JSON is no finite number.", number=text))


def _refused(message: Message) -> InvalidInput:
    return InvalidInput({"": message})
