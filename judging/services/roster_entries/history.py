"""The history of every row of the rosters: who changed what, when, from which file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import ROSTER_READERS, Actor, get_competition


@dataclass(frozen=True, slots=True)
class RosterLog:
    """Notes changes of one competition's rosters, made by one actor at one time, by hand or from one file."""

    session: Session
    actor: Actor
    competition_id: int
    at: datetime
    file: str = ""

    def note(self, kind: str, key: str, action: str, changes: Mapping[str, Sequence[str]], *, reason: str = "") -> None:
        """Note one change; ``changes`` is field -> (before, after), as texts."""
        self.session.add(
            tables.RosterChange(
                competition_id=self.competition_id,
                kind=kind,
                row_key=key,
                action=action,
                changes={name: list(values) for name, values in changes.items()},
                reason=reason,
                file=self.file,
                changed_at=self.at,
                changed_by=self.actor.person_id,
            )
        )


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change, and the name of who made it; None for the command line."""

    row: tables.RosterChange
    by: str | None


def list_history(session: Session, actor: Actor, competition_key: str, kind: str, row_key: str) -> list[HistoryEntry]:
    """Return the changes of one row of a roster, newest first, for organisers and auditors."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    rows = session.exec(
        select(tables.RosterChange, tables.Person.name)
        .outerjoin(tables.Person, col(tables.Person.id) == col(tables.RosterChange.changed_by))
        .where(
            tables.RosterChange.competition_id == competition_row.id,
            tables.RosterChange.kind == kind,
            tables.RosterChange.row_key == row_key,
        )
        .order_by(col(tables.RosterChange.id).desc())
    ).all()
    return [HistoryEntry(row, name) for row, name in rows]
