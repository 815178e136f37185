"""Edits of a database by a person who can write to it with any tool, and knows how the audit log works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, text

from judging import tables
from judging.services.audit.chain import GENESIS, hash_of

Edit = Callable[[Connection], None]


def without_triggers(connection: Connection) -> None:
    """Take triggers and foreign keys away, as the owner of the database can."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def sql(*statements: str) -> Edit:
    """Return the edit of some statements, made without triggers."""

    def edit(connection: Connection) -> None:
        without_triggers(connection)
        for statement in statements:
            connection.execute(text(statement))

    return edit


def entries(connection: Connection) -> list[dict[str, Any]]:
    """Return the rows of the log."""
    table = tables.metadata.tables["audit_entry"]
    return [dict(row) for row in connection.execute(sqlalchemy.select(table).order_by(table.c.id)).mappings()]


def rechain(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write these rows as the whole log, hashed anew from the first on, and set the head."""
    without_triggers(connection)
    table = tables.metadata.tables["audit_entry"]
    connection.execute(table.delete())
    previous = GENESIS
    for row in rows:
        row["previous_hash"] = previous
        previous = row["hash"] = hash_of(tables.AuditEntry(**row))
        connection.execute(table.insert(), row)
    connection.execute(text("UPDATE audit_head SET hash = :hash"), {"hash": previous})


def _rewritten(connection: Connection) -> None:
    rows = entries(connection)
    rows[-4]["actor"] = "somebody else"
    rechain(connection, rows[:-7] + rows[-6:])


def _reordered(connection: Connection) -> None:
    rows = entries(connection)
    rows[-3], rows[-2] = rows[-2], rows[-3]
    rows[-3]["id"], rows[-2]["id"] = rows[-2]["id"], rows[-3]["id"]
    rechain(connection, rows)


def _entry_inserted(connection: Connection) -> None:
    rows = entries(connection)
    middle = len(rows) // 2
    new = {**rows[middle], "subject": "never done", "stored": None}
    for row in rows[middle:]:
        row["id"] += 1
    rechain(connection, [*rows[:middle], new, *rows[middle:]])


def _entry_without_its_rows(connection: Connection) -> None:
    rows = entries(connection)
    rows[-2]["stored"] = None
    rechain(connection, rows)


def _appended_without_head(connection: Connection) -> None:
    without_triggers(connection)
    newest = entries(connection)[-1]
    new = {**newest, "id": newest["id"] + 1, "previous_hash": newest["hash"], "at": datetime(2030, 1, 1, tzinfo=UTC)}
    new["hash"] = hash_of(tables.AuditEntry(**new))
    connection.execute(tables.metadata.tables["audit_entry"].insert(), new)


def _older_copy(connection: Connection) -> None:
    rows = entries(connection)
    rechain(connection, rows[: len(rows) // 2])


_LAST_HASH = "UPDATE audit_head SET hash = (SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1)"
_TAIL = "DELETE FROM audit_entry WHERE id > (SELECT max(id) - 5 FROM audit_entry)"
_COPY_OF_SHEET = (
    "INSERT INTO scoresheet"
    " (assignment_id, version, state, source, comment, justification, identity_revealed, saved_at)"
    " SELECT assignment_id, 9, state, source, comment, justification, identity_revealed, saved_at"
    " FROM scoresheet WHERE id = 1"
)
EDITS: dict[str, Edit] = {
    "score changed": sql("UPDATE score SET value = value - 1 WHERE scoresheet_id = 1 AND criterion = 'value'"),
    "score deleted": sql("DELETE FROM score WHERE scoresheet_id = 1 AND criterion = 'value'"),
    "score moved to another criterion": sql(
        "UPDATE score SET criterion = 'other' WHERE scoresheet_id = 1 AND criterion = 'value'"
    ),
    "comment of a score changed": sql("UPDATE score SET comment = 'x' WHERE scoresheet_id = 1 AND criterion = 'value'"),
    "comment of a sheet changed": sql("UPDATE scoresheet SET comment = 'never said' WHERE id = 1"),
    "sheet made a draft": sql("UPDATE scoresheet SET state = 'draft' WHERE id = 1"),
    "sheet given to another judge": sql("UPDATE scoresheet SET assignment_id = 2, version = 7 WHERE id = 1"),
    "time of a sheet changed": sql("UPDATE scoresheet SET saved_at = '2020-01-01 00:00:00.000000' WHERE id = 1"),
    "another version inserted": sql(_COPY_OF_SHEET),
    "sheet deleted": sql("DELETE FROM score WHERE scoresheet_id = 1", "DELETE FROM scoresheet WHERE id = 1"),
    "assignment withdrawn": sql("UPDATE assignment SET state = 'withdrawn', reason = 'x' WHERE id = 1"),
    "assignment inserted": sql(
        "INSERT INTO assignment"
        " (round_id, judge_id, proposal_id, state, reason, withdrawn_by_plan, source, assigned_at)"
        " SELECT 2, judge_id, proposal_id, 'active', '', withdrawn_by_plan, source, assigned_at"
        " FROM assignment WHERE id = 1"
    ),
    "role changed": sql("UPDATE role SET role = 'auditor' WHERE id = 1"),
    "city of a chair changed": sql("UPDATE role SET city = 'sh' WHERE city = 'hk'"),
    "role inserted": sql("INSERT INTO role (person_id, competition_id, role, city) VALUES (1, 1, 'chair', 'hk')"),
    "role deleted": sql("DELETE FROM role WHERE id = 1"),
    "judge connected to another person": sql("UPDATE judge SET person_id = 2 WHERE person_id IS NOT NULL"),
    "person switched on": sql("UPDATE person SET is_active = NOT is_active WHERE id = 1"),
    "address of a person changed": sql("UPDATE person SET email = 'other@example.org' WHERE id = 1"),
    "password set": sql("UPDATE person SET password_hash = 'x' WHERE id = 1"),
    "used link revived": sql("UPDATE sign_in_link SET used_at = NULL WHERE id = 1"),
    "link inserted": sql(
        "INSERT INTO sign_in_link (person_id, token_hash, created_at, expires_at)"
        " SELECT person_id, 'x', created_at, expires_at FROM sign_in_link WHERE id = 1"
    ),
    "session inserted": sql(
        "INSERT INTO sign_in_session (person_id, token_hash, began_at, how, address, browser, last_used_at)"
        " SELECT person_id, 'x', began_at, 'password', address, browser, last_used_at FROM sign_in_session WHERE id = 1"
    ),
    "session given another token": sql("UPDATE sign_in_session SET token_hash = 'x' WHERE id = 1"),
    "session given to another person": sql("UPDATE sign_in_session SET person_id = 1 WHERE id = 1"),
    "session that began by a link": sql(
        "UPDATE sign_in_session SET sign_in_link_id = NULL, how = 'password' WHERE id = 1"
    ),
    "ended session revived": sql("UPDATE sign_in_session SET ended_at = NULL, end_reason = NULL WHERE id = 2"),
    "session confirmed": sql(
        "UPDATE sign_in_session SET confirmed_at = '2023-07-05 06:00:00.000000', confirmed_by = 'code' WHERE id = 1"
    ),
    "passkey of somebody else": sql("UPDATE passkey SET credential_id = 'y', name = 'Other' WHERE id = 1"),
    "used recovery code revived": sql("UPDATE recovery_code SET used_at = NULL WHERE id = 1"),
    "decision changed": sql("UPDATE decision SET verdict = 'out' WHERE id = 1"),
    "release changed": sql("UPDATE release SET reason = 'other' WHERE id = 1"),
    "content of a release changed": sql("UPDATE release SET content = '{}' WHERE id = 1"),
    "signature moved": sql("UPDATE signature SET person_id = 1 WHERE id = 1"),
    "run's report changed": sql("UPDATE calibration_run SET result = '{}' WHERE id = 1"),
    "run deleted": sql("DELETE FROM calibration_run WHERE id = 2"),
    "rules changed": sql("UPDATE round SET definition = '{}' WHERE id = 1"),
    "round reopened": sql("UPDATE round SET state = 'open', closed_at = NULL WHERE id = 1"),
    "proposal taken out of the round": sql("DELETE FROM round_proposal WHERE proposal_id = 1"),
    "team moved to another city": sql(
        "UPDATE team SET city = CASE city WHEN 'hk' THEN 'sh' ELSE 'hk' END WHERE id = 1"
    ),
    "conflict of interest withdrawn": sql(
        "UPDATE conflict_of_interest SET withdrawn_at = '2023-07-09 00:00:00.000000' WHERE id = 1"
    ),
    "entry changed": sql("UPDATE audit_entry SET actor = 'x' WHERE id = (SELECT max(id) - 3 FROM audit_entry)"),
    "entry deleted": sql("DELETE FROM audit_entry WHERE id = (SELECT max(id) - 3 FROM audit_entry)"),
    "tail cut": sql(_TAIL),
    "tail cut, head set back": sql(_TAIL, _LAST_HASH),
    "entry appended, head left": _appended_without_head,
    "entry without its rows": _entry_without_its_rows,
    "rewritten": _rewritten,
    "reordered": _reordered,
    "entry inserted": _entry_inserted,
    "log of an older copy": _older_copy,
}
