"""Every table, every reference and every JSON column is declared: whether it is moved, and how its numbers change."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Integer

from judging.event_transfer.declared_tables import (
    FORMER_NUMBERS,
    JSON_WITHOUT_NUMBERS,
    LEFT_OUT,
    MOVED,
    NOT_MOVED,
    NUMBERS_IN_JSON,
    PARTLY_MOVED,
)
from judging.event_transfer.event_rows import columns_of, in_order, referred_table
from judging.event_transfer.facts_check import CHECKED
from judging.event_transfer.row_lines import ENTRY_COLUMNS
from judging.services.audit.stored_rows import APPEND_ONLY
from judging.tables.types import metadata
from tests.support.installations import Make, filled

WRITTEN = {*MOVED, "person", "sign_in_session"}
SECRET = ("password", "token", "secret", "seed", "public_key", "credential", "code_hash")


def test_every_table_is_moved_or_says_why_not() -> None:
    assert {*WRITTEN, *NOT_MOVED} == set(metadata.tables)
    assert WRITTEN & set(NOT_MOVED) == set()
    assert set(PARTLY_MOVED) <= WRITTEN
    assert all(
        name in metadata.tables and set(left) <= set(metadata.tables[name].c.keys()) for name, left in LEFT_OUT.items()
    )


def test_every_row_that_is_named_is_moved_too() -> None:
    for name in WRITTEN:
        for column in columns_of(metadata.tables[name]):
            assert referred_table(column) in {None, *WRITTEN}, f"{name}.{column.name} names a row that stays"


def test_every_number_is_no_number_of_a_row_or_is_declared() -> None:
    """A column that is called like a reference and has no foreign key would keep the number of another installation."""
    for name in WRITTEN:
        for column in columns_of(metadata.tables[name]):
            is_reference = isinstance(column.type, Integer) and column.name.endswith("_id")
            is_declared = f"{name}.{column.name}" in FORMER_NUMBERS
            assert not is_reference or is_declared or referred_table(column) is not None, f"{name}.{column.name}"


def test_every_json_column_is_declared() -> None:
    found = {
        f"{name}.{column.name}"
        for name in WRITTEN
        for column in columns_of(metadata.tables[name])
        if isinstance(column.type, JSON)
    }
    assert found == {*NUMBERS_IN_JSON, *JSON_WITHOUT_NUMBERS}
    assert set(NUMBERS_IN_JSON) & set(JSON_WITHOUT_NUMBERS) == set()


def test_what_signs_in_never_leaves() -> None:
    for name in WRITTEN:
        left = [column.name for column in columns_of(metadata.tables[name])]
        assert [column for column in left if any(word in column for word in SECRET)] == [], name


def test_rows_come_after_those_that_they_name() -> None:
    place = {table.name: number for number, table in enumerate(in_order())}
    assert set(place) == WRITTEN - {"person"}
    for column, (_, others) in NUMBERS_IN_JSON.items():
        assert all(place[other] < place[column.partition(".")[0]] for other in others)
    for name, own in place.items():
        named = {referred_table(column) for column in columns_of(metadata.tables[name])} - {None, "person", name}
        assert all(place[other] < own for other in named if other is not None)


def test_every_fact_that_is_moved_is_compared_with_the_log() -> None:
    assert set(CHECKED) == set(APPEND_ONLY) & set(MOVED) - {"score"}
    entry = metadata.tables["audit_entry"]
    assert set(ENTRY_COLUMNS) == set(entry.c.keys())


def test_json_that_is_declared_without_numbers_has_no_key_like_one(make: Make, tmp_path: Path) -> None:
    filled(make, "sqlite").export(tmp_path / "event.zip")
    named = {"newest_scoresheet", "newest", "team_letters"}
    with zipfile.ZipFile(tmp_path / "event.zip") as archive:
        for column in JSON_WITHOUT_NUMBERS:
            table, _, name = column.partition(".")
            for line in archive.read(f"rows/{table}.jsonl").splitlines():
                keys = set(_keys_in(json.loads(line)[name]))
                found = {key for key in keys if key in named or key == "id" or key.endswith("_id")}
                assert found == set(), f"{column}: {found}"
        content = archive.read("rows/sign_in_session.jsonl") + archive.read("rows/person.jsonl")
        assert b"token" not in content
        assert b"password" not in content


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from _keys_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _keys_in(one)
