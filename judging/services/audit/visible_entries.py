"""Which entries of a log a person may see, and what of each; ``listing`` says by which rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.audit.actions import KINDS, VIEWED
from judging.services.decisions.conflicts_of_interest import hidden_proposals

_BATCH = 500
_WORD = re.compile(r"[^\s/,:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilters:
    """The filters of the log; an empty value does not filter.

    Attributes
    ----------
    person : str
        Part of the name of whoever did it.
    about : str
        Part of the subject: keys of round, proposal, judge.
    kind : str
        One of ``actions.KINDS``.
    begin, end : datetime or None
        First moment, and the moment after the last.
    before : int or None
        Only entries with a smaller number: the next page.
    """

    person: str = ""
    about: str = ""
    kind: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An entry as its reader may see it; ``address`` and ``stored`` are empty for those who may not.

    Attributes
    ----------
    is_person : bool
        Whether a person did it: the service and the command line have names too, which a person might take.
    subject_name : str
        The present name of the person whom the subject ``person 17`` means; empty for other subjects.
    former_log : int or None
        Of an entry of another installation, its log.
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    address: str
    stored: Mapping[str, str | None]
    hash: str
    is_person: bool
    subject_name: str = ""
    former_log: int | None = None


_Table = type[tables.AuditEntry] | type[tables.FormerEntry]
_Row = tables.AuditEntry | tables.FormerEntry


def visible(
    session: Session,
    actor: Actor,
    competition_id: int,
    table: _Table,
    conditions: Sequence[ColumnElement[bool]],
    filters: LogFilters,
) -> Iterator[tuple[int, LogEntry]]:
    """Yield the entries that the actor may see, each after the key of its row."""
    hidden = hidden_proposals(session, actor, competition_id)
    is_auditor = actor.has_role(competition_id, "auditor")
    before = filters.before
    while True:
        query = select(table).where(*conditions).order_by(col(table.id).desc()).limit(_BATCH)
        if before is not None:
            query = query.where(col(table.id) < before)
        rows: Sequence[Any] = session.exec(query).all()
        for row in rows:
            if hidden and row.person_id != actor.person_id and not hidden.isdisjoint(_words_of(row)):
                continue
            yield row.pk, _shown(row, is_complete=is_auditor or _is_own(row, actor))
        if len(rows) < _BATCH:
            return
        before = rows[-1].pk


def _shown(row: _Row, *, is_complete: bool) -> LogEntry:
    conflict = row.action.startswith("conflict.")
    former = row if isinstance(row, tables.FormerEntry) else None
    return LogEntry(
        number=row.pk if former is None else former.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail if is_complete or not conflict else {},
        address=row.address if is_complete else "",
        stored=(row.stored or {}) if is_complete else {},
        hash=row.hash,
        is_person=(row.person_id if former is None else former.former_person_id) is not None,
        former_log=None if former is None else former.former_log_id,
    )


def _is_own(row: _Row, actor: Actor) -> bool:
    return actor.person_id is not None and row.person_id == actor.person_id


def scope_of(session: Session, actor: Actor, competition_id: int) -> ColumnElement[bool]:
    """Return the condition of the entries that the actor may see at all, apart from hidden proposals."""
    entry = tables.AuditEntry
    of_competition = col(entry.competition_id) == competition_id
    members = session.exec(
        select(tables.Role.person_id).where(tables.Role.competition_id == competition_id).distinct()
    ).all()
    of_accounts = and_(
        col(entry.competition_id).is_(None),
        or_(
            col(entry.person_id).in_(members), col(entry.subject).in_([f"person {person_id}" for person_id in members])
        ),
    )
    scopes = scopes_in_competition(actor, competition_id, entry)
    of_own = [] if actor.person_id is None else [and_(col(entry.person_id) == actor.person_id, of_accounts)]
    if actor.has_role(competition_id, "auditor"):
        of_installation = and_(col(entry.competition_id).is_(None), col(entry.person_id).is_(None))
        of_own += [of_accounts, of_installation]
    if actor.has_role(competition_id, "organiser"):
        of_own.append(of_accounts)
    return or_(and_(of_competition, or_(*scopes)), *of_own)


def scopes_in_competition(actor: Actor, competition_id: int, entry: _Table) -> list[ColumnElement[bool]]:
    """Return the conditions of entries of a competition that the actor may see; one of them is enough."""
    scopes: list[ColumnElement[bool]] = []
    if actor.person_id is not None:
        scopes.append(col(entry.person_id) == actor.person_id)
    if actor.has_role(competition_id, "auditor"):
        scopes.append(true())
    if actor.has_role(competition_id, "organiser"):
        scopes.append(~col(entry.action).startswith(VIEWED))
    if actor.has_role(competition_id, "chair"):
        scopes.append(col(entry.action).not_in(KINDS["people"]))
    return scopes


def conditions_of(entry: _Table, filters: LogFilters) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that the filters set."""
    if filters.person:
        yield col(entry.actor).icontains(filters.person, autoescape=True)
    if filters.about:
        yield col(entry.subject).icontains(filters.about, autoescape=True)
    if filters.kind:
        yield col(entry.action).in_(KINDS.get(filters.kind, ()))
    if filters.begin is not None:
        yield col(entry.at) >= filters.begin
    if filters.end is not None:
        yield col(entry.at) < filters.end


def _words_of(row: _Row) -> set[str]:
    """Return every word of subject and detail: a key of a proposal is one."""
    words = set(_WORD.findall(row.subject))
    waiting: list[Any] = [row.detail]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            words.update(_WORD.findall(value))
    return words
