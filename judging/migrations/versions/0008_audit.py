"""Bind what is stored to the audit log, refuse rows that replace facts, and keep who confirmed a scoresheet.

What was stored before gets one entry, ``log.extended``, with the digest of every row as this migration found it. It
says nothing about what happened to these rows earlier.

Revision ID: 0008
Revises: 0007
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from judging.tables.row_digests import digest_of_row, digest_of_sheet, key_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COVERED = (
    *("assignment", "award", "award_grant", "calibration_run", "competition", "conflict_of_interest", "decision"),
    *("judge", "meeting", "meeting_note", "person", "proposal", "release", "role", "round", "round_proposal"),
    *("rules_consent", "rules_version", "scoresheet", "sign_in_link", "signature", "team"),
    *("authenticator", "passkey", "recovery_code", "single_sign_on_identity"),
)
# With every unique key: each of them lets REPLACE delete a row, and no DELETE trigger sees it.
KEYS = {
    "audit_entry": (("id",), ("hash",), ("previous_hash",)),
    "calibration_run": (("id",), ("round_id", "number")),
    "decision": (("id",),),
    "meeting_note": (("id",),),
    "release": (("id",), ("round_id", "number")),
    "rules_consent": (("id",), ("rules_version_id", "city")),
    "score": (("scoresheet_id", "criterion"),),
    "scoresheet": (("id",), ("assignment_id", "version")),
    "signature": (("id",), ("release_id", "city")),
}


def upgrade() -> None:
    """Add the column, extend the log over what is stored, and create the triggers."""
    op.add_column("audit_entry", sa.Column("stored", sa.JSON(none_as_null=True), nullable=True))
    # In SQL: Alembic adds a foreign key in SQLite only by copying the table, which would lose its triggers.
    op.execute(
        "ALTER TABLE scoresheet ADD COLUMN confirmed_by INTEGER "
        "CONSTRAINT fk_scoresheet_confirmed_by_person REFERENCES person (id)"
    )
    extend_log(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        for table, keys in KEYS.items():
            same = " OR ".join("(" + " AND ".join(f"{name} = NEW.{name}" for name in key) + ")" for key in keys)
            op.execute(
                f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key exists'); END"
            )


def extend_log(connection: sa.Connection) -> None:
    """Append one entry with the digests of all stored rows; none to an empty database."""
    known = sa.MetaData()
    known.reflect(connection, only=[*COVERED, "score", "audit_entry", "audit_head"])
    stored: dict[str, str] = {}
    for name in COVERED:
        table = known.tables[name]
        lines = _lines_by_sheet(connection, known) if name == "scoresheet" else {}
        for row in connection.execute(sa.select(table)).mappings():
            is_sheet = name == "scoresheet"
            stored[key_of(table, row)] = (
                digest_of_sheet(table, row, lines.get(row["id"], [])) if is_sheet else digest_of_row(table, row)
            )
    if stored:
        _append(connection, known, stored)


def _lines_by_sheet(connection: sa.Connection, known: sa.MetaData) -> dict[int, list[tuple[str, float | None, str]]]:
    lines: dict[int, list[tuple[str, float | None, str]]] = {}
    score = known.tables["score"]
    for row in connection.execute(sa.select(score)):
        lines.setdefault(row.scoresheet_id, []).append((row.criterion, row.value, row.comment))
    return lines


def _append(connection: sa.Connection, known: sa.MetaData, stored: dict[str, str]) -> None:
    entry, head = known.tables["audit_entry"], known.tables["audit_head"]
    values: dict[str, Any] = {
        "at": datetime.now(UTC),
        "person_id": None,
        "competition_id": None,
        "actor": "migration",
        "address": "",
        "action": "log.extended",
        "subject": f"revision {revision}",
        "detail": {"rows": len(stored)},
        "stored": stored,
        "previous_hash": connection.execute(sa.select(head.c.hash).with_for_update()).scalar_one(),
    }
    content = values | {"at": values["at"].isoformat()}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    values["hash"] = hashlib.sha256(canonical.encode()).hexdigest()
    connection.execute(sa.insert(entry), values)
    connection.execute(sa.update(head).values(hash=values["hash"]))


def downgrade() -> None:
    """Drop triggers and column; entries that bind rows no longer fit their hashes then."""
    if op.get_bind().dialect.name == "sqlite":
        for table in KEYS:
            op.execute(f"DROP TRIGGER {table}_append_only_insert")
    op.execute("ALTER TABLE scoresheet DROP COLUMN confirmed_by")
    op.drop_column("audit_entry", "stored")
