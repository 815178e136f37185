"""The numbers that rows get here, and what refers to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Table, text

from judging.errors import JudgingError
from judging.event_transfer.declared_tables import NUMBERS_IN_JSON
from judging.event_transfer.event_rows import columns_of, referred_table


class RowNumbers:
    """Gives rows numbers in the order in which they come, and translates what names them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._here: dict[str, dict[int, int]] = {}
        self._newest: dict[str, int] = {}

    def known(self, table: str, number: int, here: int) -> None:
        """Note the number here of a row."""
        self._here.setdefault(table, {})[number] = here

    def find(self, table: str, number: int) -> int:
        """Return the number here of a row of the file; JudgingError when the file has no such row."""
        here = self._here.get(table, {}).get(number)
        if here is None:
            raise JudgingError(f"A row names {table} {number}, which is not in the file. Nothing was imported.")
        return here

    def get(self, table: str, number: int | None) -> int | None:
        """Return the number here of a row; None when there is none."""
        return None if number is None else self._here.get(table, {}).get(number)

    def new(self, table: Table, numbers: list[int]) -> list[int]:
        """Give rows numbers that no row has, and return them."""
        if self._connection.dialect.name == "postgresql":
            sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)")
            given = list(self._connection.execute(sequence, {"name": table.name, "n": len(numbers)}).scalars())
        else:
            if table.name not in self._newest:
                newest = self._connection.execute(sqlalchemy.select(sqlalchemy.func.max(table.c.id))).scalar()
                self._newest[table.name] = newest or 0
            first = self._newest[table.name] + 1
            given = list(range(first, first + len(numbers)))
            self._newest[table.name] = first + len(numbers) - 1
        own = self._here.setdefault(table.name, {})
        for number, here in zip(numbers, sorted(given), strict=True):
            if number in own:
                raise JudgingError(f"The file has two rows {table.name} {number}. Nothing was imported.")
            own[number] = here
        return sorted(given)

    def translated(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a row with the numbers of here wherever they name a row, also inside of JSON."""
        changed = {}
        for column in columns_of(table):
            value, referred = values[column.name], referred_table(column)
            if value is not None and referred is not None:
                value = self.find(referred, value)
            in_json = NUMBERS_IN_JSON.get(f"{table.name}.{column.name}")
            changed[column.name] = value if in_json is None or value is None else in_json[0](value, self.find)
        return changed
