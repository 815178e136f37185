"""Every value of every row arrives: two files of one event are the same when rows are named by their order."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from judging.event_transfer.declared_tables import MOVED, NUMBERS_IN_JSON
from judging.event_transfer.event_rows import columns_of, referred_table
from judging.tables.types import metadata
from tests.support.installations import Make, filled, in_use

FORMER = {"former_log", "former_entry"}
# At the second export, a session says that it is one of a former installation.
LEFT = {"sign_in_session": {"former_log_id"}}


def rows_in(path: Path) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(path) as archive:
        return {
            name.removeprefix("rows/").removesuffix(".jsonl"): [
                json.loads(line) for line in archive.read(name).splitlines()
            ]
            for name in archive.namelist()
            if name.startswith("rows/")
        }


def named_by_order(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a file in which each number of a row is its place in the table, or the person's address."""
    rows = rows_in(path)
    names: dict[str, dict[int, Any]] = {
        table: {row["id"]: place for place, row in enumerate(found) if "id" in row} for table, found in rows.items()
    }
    names["person"] = {row["id"]: row["email"] for row in rows["person"]}

    def find(table: str, number: int) -> Any:
        return names[table][number]

    def named(table: str, row: dict[str, Any]) -> dict[str, Any]:
        values = dict(row)
        for column in columns_of(metadata.tables[table]):
            value, referred = row[column.name], referred_table(column)
            in_json = NUMBERS_IN_JSON.get(f"{table}.{column.name}")
            if column.name in LEFT.get(table, ()):
                values[column.name] = None
            elif column.name == "id":
                values["id"] = find(table, value)
            elif referred == "sign_in_session" and value not in names[referred]:
                # The session of a scoresheet that says nothing of it.
                values[column.name] = None
            elif value is not None and referred is not None:
                values[column.name] = find(referred, value)
            elif value is not None and in_json is not None:
                values[column.name] = in_json[0](value, find)
        return values

    found = {table: [named(table, row) for row in rows[table]] for table in rows if table not in FORMER}
    found["person"].sort(key=lambda row: str(row["email"]))
    return found


@pytest.mark.parametrize(("before", "after"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_what_is_exported_again_is_the_same(make: Make, tmp_path: Path, before: str, after: str) -> None:
    source, target = filled(make, before), in_use(make, after)
    source.export(tmp_path / "first.zip")
    target.store(tmp_path / "first.zip")
    target.export(tmp_path / "second.zip")
    first, second = named_by_order(tmp_path / "first.zip"), named_by_order(tmp_path / "second.zip")
    assert [table for table in MOVED if table not in FORMER and not first[table]] == []
    for found in (first, second):
        # Whoever was found there keeps the name from there.
        found["person"] = [{**row, "name": ""} for row in found["person"]]
    for table, rows in first.items():
        assert second[table] == rows, table
