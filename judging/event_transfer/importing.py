"""Store an event from a transfer file: its decks and videos first, then all rows in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlmodel import Session, select

from judging import db, tables
from judging.errors import Conflict, JudgingError
from judging.event_transfer import file_reading
from judging.event_transfer.arrived_event import require_sound
from judging.event_transfer.event_storing import EventStoring
from judging.event_transfer.facts_check import BoundFacts
from judging.event_transfer.file_reading import ReceivedEvent
from judging.event_transfer.people_found import FoundPeople, end_handed_over
from judging.event_transfer.row_lines import ENTRY_COLUMNS, values_of
from judging.event_transfer.transfer_manifest import LOG, file_part
from judging.media.file_store import FileStore
from judging.services import audit
from judging.services.access import Actor
from judging.services.competitions.definitions import definition_of
from judging.tables.types import metadata

_ENTRY = metadata.tables["audit_entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedEvent:
    """What was stored: the event, its people, rows by table, entries of the former log, decks and videos.

    ``handed_over`` are the addresses of more than judges who had signed in here with a link that an organiser had seen.
    """

    key: str
    name: str
    people: FoundPeople
    rows: Mapping[str, int]
    n_entries: int
    n_files: int
    handed_over: tuple[str, ...]


def import_event(
    engine: Engine,
    actor: Actor,
    path: Path,
    *,
    files: FileStore,
    at: datetime,
    least_free_bytes: int = 0,
    digest: str | None = None,
) -> ImportedEvent:
    """Store the event of a file, completely or not at all.

    Parameters
    ----------
    engine : Engine
    actor : Actor
    path : Path
        The file.
    files : FileStore
        Where its decks and videos go. One that is there without a row is deleted after a day.
    at : datetime
        Now.
    least_free_bytes : int
        What the disk of the files must have left.
    digest : str, optional
        The SHA-256 that the export has printed.

    Raises
    ------
    Conflict
        When an event with this key is here, or the database has another revision.
    JudgingError
        When anything in the file is damaged, missing or changed; then nothing was stored.
    """
    with file_reading.opened(path) as received:
        if digest is not None and received.digest != digest.strip().lower():
            raise JudgingError(f"{path} has the SHA-256 {received.digest}, not the one that was given.")
        with db.transaction(engine, read_only=True) as session:
            _require_place(session, received)
        received.check()
        facts = BoundFacts()
        for entry in _entries_in(received):
            facts.read(entry)
        n_files = _keep_files(received, files, least_free_bytes)
        with _one_sentence(), db.transaction(engine) as session:
            _require_place(session, received)
            storing = EventStoring(session, received, facts, at=at)
            storing.store_rows()
            storing.store_entries(_entries_in(received))
            return _finished(session, actor, received, storing, n_files, at=at)


def _finished(
    session: Session, actor: Actor, received: ReceivedEvent, storing: EventStoring, n_files: int, *, at: datetime
) -> ImportedEvent:
    manifest = received.manifest
    require_sound(session, storing.competition_id, key=manifest.competition, made=storing.people.made_numbers)
    storing.bind()
    handed_over = end_handed_over(session, storing.competition_id, at=at)
    detail = {
        "file": received.digest,
        "installation": manifest.installation,
        "head": manifest.head,
        "rows": sum(storing.rows.values()),
        "entries": storing.n_entries,
        "files": n_files,
        "accounts_made": len(storing.people.made),
    }
    key, number = manifest.competition, storing.competition_id
    audit.record(session, actor, "competition.imported", key, at=at, competition_id=number, detail=detail)
    row = session.get_one(tables.Competition, number)
    return ImportedEvent(
        key=key,
        name=str(definition_of(row).name),
        people=storing.people,
        rows=storing.rows,
        n_entries=storing.n_entries,
        n_files=n_files,
        handed_over=handed_over,
    )


def _require_place(session: Session, received: ReceivedEvent) -> None:
    """Raise Conflict when the database has another form, or an event with this key."""
    manifest, revision = received.manifest, db.revision_of(session.connection())
    if manifest.revision != revision:
        raise Conflict(
            f"The event was exported from a database of revision {manifest.revision}, and this one has {revision}. "
            "Bring both installations to the same version of the service (judging migrate), then export again."
        )
    row = session.exec(select(tables.Competition).where(tables.Competition.key == manifest.competition)).one_or_none()
    if row is None:
        return
    log = tables.FormerLog
    known = session.exec(select(log).where(log.competition_id == row.id, log.file_digest == received.digest)).first()
    if known is not None:
        raise Conflict(f"This file was imported on {known.imported_at:%Y-%m-%d %H:%M} UTC already.")
    raise Conflict(
        f"There is an event {manifest.competition} here already. An event keeps its key: chairs have signed it, and "
        "every entry of the log says it. Import the file into another installation."
    )


def _entries_in(received: ReceivedEvent) -> Iterator[dict[str, Any]]:
    names = frozenset(ENTRY_COLUMNS)
    for place, line in enumerate(received.lines(LOG), start=1):
        yield values_of(f"{LOG}: line {place}", line, _ENTRY, names)


def _keep_files(received: ReceivedEvent, files: FileStore, least_free_bytes: int) -> int:
    """Put decks and videos into the folder of files; what has no row there is deleted after a day."""
    prefix = file_part("")
    names = [name for name in received.manifest.parts if name.startswith(prefix)]
    files.require_room(sum(received.manifest.parts[name].n_bytes for name in names), least_free_bytes)
    for name in names:
        arriving = files.receive()
        try:
            for piece in received.pieces(name):
                arriving.write(piece)
            if arriving.digest != name.removeprefix(prefix):
                raise JudgingError(f"{name}: its SHA-256 is {arriving.digest}. Nothing was imported.")
            files.keep(arriving)
        finally:
            arriving.close()
    return len(names)


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Say in one sentence which row a database does not store."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        reason = " ".join(str(error.orig).split())
        raise JudgingError(f"A row cannot be stored here: {reason}. Nothing was imported.") from error
    except StatementError as error:
        if error.orig is None or isinstance(error, sqlalchemy.exc.DBAPIError):
            raise
        raise JudgingError(f"A row cannot be stored here: {error.orig}. Nothing was imported.") from error
