"""Write an event into a file, from one state of the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.calibration.code_version import code_version
from judging.errors import Conflict, JudgingError
from judging.event_transfer.event_rows import (
    exported_condition,
    marked_sheets,
    moved_tables,
    people_of,
    rows_of,
    sessions_of,
)
from judging.event_transfer.file_writing import TransferFile
from judging.event_transfer.refusals import require_at_rest, require_names
from judging.event_transfer.row_lines import ENTRY_COLUMNS, MARKED, line_of
from judging.event_transfer.transfer_manifest import LOG, Manifest, file_part, rows_part
from judging.media.file_store import FileStore
from judging.services import audit
from judging.services.access import Actor, get_competition
from judging.services.audit.signed_heads import HeadSigner
from judging.services.competitions.definitions import definition_of
from judging.tables.types import metadata

_ENTRY = metadata.tables["audit_entry"]
_HEAD = metadata.tables["audit_head"]
_PERSON = metadata.tables["person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEvent:
    """What was written: rows by table, entries of the log, decks and videos, and the SHA-256 of the file."""

    key: str
    rows: Mapping[str, int]
    n_entries: int
    n_files: int
    digest: str


def export_event(
    engine: Engine, actor: Actor, key: str, target: Path, *, files: FileStore, signer: HeadSigner, at: datetime
) -> ExportedEvent:
    """Write an event into a new file, and record that in the log of the event.

    Parameters
    ----------
    engine : Engine
        Of the database, which stays in use.
    actor : Actor
    key : str
        Of the event.
    target : Path
        A file that is not there yet.
    files : FileStore
    signer : HeadSigner
        Signs the head of the log.
    at : datetime
        Now.

    Raises
    ------
    Conflict
        While something is under way in the event; see ``refusals``.
    JudgingError
        When the log has faults, a deck or video is missing, or the file cannot be written.
    """
    with TransferFile(target) as file:
        with db.transaction(engine, read_only=True) as session:
            row = get_competition(session, actor, key, "organiser")
            require_at_rest(session, row)
            _require_whole_log(session)
            manifest = _write_parts(session, row, file, files, signer, at=at)
        digest = file.complete(manifest)
        n_files = sum(name.startswith(file_part("")) for name in manifest.parts)
        with db.transaction(engine) as session:
            # Before the file gets its name: no file is anywhere of which the log does not say so.
            row = get_competition(session, actor, key, "organiser")
            detail = {"file": digest, "rows": sum(manifest.rows.values()), "entries": manifest.n_entries}
            detail |= {"files": n_files, "position": manifest.head_position}
            audit.record(session, actor, "competition.exported", key, at=at, competition_id=row.id, detail=detail)
        file.finish()
    return ExportedEvent(key=key, rows=manifest.rows, n_entries=manifest.n_entries, n_files=n_files, digest=digest)


def _require_whole_log(session: Session) -> None:
    fault = next(audit.verify(session), None)
    if fault is not None:
        raise JudgingError(
            f"The audit log of this installation has faults, so nothing is exported; judging verify-audit names them. "
            f"The first: {fault}"
        )


def _write_parts(
    session: Session, row: tables.Competition, file: TransferFile, files: FileStore, signer: HeadSigner, *, at: datetime
) -> Manifest:
    number, connection = row.pk, session.connection()
    marked = marked_sheets(session, number)
    begun = sessions_of(session, number, marked)
    people = people_of(session, number, begun)
    require_names(list(session.exec(select(tables.Person).where(col(tables.Person.id).in_(people)))))
    rows = {
        "person": file.add_lines(
            rows_part("person"), map(line_of, rows_of(connection, _PERSON, _PERSON.c.id.in_(people)))
        ),
        "sign_in_session": file.add_lines(rows_part("sign_in_session"), map(line_of, begun)),
    }
    for table in moved_tables():
        found: Iterator[Mapping[str, Any]] = rows_of(connection, table, exported_condition(table, number))
        if table.name == "scoresheet":
            found = ({**sheet, MARKED: sheet["id"] in marked} for sheet in found)
        rows[table.name] = file.add_lines(rows_part(table.name), map(line_of, found))
    entries = (
        sqlalchemy.select(*(_ENTRY.c[name] for name in ENTRY_COLUMNS))
        .where(_ENTRY.c.competition_id == number)
        .order_by(_ENTRY.c.id)
        .execution_options(yield_per=500)
    )
    n_entries = file.add_lines(LOG, (line_of(dict(entry)) for entry in connection.execute(entries).mappings()))
    _add_files(session, number, file, files)
    newest = connection.execute(
        sqlalchemy.select(_ENTRY.c.id, _ENTRY.c.hash).join(_HEAD, _HEAD.c.hash == _ENTRY.c.hash)
    ).one()
    revision = db.revision_of(connection)
    return Manifest(
        revision=revision or "",
        code_version=code_version(),
        exported_at=at.isoformat(),
        competition=row.key,
        competition_id=number,
        name=definition_of(row).name.by_language,
        installation=signer.installation,
        head=signer.sign(newest.id, newest.hash, at=at).text,
        head_position=newest.id,
        head_hash=newest.hash,
        rows=rows,
        n_entries=n_entries,
        parts=file.parts,
    )


def _add_files(session: Session, competition_id: int, file: TransferFile, files: FileStore) -> None:
    """Add the decks and videos that are in use, each content once."""
    of_proposals = session.exec(
        select(tables.ProposalFile.digest, tables.Proposal.key, tables.ProposalFile.kind)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ProposalFile.proposal_id))
        .where(tables.Proposal.competition_id == competition_id, col(tables.ProposalFile.removed_at).is_(None))
        .order_by(tables.Proposal.key)
    ).all()
    for digest, key, kind in of_proposals:
        if file_part(digest) in file.parts:
            continue
        if not files.path_of(digest).is_file():
            raise Conflict(
                f"The {kind} of proposal {key} is missing in the folder of files: {files.path_of(digest)}. Put it back "
                "from a copy, or remove it from the proposal; then export again."
            )
        if file.add_file(file_part(digest), files.path_of(digest)).digest != digest:
            raise Conflict(
                f"The {kind} of proposal {key} is damaged in the folder of files: {files.path_of(digest)}. Put it back "
                "from a copy; then export again."
            )
