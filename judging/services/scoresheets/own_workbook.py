"""A judge's own scoresheets as a workbook: made, and read again as what it changes.

The seal of the file, signed by the service, says whose it is and from which versions it was made. So a change that was
stored elsewhere since then is known, and no field is written over without a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from judging.errors import Conflict, InvalidInput, Listed, Message
from judging.rubric import Rubric
from judging.schemas.scoresheets import IncomingSheet, from_form, load_scoresheet
from judging.schemas.typed_numbers import parse_number
from judging.services.access import Actor
from judging.services.scoresheets import saving, scoring
from judging.services.scoresheets.merging import CellChange, changes_of
from judging.services.scoresheets.queues import Entry, Queue, RoundQueue
from judging.services.scoresheets.sheet_fields import field_of, shown, stored_values
from judging.services.scoresheets.versions import list_versions
from judging.workbook.own_sheets import SheetRow, field_names, read_own_sheets, write_own_sheets

Rows = Mapping[str, Mapping[str, str]]
"""Key of a proposal -> its fields in the file."""


@dataclass(frozen=True, slots=True)
class MergedRow:
    """What a file changes in one scoresheet; ``refused`` are complaints about cells that are not stored."""

    entry: Entry
    changes: Sequence[CellChange]
    refused: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merge:
    """What a file changes, and the keys of its rows that are left out."""

    rows: tuple[MergedRow, ...]
    left_out: tuple[str, ...]


def open_round(mine: Queue, round_key: str) -> RoundQueue:
    """Return one round of a queue; raise Conflict unless scores can be entered."""
    found = mine.round(round_key)
    if not found.is_open:
        raise Conflict(saving.CLOSED_TEXT)
    return found


def write_file(mine: Queue, round_key: str, *, secret: str) -> bytes:
    """Return the workbook of the own scoresheets of an open round; needs no database."""
    found = open_round(mine, round_key)
    rows = [
        SheetRow(entry.proposal.key, entry.proposal.title, stored_values(entry.version)) for entry in found.to_score
    ]
    versions = {entry.proposal.key: entry.version.version if entry.version else 0 for entry in found.to_score}
    seal = _signer(secret).dumps([mine.competition.key, round_key, mine.judge.key, versions])
    not_asked = {
        name
        for name, is_asked in (
            ("language", len(mine.definition.languages) > 1),
            ("identity_revealed", found.rules.privacy.teams_hidden),
        )
        if not is_asked and not any(row.values.get(name) for row in rows)
    }
    return write_own_sheets(found.rules.name, found.rules.rubric, rows, str(seal), not_asked=not_asked)


def read_file(content: bytes, mine: Queue, round_key: str, *, secret: str) -> tuple[Rows, Mapping[str, int]]:
    """Return the rows of a workbook, and the versions from which it was made; needs no database.

    Raises
    ------
    InvalidInput
        When it is not this judge's workbook of this round.
    """
    if not content:
        raise InvalidInput({"file": Message("Choose the workbook that you have filled in.")})
    seal, rows = read_own_sheets(content, mine.round(round_key).rules.rubric)
    try:
        *found, versions = _signer(secret).loads(seal)
    except (BadSignature, ValueError, TypeError):
        text = Message("The hidden part of this file was changed. Download the workbook again.")
        raise InvalidInput({"file": text}) from None
    if found != [mine.competition.key, round_key, mine.judge.key]:
        raise InvalidInput({"file": Message("This workbook belongs to another judge or another round.")})
    return rows, dict(versions)


def merge(session: Session, mine: Queue, round_key: str, rows: Rows, versions: Mapping[str, int]) -> Merge:
    """Return what a file changes in what is stored now."""
    found = mine.round(round_key)
    merged = [
        _merged(session, entry, rows, versions, found.rules.rubric)
        for entry in found.to_score
        if entry.proposal.key in rows
    ]
    known = {entry.proposal.key for entry in found.to_score}
    return Merge(
        rows=tuple(row for row in merged if row.changes or row.refused),
        left_out=tuple(key for key in rows if key not in known or key not in versions),
    )


def incoming_of(entry: Entry, rubric: Rubric, chosen: Mapping[str, str], *, base: str) -> IncomingSheet:
    """Return a scoresheet with the fields chosen from a file, as a draft on top of what was stored then."""
    return load_scoresheet(rubric, {**from_form({**stored_values(entry.version), **chosen}), "base_version": base})


def store(
    session: Session,
    actor: Actor,
    found: RoundQueue,
    merged: Merge,
    *,
    keep: Literal["file", "stored", ""],
    at: datetime,
) -> list[str]:
    """Store what a file changes as drafts, all or nothing; return the keys of their proposals.

    ``keep`` says what counts where a field was changed elsewhere too.

    Raises
    ------
    Conflict
        When that happened and ``keep`` says nothing, or when a scoresheet was saved since it was compared.
    """
    twice = [row.entry.proposal.key for row in merged.rows if any(change.is_conflict for change in row.changes)]
    if twice and not keep:
        raise Conflict(
            Message(
                "Changed elsewhere too since this workbook was made: {proposals}. Look at the preview, then say what "
                "to keep.",
                proposals=Listed(twice),
            )
        )
    saved = []
    for row in merged.rows:
        chosen = {change.field: change.in_file for change in row.changes if keep == "file" or not change.is_conflict}
        if chosen:
            base = str(row.entry.version.version if row.entry.version else 0)
            incoming = incoming_of(row.entry, found.rules.rubric, chosen, base=base)
            scoring.save_scoresheet(session, actor, row.entry.assignment_id, incoming, source="workbook", at=at)
            saved.append(row.entry.proposal.key)
    return saved


def _merged(session: Session, entry: Entry, rows: Rows, versions: Mapping[str, int], rubric: Rubric) -> MergedRow:
    key = entry.proposal.key
    number = versions.get(key)
    if number is None:
        return MergedRow(entry, ())
    before: Mapping[str, str] = {}
    if number and entry.version is not None:
        listed = list_versions(session, entry.assignment_id)
        before = stored_values(next((one for one in listed if one.version == number), None))
    in_file = {name: _canonical(name, text) for name, text in rows[key].items()}
    changes = changes_of(field_names(rubric), before, in_file, stored_values(entry.version))
    refused: dict[str, Sequence[str]] = {}
    if changes:
        try:
            incoming_of(entry, rubric, {change.field: change.in_file for change in changes}, base="0")
        except InvalidInput as error:
            refused = {field_of(name): texts for name, texts in error.messages.items()}
    return MergedRow(entry, [change for change in changes if change.field not in refused], refused)


def _canonical(name: str, text: str) -> str:
    """Return a score as the service stores it; another text as it is."""
    if name.startswith("score-") and (value := parse_number(text)) is not None:
        return shown(value)
    return text


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="judging-own-sheets")
