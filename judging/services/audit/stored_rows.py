"""Which rows the audit log binds, and which of them the current transaction has changed.

The session reports its own changes after each flush. A statement that writes without the session's objects reports its
rows with ``note``. ``take`` gives them to the next audit entry; rows that no entry took before the commit get an entry
of their own (``chain``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Table, event, inspect
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session

from judging import tables
from judging.tables.row_digests import NOT_BOUND, digest_of_row, digest_of_sheet, key_of
from judging.tables.types import metadata

NOT_COVERED = {
    "audit_entry": "the chain itself",
    "audit_head": "the chain itself",
    "incoming_file": "an upload that is not imported yet, deleted after a day",
    "job": "work in progress; its result is a run, an import, a file",
    "job_file": "the files of a job, deleted after days",
    "link_request": "waits for seconds until a worker answers it; the answer has an entry",
    "outbox_message": "its sending; what it is about has an entry",
    "rendered_deck": "computed from a file, and again whenever it is missing",
    "request_key": "the answer to a request of a program, deleted after a day",
    "score": "part of the digest of its scoresheet",
    "sent_head": "which heads of this log were e-mailed; who received them has them",
    "sign_in_attempt": "counts failures for minutes",
    "stored_result": "computed from facts, and again whenever it is missing",
    "table_mapping": "how files were read; the entry of each import says how its file was",
    "used_challenge": "protects against repeating, for minutes",
    "webhook_delivery": "its sending; what it is about has an entry",
    "worker": "processes that are running",
}
"""Table -> why the audit log does not bind its rows. Every other table is covered."""
NOTED = ("sign_in_session",)
"""Covered tables whose rows are reported with ``note`` only, by the service that writes them."""
APPEND_ONLY = (
    *("appeal", "appeal_effect", "appeal_outcome", "appeal_reading"),
    *("audit_entry", "calibration_run", "decision", "former_entry", "former_log", "mail_text", "meeting_note"),
    *("paper_entry", "pitch_move"),
    *("release", "removed_personal_data", "roster_change", "rules_consent", "score", "scoresheet", "signature"),
    *("team_letter_message", "team_letters"),
)
"""Tables of facts: triggers refuse every change of their rows, save what ``PERSONAL`` says."""
PERSONAL = {
    "appeal": ("asked_by", "reason"),
    "audit_entry": ("actor", "address", "subject", "detail"),
    "former_entry": ("actor", "address", "subject", "detail"),
    "roster_change": ("changes", "reason", "file"),
    "team_letter_message": ("recipient",),
    "team_letters": ("content",),
}
"""Table of facts -> the columns that may lose personal data, after ``removed_personal_data`` has named the row."""
REMOVAL = "personal_data.removed"
"""The action of entries about that."""
_TOUCHED, _NOTED = "judging_touched_rows", "judging_noted_rows"
_scoresheet, _score = metadata.tables["scoresheet"], metadata.tables["score"]


def covered_tables() -> list[Table]:
    """Return the tables whose rows the audit log binds, by name."""
    return [table for name, table in sorted(metadata.tables.items()) if name not in NOT_COVERED]


def note(session: Session, stored: Mapping[str, str]) -> None:
    """Report rows that a statement stored: their names in the log (``key_of``) and their digests."""
    session.info.setdefault(_NOTED, {}).update(stored)


def take(session: Session, keys: Collection[str] | None = None) -> dict[str, str | None]:
    """Return the rows that were changed since the last call, and forget them.

    Returns
    -------
    dict
        Name of the row -> its digest as stored now, or None when it was deleted.
    """
    noted: dict[str, str | None] = session.info.get(_NOTED, {})
    if keys is not None:
        return {key: noted.pop(key) for key in keys}
    session.flush()
    session.info.pop(_NOTED, None)
    return noted | dict(_of_objects(session, session.info.pop(_TOUCHED, [])))


def has_any(session: AnySession) -> bool:
    """Return whether rows were changed that no audit entry has taken."""
    return bool(session.info.get(_TOUCHED) or session.info.get(_NOTED))


def digests(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> Iterator[tuple[str, str]]:
    """Yield name and digest of the rows of a covered table as they are stored, in the order of their keys."""
    if table is _scoresheet:
        yield from _digests_of_sheets(connection, *conditions)
        return
    query = sqlalchemy.select(table).where(*conditions).order_by(*table.primary_key.columns)
    for row in connection.execute(query.execution_options(yield_per=500)).mappings():
        values = dict(row)
        yield key_of(table, values), digest_of_row(table, values)


def _digests_of_sheets(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[tuple[str, str]]:
    line = (_score.c.criterion.label("line_criterion"), _score.c.value.label("line_value"))
    query = (
        sqlalchemy.select(_scoresheet, *line, _score.c.comment.label("line_comment"))
        .outerjoin(_score, _score.c.scoresheet_id == _scoresheet.c.id)
        .where(*conditions)
        .order_by(_scoresheet.c.id)
    )
    sheet: Mapping[str, Any] | None = None
    lines: list[tuple[str, float | None, str]] = []
    for row in connection.execute(query.execution_options(yield_per=500)).mappings():
        if sheet is not None and row["id"] != sheet["id"]:
            yield key_of(_scoresheet, sheet), digest_of_sheet(_scoresheet, sheet, lines)
            lines = []
        sheet = dict(row)
        if row["line_criterion"] is not None:
            lines.append((row["line_criterion"], row["line_value"], row["line_comment"]))
    if sheet is not None:
        yield key_of(_scoresheet, sheet), digest_of_sheet(_scoresheet, sheet, lines)


def _of_objects(session: Session, rows: list[Any]) -> Iterator[tuple[str, str | None]]:
    sheet_ids = set()
    for row in rows:
        state = inspect(row)
        if state.transient:
            # Its savepoint was rolled back.
            continue
        if isinstance(row, tables.Score | tables.Scoresheet):
            sheet_ids.add(row.scoresheet_id if isinstance(row, tables.Score) else row.pk)
            continue
        table = metadata.tables[row.__tablename__]
        values = {column.name: getattr(row, column.name) for column in table.columns}
        yield key_of(table, values), None if state.deleted else digest_of_row(table, values)
    if sheet_ids:
        yield from digests(session.connection(), _scoresheet, _scoresheet.c.id.in_(sheet_ids))


def _after_flush(session: AnySession, _context: object) -> None:
    changed = [row for row in session.dirty if _is_bound_changed(row)]
    known = {id(row) for row in session.info.get(_TOUCHED, ())}
    for row in (*session.new, *changed, *session.deleted):
        name = getattr(row, "__tablename__", "audit_entry")
        if id(row) not in known and (name == "score" or name not in NOT_COVERED) and name not in NOTED:
            session.info.setdefault(_TOUCHED, []).append(row)


def _is_bound_changed(row: Any) -> bool:
    state = inspect(row)
    left_out = NOT_BOUND.get(getattr(row, "__tablename__", ""), frozenset())
    return any(attribute.history.has_changes() for attribute in state.attrs if attribute.key not in left_out)


def _after_soft_rollback(session: AnySession, transaction: Any) -> None:
    # After the rollback of a savepoint, the rows are read again: see `_of_objects`.
    if not transaction.nested:
        session.info.pop(_TOUCHED, None)
        session.info.pop(_NOTED, None)


event.listen(AnySession, "after_flush", _after_flush)
event.listen(AnySession, "after_soft_rollback", _after_soft_rollback)
