"""The audit log of a competition for those who may read it.

- Auditors read everything: all entries of the competition, those about accounts of its people, those of the
  installation, with addresses and digests.
- Organisers read the entries of the competition and those about accounts of its people, without addresses, without what
  others have only looked at, and without the kind of conflicts of interest.
- Chairs read the entries of the competition, with what others have looked at: whoever tries rules leaves a trace for
  those who must consent to them. They do not read entries about accounts.
- Nobody reads entries about a proposal with which the person declared a conflict of interest, not even their number.
- Everybody reads their own entries completely.
- What another installation recorded, from which the event came, is read by the same rules.

No entry contains a score.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import READERS, Actor, get_competition
from judging.services.audit.visible_entries import (
    LogEntry,
    LogFilters,
    conditions_of,
    scope_of,
    scopes_in_competition,
    visible,
)

__all__ = ["LogEntry", "LogFilters", "LogPage", "list_entries", "list_former_entries", "list_former_logs"]

PAGE_SIZE = 100
MOST_EXPORTED = {"csv": 100_000, "xlsx": 20_000}
"""Entries of a file; a workbook takes a second for some ten thousand."""
_PERSON = re.compile(r"person (\d{1,9})")


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
    conditions = [scope_of(session, actor, competition.pk), *conditions_of(tables.AuditEntry, filters)]
    entries, next_before = _page_of(
        visible(session, actor, competition.pk, tables.AuditEntry, conditions, filters), size
    )
    return LogPage(_with_names(session, entries), next_before)


def list_former_logs(session: Session, actor: Actor, competition_key: str) -> Sequence[tables.FormerLog]:
    """Return the logs that a competition brought along from other installations, the latest first."""
    competition = get_competition(session, actor, competition_key, *READERS)
    log = tables.FormerLog
    return session.exec(select(log).where(log.competition_id == competition.id).order_by(col(log.id).desc())).all()


def list_former_entries(
    session: Session, actor: Actor, competition_key: str, filters: LogFilters, *, size: int = PAGE_SIZE
) -> LogPage:
    """Return a page of what former installations recorded; ``before`` and ``next_before`` count what is here."""
    competition = get_competition(session, actor, competition_key, *READERS)
    entry = tables.FormerEntry
    conditions = [
        col(entry.competition_id) == competition.pk,
        or_(*scopes_in_competition(actor, competition.pk, entry)),
        *conditions_of(entry, filters),
    ]
    entries, next_before = _page_of(visible(session, actor, competition.pk, entry, conditions, filters), size)
    return LogPage(_with_former_names(session, competition.pk, entries), next_before)


def _page_of(visible: Iterator[tuple[int, LogEntry]], size: int) -> tuple[list[LogEntry], int | None]:
    entries: list[LogEntry] = []
    before = 0
    for number, entry in visible:
        if len(entries) == size:
            return entries, before
        entries.append(entry)
        before = number
    return entries, None


def _with_former_names(session: Session, competition_id: int, entries: list[LogEntry]) -> tuple[LogEntry, ...]:
    """Name the people whom subjects mean by the number of their installation, where an entry of theirs is here."""
    entry, person = tables.FormerEntry, tables.Person
    query = (
        select(entry.former_log_id, entry.former_person_id, person.name)
        .join(person, col(person.id) == col(entry.person_id))
        .where(entry.competition_id == competition_id)
        .distinct()
    )
    names: dict[tuple[int | None, int | None], str] = {(log, number): name for log, number, name in session.exec(query)}
    return tuple(
        replace(one, subject_name=names.get((one.former_log, int(found[1])), ""))
        if (found := _PERSON.fullmatch(one.subject))
        else one
        for one in entries
    )


def _with_names(session: Session, entries: list[LogEntry]) -> tuple[LogEntry, ...]:
    about = {entry.subject: int(found[1]) for entry in entries if (found := _PERSON.fullmatch(entry.subject))}
    person = tables.Person
    names = dict(session.exec(select(person.id, person.name).where(col(person.id).in_(set(about.values())))).all())
    return tuple(
        replace(entry, subject_name=names.get(about[entry.subject], "")) if entry.subject in about else entry
        for entry in entries
    )
