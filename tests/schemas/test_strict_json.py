"""JSON bodies that no honest program sends are refused with their place."""

from __future__ import annotations

import pytest

from judging.errors import InvalidInput
from judging.schemas.strict_json import MAX_BYTES, MAX_DEPTH, parse_json


def test_ordinary_json_is_read() -> None:
    assert parse_json('{"scores": {"need": 4, "use": 3.5, "data": null}, "comment": "好 [ {"}'.encode()) == {
        "scores": {"need": 4, "use": 3.5, "data": None},
        "comment": "好 [ {",
    }


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "The JSON is nested deeper than 20 levels."),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "The JSON is nested deeper than 20 levels."),
        (b'"' + b"x" * MAX_BYTES + b'"', "The JSON has more than 1,000,000 bytes."),
        (b'{"base_version":' + b"9" * 5000 + b"}", "A number in the JSON has more than 30 digits."),
        (b'{"x":NaN}', "NaN in the JSON is no finite number."),
        (b'{"x":-Infinity}', "-Infinity in the JSON is no finite number."),
        (b'{"x":1e400}', "1e400 in the JSON is no finite number."),
        (b'{"x":1,"y":2,"x":3}', 'The key "x" is given twice in one JSON object.'),
        (b'{"x":"\xff"}', "The JSON is not UTF-8 (byte 7)."),
        (b"", "This is not JSON: line 1, column 1: Expecting value."),
        (b'{"x":1', "This is not JSON: line 1, column 7: Expecting ',' delimiter."),
        (b'{"x":"[', "This is not JSON: line 1, column 6: Unterminated string starting at."),
    ],
)
def test_unreadable_json_is_reported(body: bytes, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_json(body)
    assert refused.value.messages == {"": [complaint]}
