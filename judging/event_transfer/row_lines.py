"""A row as one line of JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin

from sqlalchemy import JSON, BigInteger, Column, Table, TypeDecorator

from judging import tables
from judging.errors import InvalidInput, JudgingError
from judging.event_transfer.event_rows import columns_of
from judging.schemas.strict_json import parse_json
from judging.tables.types import UTCDateTime

MARKED = "handed_over"
"""In the line of a scoresheet: whether its session marks it."""
ENTRY_COLUMNS = (
    *("id", "at", "person_id", "competition_id", "actor", "address", "action", "subject", "detail", "stored"),
    *("previous_hash", "hash"),
)
"""What the line of an entry of the log has."""

MOST_BYTES = 200_000_000
"""Of a line."""
_DEEPEST = 60
_Shape = tuple[type, tuple[Any, ...]]


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
        found = parse_json(line.rstrip(b"\n"), most_bytes=MOST_BYTES, deepest=_DEEPEST)
        if not isinstance(found, dict) or set(found) != names:
            raise ValueError("it has other columns than this table")
        return {name: _typed(name, table.columns.get(name), value) for name, value in found.items()}
    except InvalidInput as error:
        said = " ".join(str(one) for one in error.messages[""])
        raise JudgingError(f"{place} is no row of this version: {said} Nothing was imported.") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise JudgingError(f"{place} is no row of this version: {error}. Nothing was imported.") from error


def names_of(table: Table) -> frozenset[str]:
    """Return the names in a line of a table."""
    more = {MARKED} if table.name == "scoresheet" else set()
    return frozenset({column.name for column in columns_of(table)} | more)


@cache
def _shapes_of(table: str) -> dict[str, _Shape]:
    """Return what the JSON columns of a table hold: a list or an object, and of a list what is in it."""
    row = next(one for one in vars(tables).values() if getattr(one, "__tablename__", None) == table)
    found = {}
    for name, field in row.model_fields.items():
        plain = field.annotation
        if isinstance(plain, UnionType):
            plain = next(one for one in get_args(plain) if one is not type(None))
        kind = get_origin(plain) or plain
        if kind in (list, dict):
            found[name] = (kind, get_args(plain) if kind is list else ())
    return found


def _typed(name: str, column: Column[Any] | None, value: Any) -> Any:
    """Return a value as its column has it; ValueError when the column takes none like it, on whichever engine."""
    if column is None:
        if type(value) is not bool:
            raise ValueError(f"{name} cannot be {value!r}")
        return value
    if value is None and column.nullable:
        return value
    if isinstance(column.type, JSON):
        kind, within = _shapes_of(column.table.name)[name]
        if type(value) is not kind or (isinstance(value, list) and any(type(one) not in within for one in value)):
            raise ValueError(f"{name} cannot be {value!r:.100}")
        return value
    if isinstance(column.type, UTCDateTime):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
        # OverflowError, before the first year and after the last one.
        return at.astimezone(UTC)
    # A whole number is a number; yes and no are none.
    plain = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    taken = (int, float) if plain.python_type is float else (plain.python_type,)
    if type(value) not in taken:
        raise ValueError(f"{name} cannot be {value!r:.100}")
    if plain.python_type is int and abs(value) >= 2 ** (63 if isinstance(plain, BigInteger) else 31):
        raise ValueError(f"{name} cannot be {value}")
    if isinstance(value, str):
        length = getattr(plain, "length", None)
        if length is not None and len(value) > length:
            raise ValueError(f"{name} has more than {length} characters")
        if "\x00" in value:
            raise ValueError(f"{name} has a character that no text has")
    return value
