"""The audit log of a competition for those who may read it.

- Auditors read everything: all entries of the competition, those about accounts of its people, those of the
  installation, with addresses and digests.
- Organisers read the entries of the competition and those about accounts of its people, without addresses, without what
  others have only looked at, and without the kind of conflicts of interest.
- Chairs read the entries of the competition, with what others have looked at: whoever tries rules leaves a trace for
  those who must consent to them. They do not read entries about accounts.
- Nobody reads entries about a proposal with which the person declared a conflict of interest, not even their number.
- Everybody reads their own entries completely.

No entry contains a score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import READERS, Actor, get_competition
from judging.services.audit.actions import KINDS, VIEWED
from judging.services.decisions.conflicts_of_interest import hidden_proposals

PAGE_SIZE = 100
MOST_EXPORTED = {"csv": 100_000, "xlsx": 20_000}
"""Entries of a file; a workbook takes a second for some ten thousand."""
_BATCH = 500
_PERSON = re.compile(r"person (\d{1,9})")
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


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, newest first; ``next_before`` is for the next page, None on the last one."""

    entries: tuple[LogEntry, ...]
    next_before: int | None


def list_entries(
    session: Session, actor: Actor, competition_key: str, filters: LogFilters, *, size: int = PAGE_SIZE
) -> LogPage:
    """Return a page of the log of a competition.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair, organiser or auditor of the competition.
    competition_key : str
    filters : LogFilters
    size : int
        The most entries.
    """
    competition = get_competition(session, actor, competition_key, *READERS)
    entries: list[LogEntry] = []
    for entry in _visible(session, actor, competition.pk, filters):
        if len(entries) == size:
            return LogPage(_with_names(session, entries), entries[-1].number)
        entries.append(entry)
    return LogPage(_with_names(session, entries), None)


def _with_names(session: Session, entries: list[LogEntry]) -> tuple[LogEntry, ...]:
    about = {entry.subject: int(found[1]) for entry in entries if (found := _PERSON.fullmatch(entry.subject))}
    person = tables.Person
    names = dict(session.exec(select(person.id, person.name).where(col(person.id).in_(set(about.values())))).all())
    return tuple(
        replace(entry, subject_name=names.get(about[entry.subject], "")) if entry.subject in about else entry
        for entry in entries
    )


def _visible(session: Session, actor: Actor, competition_id: int, filters: LogFilters) -> Iterator[LogEntry]:
    hidden = hidden_proposals(session, actor, competition_id)
    is_auditor = actor.has_role(competition_id, "auditor")
    conditions = [_scope(session, actor, competition_id), *_conditions(filters)]
    before = filters.before
    while True:
        query = select(tables.AuditEntry).where(*conditions).order_by(col(tables.AuditEntry.id).desc()).limit(_BATCH)
        if before is not None:
            query = query.where(col(tables.AuditEntry.id) < before)
        rows = session.exec(query).all()
        for row in rows:
            if hidden and row.person_id != actor.person_id and not hidden.isdisjoint(_words_of(row)):
                continue
            yield _shown(row, is_complete=is_auditor or _is_own(row, actor))
        if len(rows) < _BATCH:
            return
        before = rows[-1].pk


def _shown(row: tables.AuditEntry, *, is_complete: bool) -> LogEntry:
    conflict = row.action.startswith("conflict.")
    return LogEntry(
        number=row.pk,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject=row.subject,
        detail=row.detail if is_complete or not conflict else {},
        address=row.address if is_complete else "",
        stored=(row.stored or {}) if is_complete else {},
        hash=row.hash,
        is_person=row.person_id is not None,
    )


def _is_own(row: tables.AuditEntry, actor: Actor) -> bool:
    return actor.person_id is not None and row.person_id == actor.person_id


def _scope(session: Session, actor: Actor, competition_id: int) -> ColumnElement[bool]:
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
    is_viewed = col(entry.action).startswith(VIEWED)
    scopes = []
    if actor.person_id is not None:
        scopes.append(and_(col(entry.person_id) == actor.person_id, or_(of_competition, of_accounts)))
    if actor.has_role(competition_id, "auditor"):
        of_installation = and_(col(entry.competition_id).is_(None), col(entry.person_id).is_(None))
        scopes += [of_competition, of_accounts, of_installation]
    if actor.has_role(competition_id, "organiser"):
        scopes += [and_(of_competition, ~is_viewed), of_accounts]
    if actor.has_role(competition_id, "chair"):
        scopes.append(and_(of_competition, col(entry.action).not_in(KINDS["people"])))
    return or_(*scopes)


def _conditions(filters: LogFilters) -> Iterator[ColumnElement[bool]]:
    entry = tables.AuditEntry
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


def _words_of(row: tables.AuditEntry) -> set[str]:
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
