"""A row as one line of JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Table, TypeDecorator

from judging.errors import JudgingError
from judging.event_transfer.event_rows import columns_of
from judging.tables.types import UTCDateTime

MARKED = "handed_over"
"""In the line of a scoresheet: whether its session marks it."""
ENTRY_COLUMNS = (
    *("id", "at", "person_id", "competition_id", "actor", "address", "action", "subject", "detail", "stored"),
    *("previous_hash", "hash"),
)
"""What the line of an entry of the log has."""


def line_of(values: Mapping[str, Any]) -> bytes:
    """Return a row as one line; times are UTC in ISO 8601."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def values_of(place: str, line: bytes, table: Table, names: frozenset[str]) -> dict[str, Any]:
    """Return the values of a line with the types of the columns.

    Raises
    ------
    JudgingError
        When it is no row of the table; ``place`` says which line.
    """
    try:
        found = json.loads(line)
        if not isinstance(found, dict) or set(found) != names:
            raise ValueError("it has other columns than this table")
        return {name: _typed(name, table.columns.get(name), value) for name, value in found.items()}
    except (ValueError, TypeError, RecursionError) as error:
        raise JudgingError(f"{place} is no row of this version: {error}. Nothing was imported.") from error


def names_of(table: Table) -> frozenset[str]:
    """Return the names in a line of a table."""
    more = {MARKED} if table.name == "scoresheet" else set()
    return frozenset({column.name for column in columns_of(table)} | more)


def _typed(name: str, column: Column[Any] | None, value: Any) -> Any:
    """Return a value as its column has it; ValueError when the column takes none like it, on whichever engine."""
    if column is None or (value is None and column.nullable) or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, UTCDateTime):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
        return at
    # A whole number is a number; yes and no are none.
    plain = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    taken = (int, float) if plain.python_type is float else (plain.python_type,)
    if type(value) not in taken:
        raise ValueError(f"{name} cannot be {value!r}")
    length = getattr(plain, "length", None)
    if isinstance(value, str) and length is not None and len(value) > length:
        raise ValueError(f"{name} has more than {length} characters")
    return value
