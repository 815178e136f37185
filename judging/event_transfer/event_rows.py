"""The rows of one event, and the people and sessions that they name."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import sqlalchemy
from sqlalchemy import Column, ColumnElement, Connection, Table
from sqlmodel import Session, col

from judging import tables
from judging.event_transfer.declared_tables import LEFT_OUT, MOVED, NUMBERS_IN_JSON
from judging.services.scoresheets.handed_over import handed_over_where
from judging.tables.types import metadata

_BATCH = 500
_SHEET = metadata.tables["scoresheet"]
_OUTBOX = metadata.tables["outbox_message"]


def moved_tables() -> list[Table]:
    """Return the tables whose rows belong to events, each after those that it refers to."""
    return [table for table in metadata.sorted_tables if table.name in MOVED]


def in_order() -> list[Table]:
    """Return the tables of a transfer file but that of people, each after those whose rows it names, in JSON too."""
    known = {*MOVED, "sign_in_session"}
    named = {
        name: {key.column.table.name for key in metadata.tables[name].foreign_keys} & known - {name} for name in known
    }
    for column, (_, others) in NUMBERS_IN_JSON.items():
        named[column.partition(".")[0]].update(others)
    order = TopologicalSorter({name: sorted(named[name]) for name in sorted(known)}).static_order()
    return [metadata.tables[name] for name in order]


def columns_of(table: Table) -> list[Column[Any]]:
    """Return the columns that go along."""
    return [column for column in table.columns if column.name not in LEFT_OUT.get(table.name, frozenset())]


def referred_table(column: Column[Any]) -> str | None:
    """Return the table whose rows a column names; None for a column that names none."""
    return next((key.column.table.name for key in column.foreign_keys), None)


def of_event(table: Table, competition_id: int) -> ColumnElement[bool]:
    """Return the condition of the rows of a table that belong to an event."""
    owner = table.c[MOVED[table.name]]
    referred = referred_table(owner)
    if referred in (None, "competition"):
        return owner == competition_id
    owning = metadata.tables[referred or ""]
    return owner.in_(sqlalchemy.select(owning.c.id).where(of_event(owning, competition_id)))


def exported_condition(table: Table, competition_id: int) -> ColumnElement[bool]:
    """Return the condition of the rows that go along."""
    condition = of_event(table, competition_id)
    if table is _OUTBOX:
        # Heads of the log are about the whole installation; a link that never arrived opens nothing elsewhere.
        return (
            condition & (_OUTBOX.c.kind != "audit_head") & (_OUTBOX.c.link_id.is_(None) | (_OUTBOX.c.state == "sent"))
        )
    return condition


def rows_of(connection: Connection, table: Table, condition: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table in the order of their keys, without what never leaves."""
    query = sqlalchemy.select(*columns_of(table)).where(condition).order_by(*table.primary_key.columns)
    for row in connection.execute(query.execution_options(yield_per=_BATCH)).mappings():
        yield dict(row)


def people_of(session: Session, competition_id: int, sessions: list[dict[str, Any]]) -> list[int]:
    """Return everybody whom a row of an event, an entry of its log or a session names."""
    connection, entry = session.connection(), metadata.tables["audit_entry"]
    found = {row[name] for row in sessions for name in ("person_id", "link_issued_by")}
    queries = [
        sqlalchemy.select(column).where(exported_condition(table, competition_id)).distinct()
        for table in moved_tables()
        for column in columns_of(table)
        if referred_table(column) == "person"
    ]
    queries.append(sqlalchemy.select(entry.c.person_id).where(entry.c.competition_id == competition_id).distinct())
    for query in queries:
        found.update(connection.execute(query).scalars())
    return sorted(number for number in found if number is not None)


def marked_sheets(session: Session, competition_id: int) -> set[int]:
    """Return the scoresheets whose readers must know that somebody had handed over the sign-in link."""
    return set(handed_over_where(session, of_event(_SHEET, competition_id)))


def sessions_of(session: Session, competition_id: int, marked: set[int]) -> list[dict[str, Any]]:
    """Return how those sessions began in which somebody signed or decided, or that mark a scoresheet."""
    connection = session.connection()
    numbers = {
        number
        for table in moved_tables()
        for column in columns_of(table)
        if referred_table(column) == "sign_in_session" and table is not _SHEET
        for number in connection.execute(sqlalchemy.select(column).where(of_event(table, competition_id))).scalars()
    }
    of_sheets = sqlalchemy.select(_SHEET.c.id, _SHEET.c.sign_in_session_id).where(of_event(_SHEET, competition_id))
    numbers |= {number for sheet, number in connection.execute(of_sheets) if sheet in marked}
    begun, link = tables.SignInSession, tables.SignInLink
    query = (
        sqlalchemy.select(begun, col(link.issued_by), col(link.channel))
        .outerjoin(link, col(link.id) == col(begun.sign_in_link_id))
        .order_by(col(begun.id))
    )
    names = [column.name for column in columns_of(metadata.tables["sign_in_session"])]
    return [
        {
            **{name: getattr(row, name) for name in names},
            "link_issued_by": issued_by or row.link_issued_by,
            "link_channel": channel or row.link_channel,
        }
        for row, issued_by, channel in session.execute(query.where(col(begun.id).in_(numbers - {None})))
    ]
