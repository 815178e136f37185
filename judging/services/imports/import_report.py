"""The result of importing a file: complaints by row and column, or numbers of new and changed rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlmodel import Session

from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.schemas.roster_rows import FileRow
from judging.schemas.stored_messages import from_stored, to_stored
from judging.services.roster_entries.history import RosterLog

MOST_CHANGES_LISTED = 200


@dataclass(frozen=True, slots=True)
class ImportSheet:
    """Checked rows of one kind; ``name`` identifies the sheet and is empty when the file has only one.

    ``prefix`` begins the names of the columns where they stand in a sheet of another kind, such as ``team_``.
    """

    kind: str
    name: str
    rows: tuple[FileRow, ...]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A stored value that the file replaces."""

    key: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The result of importing one kind of rows.

    Attributes
    ----------
    n_new, n_changed, n_unchanged : int
        Judges, teams, proposals or assignments; for ``scores``, scoresheets.
    changes : tuple of Change
        The first MOST_CHANGES_LISTED changes.
    notes : tuple of str
        Further information for the organiser.
    """

    kind: str
    n_new: int = 0
    n_changed: int = 0
    n_unchanged: int = 0
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What the import of a file did, or would do.

    ``stored_before`` is the time, as ISO 8601, when the same file was imported whose rows are all as it has them.
    """

    filename: str
    digest: str
    is_stored: bool
    outcomes: tuple[ImportOutcome, ...]
    left_out: tuple[str, ...] = ()
    stored_before: str = ""

    @property
    def first_stored_at(self) -> datetime | None:
        """Return when everything in this file was stored by an import before this one."""
        return datetime.fromisoformat(self.stored_before) if self.stored_before else None


def report_to_dict(report: ImportReport) -> dict[str, Any]:
    """Return a report as JSON values."""
    outcomes = [
        {**asdict(outcome), "notes": [to_stored(note) for note in outcome.notes]} for outcome in report.outcomes
    ]
    return {**asdict(report), "outcomes": outcomes}


def report_from_dict(stored: Mapping[str, Any]) -> ImportReport:
    """Return a stored report."""
    outcomes = tuple(
        ImportOutcome(
            **{
                **outcome,
                "changes": tuple(Change(**change) for change in outcome["changes"]),
                "notes": tuple(from_stored(note) for note in outcome["notes"]),
            }
        )
        for outcome in stored["outcomes"]
    )
    return ImportReport(**{**stored, "outcomes": outcomes, "left_out": tuple(stored["left_out"])})


class Keyed(Protocol):
    """A database row with a key for users."""

    key: str


K = TypeVar("K", bound=Keyed)


def upsert(
    session: Session,
    kind: str,
    rows: Iterable[tuple[FileRow, K, Mapping[str, Any]]],
    existing: Mapping[str, K],
    log: RosterLog | None = None,
) -> ImportOutcome:
    """Store rows by key and return the changes.

    Parameters
    ----------
    session : Session
    kind : str
    rows : iterable of (row, object, values)
        The object is the stored one or a new one; the values are those of the row.
    existing : mapping of key to object
    log : RosterLog, optional
        Where each change is noted; without one the caller notes them.
    """
    n_new = n_changed = n_unchanged = 0
    changes: list[Change] = []
    for row, stored, values in rows:
        key = row["key"]
        row_changes = [
            Change(key, name, _shown(getattr(stored, name)), _shown(value))
            for name, value in values.items()
            if getattr(stored, name) != value
        ]
        for name, value in values.items():
            setattr(stored, name, value)
        session.add(stored)
        if log is not None and (row_changes or key not in existing):
            action = "changed" if key in existing else "added"
            log.note(kind, key, action, {change.column: (change.before, change.after) for change in row_changes})
        if key not in existing:
            n_new += 1
        elif row_changes:
            n_changed += 1
            changes += row_changes
        else:
            n_unchanged += 1
    return ImportOutcome(kind, n_new, n_changed, n_unchanged, tuple(changes[:MOST_CHANGES_LISTED]))


def complain_about_repeats(sheet: ImportSheet, columns: tuple[str, ...], complaints: Complaints) -> None:
    """Complain about rows that are equal to an earlier row in the given columns."""
    first_rows: dict[tuple[Any, ...], int] = {}
    for row in sheet.rows:
        values = tuple(row.get(column) for column in columns)
        earlier = first_rows.setdefault(values, row.number)
        if earlier != row.number:
            text = Message("`{what}` is already in row {row}", what=" · ".join(filter(None, values)), row=earlier)
            complaints.add(sheet.name, row.number, columns[0], text)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
