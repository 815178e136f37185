"""The digest of one row, by which the audit log binds what is stored.

A column that is NULL is left out. A migration may therefore add a nullable column, and the digests of older rows remain
valid. A migration that changes rows in any other way appends an entry with their new digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Float, Table

# How a person wants to read the service decides nothing, and is changed without a record. The use of a second factor
# changes its row, and that of the session; the entry of the sign-in or of the confirmation is the record of that.
NOT_BOUND = {
    "access_token": frozenset({"last_used_at", "window_began_at", "n_in_window"}),
    "authenticator": frozenset({"last_step"}),
    "passkey": frozenset({"sign_count", "last_used_at"}),
    "person": frozenset({"locale"}),
    "scoresheet": frozenset({"id"}),
    "sign_in_session": frozenset({"last_used_at", "confirmed_at", "confirmed_by"}),
}
"""Table -> columns that are no part of the digest. A scoresheet is known by its assignment and its version."""


def key_of(table: Table, values: Mapping[str, Any]) -> str:
    """Return the name of a row in the audit log: its table and its key, as ``role 17`` or ``scoresheet 17/3``."""
    if table.name == "scoresheet":
        return sheet_key(values["assignment_id"], values["version"])
    return f"{table.name} {'/'.join(str(values[column.name]) for column in table.primary_key.columns)}"


def sheet_key(assignment_id: int, version: int) -> str:
    """Return the name of a version of a scoresheet in the audit log."""
    return f"scoresheet {assignment_id}/{version}"


def digest_of_row(table: Table, values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row; ``values`` may contain more than its columns."""
    return _sha256(_bound(table, values))


def digest_of_sheet(table: Table, values: Mapping[str, Any], lines: Iterable[tuple[str, float | None, str]]) -> str:
    """Return the SHA-256 of a version of a scoresheet with its scores.

    Parameters
    ----------
    table : Table
        ``scoresheet``.
    values : mapping
        Its columns.
    lines : iterable of (criterion, value, comment)
        In any order.
    """
    scores = sorted([criterion, None if value is None else float(value), text] for criterion, value, text in lines)
    return _sha256(_bound(table, values) | {"scores": scores})


def _bound(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    left_out = NOT_BOUND.get(table.name, frozenset())
    return {
        column.name: _plain(column, values[column.name])
        for column in table.columns
        if column.name not in left_out and values.get(column.name) is not None
    }


def _plain(column: Column[Any], value: Any) -> Any:
    """Return a value as both engines return it, whatever Python type it was written with."""
    if isinstance(value, datetime):
        # Only a reflected table of SQLite has naive times; they are UTC.
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(column.type, Boolean):
        return bool(value)
    if isinstance(column.type, Float):
        return float(value)
    return value.hex() if isinstance(value, bytes) else value


def _sha256(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
