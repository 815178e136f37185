"""Notes of a meeting, on one proposal or on none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message, NotFound
from judging.schemas.typed_decisions import load
from judging.schemas.typed_meetings import NoteSchema
from judging.services import audit
from judging.services.access import Actor, require_confirmed, require_person
from judging.services.decisions.conflicts_of_interest import hidden_proposals, require_unhidden
from judging.services.decisions.meetings import NEEDS_A_NAME, keys_of, name_of, open_for


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a meeting; ``proposal`` is a key, or None for a general note."""

    proposal: str | None
    text: str
    written_at: datetime
    written_by: str


def list_notes(session: Session, actor: Actor, round_row: tables.Round, meeting: tables.Meeting) -> list[Note]:
    """Return the notes of a meeting, oldest first, without notes on proposals that are hidden from the actor."""
    return notes_by_meeting(session, actor, round_row).get(meeting.number, [])


def notes_by_meeting(session: Session, actor: Actor, round_row: tables.Round) -> dict[int, list[Note]]:
    """Return the notes of all meetings of a round by the meeting's number; see ``list_notes``."""
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    return {
        number: [note for note in notes if note.proposal not in hidden]
        for number, notes in all_notes(session, round_row).items()
    }


def all_notes(session: Session, round_row: tables.Round) -> dict[int, list[Note]]:
    """Return the notes of all meetings of a round, also those on proposals that are hidden from a reader."""
    rows = session.exec(
        select(tables.Meeting.number, tables.MeetingNote, tables.Person.name, tables.Proposal.key)
        .join(tables.MeetingNote, col(tables.MeetingNote.meeting_id) == col(tables.Meeting.id))
        .join(tables.Person, col(tables.Person.id) == col(tables.MeetingNote.written_by))
        .outerjoin(tables.Proposal, col(tables.Proposal.id) == col(tables.MeetingNote.proposal_id))
        .where(tables.Meeting.round_id == round_row.id)
        .order_by(col(tables.MeetingNote.id))
    ).all()
    notes: dict[int, list[Note]] = {}
    for number, row, name, key in rows:
        notes.setdefault(number, []).append(Note(key, row.text, row.written_at, name))
    return notes


def write_note(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    *,
    text: str,
    proposal_key: str = "",
    at: datetime,
) -> tables.MeetingNote:
    """Append a note, on one proposal or on none; raise ConfirmationNeeded as a verdict does."""
    competition_row, round_row, meeting = open_for(session, actor, competition_key, round_key, number)
    require_confirmed(actor)
    request = load(NoteSchema, {"text": text, "proposal": proposal_key})
    proposal_id = None
    if request["proposal"]:
        require_unhidden(session, actor, round_row.competition_id, request["proposal"])
        proposal_id = keys_of(session, round_row).get(request["proposal"])
        if proposal_id is None:
            raise NotFound(Message("This round has no proposal {proposal}.", proposal=request["proposal"]))
    note = tables.MeetingNote(
        meeting_id=meeting.pk,
        proposal_id=proposal_id,
        text=request["text"],
        written_at=at,
        written_by=require_person(actor, NEEDS_A_NAME),
    )
    session.add(note)
    session.flush()
    detail = {"proposal": request["proposal"] or None, "note": note.id, "confirmed_by": actor.confirmed_by}
    audit.record_in_round(
        session, actor, "meeting.noted", competition_row, round_row, name_of(meeting), at=at, detail=detail
    )
    return note
