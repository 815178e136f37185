"""Validate a result of another method that somebody brings for comparison; one schema for form and API."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from judging.errors import InvalidInput, Listed, Message
from judging.incoming_tables.containers.cells import Book
from judging.schemas.typed_decisions import Typed, load
from judging.schemas.typed_numbers import parse_number

DIRECTIONS = ("higher", "lower")
"""Which value is better."""
LONGEST_METHOD = 200
LONGEST_NOTE = 2_000
MOST_VALUES = 5_000
HEADINGS = ("proposal", "value", "standard_error")
_METHOD = Message("Name the method, such as: Bayesian many-facet model, prior of 2026.")
_DIRECTION = Message("Say whether a higher or a lower value is better.")
_NUMBER = Message("Give a finite number.")
_VALUES = Message("Give a value for 2 to {most} proposals.", most=MOST_VALUES)
_COLUMNS = Message("The first row must have the headings proposal and value, and may have standard_error.")
_LARGEST = 1e15


class _Finite(fields.Float):
    """A finite number of JSON; no text, no boolean."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool | str):
            raise ValidationError(_NUMBER)
        number = float(super()._validated(value))
        if not math.isfinite(number) or abs(number) > _LARGEST:
            raise ValidationError(_NUMBER)
        return number


class OutsideValueSchema(Schema):
    """The value of one proposal."""

    proposal = Typed(60, empty=Message("Choose a proposal."), required=True, metadata={"description": "Its key."})
    value = _Finite(
        required=True,
        validate=validate.Range(-_LARGEST, _LARGEST, error=_NUMBER),
        error_messages={"required": _NUMBER, "invalid": _NUMBER},
    )
    standard_error = _Finite(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, _LARGEST, error=Message("A standard error is 0 or more.")),
        error_messages={"invalid": _NUMBER},
    )


class NewOutsideComparisonSchema(Schema):
    """A result of another method."""

    method = Typed(LONGEST_METHOD, empty=_METHOD, required=True, error_messages={"required": _METHOD})
    direction = fields.String(
        required=True,
        validate=validate.OneOf(DIRECTIONS, error=_DIRECTION),
        error_messages={"required": _DIRECTION},
        metadata={"description": "Which value is better."},
    )
    note = Typed(LONGEST_NOTE, load_default="", lines=True)
    values = fields.List(
        fields.Nested(OutsideValueSchema),
        required=True,
        validate=validate.Length(2, MOST_VALUES, error=_VALUES),
        error_messages={"required": _VALUES},
    )


@dataclass(frozen=True, slots=True)
class NewOutsideComparison:
    """What was brought; ``content`` is what is stored and what the digest is made of, values by proposal."""

    method: str
    direction: str
    content: dict[str, Any]


def load_outside(typed: Mapping[str, Any]) -> NewOutsideComparison:
    """Return what was brought; InvalidInput with every complaint, also for a proposal that has two values."""
    asked = load(NewOutsideComparisonSchema, typed)
    values = sorted(asked["values"], key=lambda entry: str(entry["proposal"]))
    keys = [entry["proposal"] for entry in values]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if twice:
        raise InvalidInput({"values": Message("More than one value: {proposals}.", proposals=Listed(twice[:5]))})
    content = {**{name: asked[name] for name in ("method", "direction", "note")}, "values": values}
    return NewOutsideComparison(method=asked["method"], direction=asked["direction"], content=content)


def values_of(book: Book) -> list[dict[str, Any]]:
    """Return the rows of a table with the headings of ``HEADINGS``; InvalidInput with the place of each mistake."""
    sheet = next((sheet for sheet in book.sheets if sheet.rows), None)
    if sheet is None:
        raise InvalidInput({"file": Message("The file is empty.")})
    head, *rows = sheet.rows
    named = {cell.text.strip().lower().replace(" ", "_"): column for column, cell in head.cells.items()}
    if not {"proposal", "value"} <= set(named):
        raise InvalidInput({"file": _COLUMNS})
    values: list[dict[str, Any]] = []
    wrong: list[str] = []
    for row in rows:
        texts = {name: row.cells[named[name]].text.strip() for name in HEADINGS if named.get(name) in row.cells}
        if not any(texts.values()):
            continue
        entry: dict[str, Any] = {"proposal": texts.get("proposal", "").removeprefix("'")}
        for name in ("value", "standard_error"):
            text = texts.get(name, "")
            number = parse_number(text, of_program=True) if text else None
            if number is None and (text or name == "value"):
                wrong.append(Message("Row {row}: “{text}” is no number.", row=row.number, text=text))
            entry[name] = number
        values.append(entry)
    if wrong:
        raise InvalidInput({"file": wrong[:10]})
    return values
