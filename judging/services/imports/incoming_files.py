"""Uploaded files between their reading and their import, and how files of one shape are read."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message, NotFound
from judging.incoming_tables.mapping import TableMapping, mapping_from_dict
from judging.incoming_tables.texts.headings import plain
from judging.services.access import Actor, get_competition, require_person
from judging.services.imports.loaded_file import LoadedFile

KEPT = timedelta(days=1)
# Answers about one file, or about which part of it is meant, hold for no other file.
_OF_ONE_FILE = (
    "alike-", "encoding", "large-", "near-", "repeats", "scale", "sheet", "split-", "table", "typed-",
    "unknown-",
)  # fmt: skip


def keep_file(
    session: Session, actor: Actor, competition: tables.Competition, *, name: str, content: bytes, at: datetime
) -> int:
    """Store an upload until it is imported, and return its number; those of yesterday are deleted."""
    session.execute(delete(tables.IncomingFile).where(col(tables.IncomingFile.created_at) < at - KEPT))
    row = tables.IncomingFile(
        competition_id=competition.pk,
        person_id=require_person(actor, Message("A file is kept for a person: sign in.")),
        name=name,
        content=content,
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row.pk


def get_file(session: Session, actor: Actor, competition_key: str, number: int) -> tables.IncomingFile:
    """Return an upload of the same person in this competition, or raise NotFound."""
    competition = get_competition(session, actor, competition_key, "organiser")
    row = session.get(tables.IncomingFile, number)
    if row is None or row.competition_id != competition.pk or row.person_id != actor.person_id:
        raise NotFound(Message("This file is no longer kept. Choose it again."))
    return row


def delete_file(session: Session, number: int) -> None:
    """Delete an upload that was imported."""
    session.execute(delete(tables.IncomingFile).where(col(tables.IncomingFile.id) == number))


def find_mapping(session: Session, actor: Actor, competition_key: str, loaded: LoadedFile) -> TableMapping | None:
    """Return how the last file with the same headings was read, None when there was none."""
    if len(loaded.read) != 1:
        return None
    competition = get_competition(session, actor, competition_key, "organiser")
    mapping = loaded.read[0].mapping
    row = _find(session, competition.pk, mapping)
    return None if row is None else mapping_from_dict(row.mapping)


def remember_mapping(session: Session, actor: Actor, competition_key: str, loaded: LoadedFile, *, at: datetime) -> None:
    """Remember how a file was read that is stored now, for the next one with the same headings."""
    if actor.person_id is None:
        return
    competition = get_competition(session, actor, competition_key, "organiser")
    for table in loaded.read:
        if not table.mapping.columns:
            continue
        answers = {name: answer for name, answer in table.mapping.answers.items() if not name.startswith(_OF_ONE_FILE)}
        values = replace(table.mapping, answers=answers, encoding="").to_dict()
        row = _find(session, competition.pk, table.mapping)
        if row is None:
            row = tables.TableMappingRow(
                competition_id=competition.pk,
                kind=table.mapping.kind,
                headings_digest=_digest(table.mapping),
                mapping=values,
                saved_by=actor.person_id,
                saved_at=at,
            )
        else:
            row.mapping, row.saved_by, row.saved_at = values, actor.person_id, at
        session.add(row)
    session.flush()


def _find(session: Session, competition_id: int, mapping: TableMapping) -> tables.TableMappingRow | None:
    return session.exec(
        select(tables.TableMappingRow).where(
            tables.TableMappingRow.competition_id == competition_id,
            tables.TableMappingRow.kind == mapping.kind,
            tables.TableMappingRow.headings_digest == _digest(mapping),
        )
    ).one_or_none()


def _digest(mapping: TableMapping) -> str:
    headings = [plain(column.heading) for column in mapping.columns]
    return hashlib.sha256(repr(headings).encode()).hexdigest()
