"""Store the rows of a transfer file in a transaction, and let the log bind them."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Table
from sqlmodel import Session

from judging.errors import JudgingError
from judging.event_transfer.declared_tables import MOVED
from judging.event_transfer.event_rows import in_order, moved_tables, of_event
from judging.event_transfer.facts_check import BoundFacts
from judging.event_transfer.file_reading import ReceivedEvent
from judging.event_transfer.people_found import FoundPeople, find_people
from judging.event_transfer.row_lines import MARKED, names_of, values_of
from judging.event_transfer.row_numbers import RowNumbers
from judging.event_transfer.transfer_manifest import rows_part
from judging.services.audit import stored_rows
from judging.services.authentication.tokens import hash_of
from judging.tables.types import metadata

_BATCH = 500
_SESSIONS = metadata.tables["sign_in_session"]
_PERSON = metadata.tables["person"]
_COMPETITION = metadata.tables["competition"]
_LOG = metadata.tables["former_log"]
_ENTRY = metadata.tables["former_entry"]
_Line = tuple[str, float | None, str]


class EventStoring:
    """The rows of one file on their way into one transaction."""

    def __init__(self, session: Session, received: ReceivedEvent, facts: BoundFacts, *, at: datetime) -> None:
        self._session, self._connection = session, session.connection()
        self._received, self._facts, self._at = received, facts, at
        self._numbers = RowNumbers(self._connection)
        self._log_id = 0
        self.rows: dict[str, int] = {}
        self.n_entries = 0
        self.people = FoundPeople((), (), ())

    @property
    def competition_id(self) -> int:
        """Return the number of the event here."""
        return self._numbers.find("competition", self._received.manifest.competition_id)

    def store_rows(self) -> None:
        """Store people, rows and how sessions began; facts are compared with the log that they come with."""
        self.people = find_people(self._session, self._read(_PERSON), self._numbers, at=self._at)
        self.rows[_PERSON.name] = len(self.people.found) + len(self.people.made)
        for table in in_order():
            if table is _SESSIONS:
                self._store(table, map(self._ended_session, self._read(table)))
            else:
                self._store(table, self._checked(table))
            if table is _LOG:
                self._store_log()
        if self.rows[_COMPETITION.name] != 1:
            raise JudgingError("rows/competition.jsonl: a file has one event. Nothing was imported.")
        self._facts.require_all_seen()

    def store_entries(self, entries: Iterable[dict[str, Any]]) -> None:
        """Store the log of the installation that the event comes from."""
        rows = (
            {
                **entry,
                "id": None,
                "former_log_id": self._log_id,
                "competition_id": self.competition_id,
                "number": entry["id"],
                "person_id": self._numbers.get("person", entry["person_id"]),
                "former_person_id": entry["person_id"],
                "former_competition_id": entry["competition_id"],
            }
            for entry in entries
        )
        for batch in _batches(rows):
            # Entries have their number there; what names them here is new.
            given = self._numbers.new(_ENTRY, [-(self.n_entries + place) for place in range(1, len(batch) + 1)])
            named = [{**row, "id": number} for row, number in zip(batch, given, strict=True)]
            self._connection.execute(sqlalchemy.insert(_ENTRY), named)
            self.n_entries += len(batch)

    def bind(self) -> None:
        """Report every stored row to the next entry of the log."""
        made = self.people.made_numbers
        for first in range(0, len(made), _BATCH):
            self._note(_PERSON, _PERSON.c.id.in_(made[first : first + _BATCH]))
        here = sqlalchemy.select(_LOG.c.id).where(of_event(_LOG, self.competition_id))
        self._note(_SESSIONS, _SESSIONS.c.former_log_id.in_(here))
        for table in moved_tables():
            if table.name not in stored_rows.NOT_COVERED:
                self._note(table, of_event(table, self.competition_id))

    def _note(self, table: Table, condition: ColumnElement[bool]) -> None:
        stored_rows.note(self._session, dict(stored_rows.digests(self._connection, table, condition)))

    def _read(self, table: Table) -> Iterator[dict[str, Any]]:
        part, names, n_lines = rows_part(table.name), names_of(table), 0
        for n_lines, line in enumerate(self._received.lines(part), start=1):
            yield values_of(f"{part}: line {n_lines}", line, table, names)
        if n_lines != self._received.manifest.rows.get(table.name):
            raise JudgingError(f"{part}: it has {n_lines} rows, and the manifest says another number.")

    def _checked(self, table: Table) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table, each compared with the log, without a session that marks nothing."""
        scores = self._scores_by_sheet() if table.name == "scoresheet" else iter(())
        waiting = next(scores, None)
        for values in self._read(table):
            lines: list[_Line] = []
            if waiting is not None and waiting[0] == values.get("id"):
                lines, waiting = waiting[1], next(scores, None)
            if values[MOVED[table.name]] is None:
                raise JudgingError(f"{rows_part(table.name)}: a row belongs to no event. Nothing was imported.")
            self._facts.compare(table, values, lines)
            if table.name == "scoresheet" and not values[MARKED]:
                values["sign_in_session_id"] = None
            yield values

    def _scores_by_sheet(self) -> Iterator[tuple[int, list[_Line]]]:
        score = self._read(metadata.tables["score"])
        for number, lines in itertools.groupby(score, key=lambda line: int(line["scoresheet_id"])):
            yield number, [(line["criterion"], line["value"], line["comment"]) for line in lines]

    def _ended_session(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return a session that signs nobody in: the token of which this is the hash is known to nobody."""
        return {
            **values,
            "token_hash": hash_of(secrets.token_urlsafe(32)),
            "browser": "",
            "last_used_at": values["began_at"],
            "ended_at": self._at,
            "end_reason": "ended",
        }

    def _store(self, table: Table, rows: Iterator[dict[str, Any]]) -> None:
        n_rows = 0
        for batch in _batches(rows):
            if "id" in table.c:
                given = self._numbers.new(table, [row["id"] for row in batch])
                for row, number in zip(batch, given, strict=True):
                    row["id"] = number
            self._connection.execute(sqlalchemy.insert(table), [self._translated(table, row) for row in batch])
            n_rows += len(batch)
        self.rows[table.name] = n_rows

    def _translated(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of a row with the numbers of here."""
        changed = self._numbers.translated(table, row)
        if table is not _SESSIONS:
            return changed
        unchanged = ("token_hash", "browser", "last_used_at", "ended_at", "end_reason")
        log = changed["former_log_id"] or self._log_id
        return {**changed, **{name: row[name] for name in unchanged}, "former_log_id": log}

    def _store_log(self) -> None:
        manifest = self._received.manifest
        (self._log_id,) = self._numbers.new(_LOG, [0])
        row = {
            "id": self._log_id,
            "competition_id": self.competition_id,
            "installation": manifest.installation,
            "head": manifest.head,
            "head_position": manifest.head_position,
            "head_hash": manifest.head_hash,
            "file_digest": self._received.digest,
            "exported_at": datetime.fromisoformat(manifest.exported_at),
            "imported_at": self._at,
        }
        self._connection.execute(sqlalchemy.insert(_LOG), [row])


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while batch := list(itertools.islice(waiting, _BATCH)):
        yield batch
