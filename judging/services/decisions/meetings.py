"""Panel meetings on a round: people present, agenda, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.typed_decisions import NoteSchema, load, load_present
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.competitions.numbering import next_number
from judging.services.competitions.taking_part import takes_part
from judging.services.decisions.conflicts_of_interest import hidden_proposals, require_unhidden
from judging.services.runs import calibration_runs

CLOSED = Message("This meeting is closed. Open another one.")
NEEDS_A_NAME = Message("What happens in a meeting is recorded with a person's name: sign in as a chair.")


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a meeting; ``proposal`` is a key, or None for a general note."""

    proposal: str | None
    text: str
    written_at: datetime
    written_by: str


@dataclass(frozen=True, slots=True)
class ListedMeeting:
    """A meeting, the name of the person who opened it, and its number of notes."""

    row: tables.Meeting
    opened_by: str
    n_notes: int


def list_meetings(session: Session, actor: Actor, competition_key: str, round_key: str) -> list[ListedMeeting]:
    """Return the meetings of a round, newest first."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    n_notes = select(func.count()).where(col(tables.MeetingNote.meeting_id) == col(tables.Meeting.id))
    rows = session.exec(
        select(tables.Meeting, tables.Person.name, n_notes.correlate(tables.Meeting).scalar_subquery())
        .join(tables.Person, col(tables.Person.id) == col(tables.Meeting.opened_by))
        .where(tables.Meeting.round_id == round_row.id)
        .order_by(col(tables.Meeting.number).desc())
    ).all()
    return [ListedMeeting(*row) for row in rows]


def get_meeting(session: Session, actor: Actor, competition_key: str, round_key: str, number: int) -> tables.Meeting:
    """Return one meeting of a round by its number."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return _meeting(session, round_row, number)


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


def open_meeting(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    present: str,
    agenda: Sequence[str],
    run_number: int | None = None,
    at: datetime,
) -> tables.Meeting:
    """Open a meeting.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair.
    competition_key, round_key : str
    present : str
        Names of the people present, one a line.
    agenda : sequence of str
        Keys of proposals in the order of discussion; proposals of other rounds are ignored.
    run_number : int, optional
        The run that is discussed; by default the newest one under the rules.
    at : datetime

    Raises
    ------
    Conflict
        When a meeting of the round is open already.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    opener = require_person(
        actor, Message("A meeting records the name of the person who opened it: sign in as a chair.")
    )
    names = load_present(present)
    # If two chairs open a meeting at the same time, the second one waits and then gets the conflict.
    session.refresh(round_row, with_for_update=True)
    meetings = session.exec(select(tables.Meeting).where(tables.Meeting.round_id == round_row.id)).all()
    if any(meeting_row.closed_at is None for meeting_row in meetings):
        raise Conflict(Message("A meeting on this round is open already. Close it before you open another."))
    known = _keys(session, round_row)
    meeting = tables.Meeting(
        round_id=round_row.pk,
        number=next_number(session, tables.Meeting, round_row),
        present=names,
        agenda=[key for key in dict.fromkeys(agenda) if key in known],
        calibration_run_id=_run_id(session, round_row, run_number),
        opened_at=at,
        opened_by=opener,
    )
    session.add(meeting)
    session.flush()
    detail = {"present": names, "agenda": meeting.agenda}
    audit.record_in_round(
        session, actor, "meeting.opened", competition_row, round_row, name_of(meeting), at=at, detail=detail
    )
    return meeting


def change_present(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, present: str, at: datetime
) -> None:
    """Replace the list of the people present."""
    competition_row, round_row, meeting = open_for(session, actor, competition_key, round_key, number)
    names = load_present(present)
    if names == meeting.present:
        return
    meeting.present = names
    session.add(meeting)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "meeting.present",
        competition_row,
        round_row,
        name_of(meeting),
        at=at,
        detail={"present": names},
    )


def move_item(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    *,
    proposal_key: str,
    by: int,
    at: datetime,
) -> None:
    """Move a proposal up (``by`` < 0) or down the agenda; a proposal that is not on the agenda is appended."""
    competition_row, round_row, meeting = open_for(session, actor, competition_key, round_key, number)
    agenda = list(meeting.agenda)
    if proposal_key in agenda:
        place = agenda.index(proposal_key)
        agenda.insert(min(max(place + by, 0), len(agenda) - 1), agenda.pop(place))
    elif proposal_key in _keys(session, round_row):
        agenda.append(proposal_key)
    else:
        raise NotFound(Message("This round has no proposal {proposal}.", proposal=proposal_key))
    if agenda == meeting.agenda:
        return
    meeting.agenda = agenda
    session.add(meeting)
    session.flush()
    detail = {"proposal": proposal_key, "place": agenda.index(proposal_key) + 1}
    audit.record_in_round(
        session, actor, "meeting.agenda", competition_row, round_row, name_of(meeting), at=at, detail=detail
    )


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
        proposal_id = _keys(session, round_row).get(request["proposal"])
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


def take_run(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, run_number: int, at: datetime
) -> None:
    """Go on with another run of the round, such as one that was made since the meeting began."""
    competition_row, round_row, meeting = open_for(session, actor, competition_key, round_key, number)
    run_id = _run_id(session, round_row, run_number)
    if run_id == meeting.calibration_run_id:
        return
    meeting.calibration_run_id = run_id
    session.add(meeting)
    session.flush()
    detail = {"run": run_number}
    audit.record_in_round(
        session, actor, "meeting.run", competition_row, round_row, name_of(meeting), at=at, detail=detail
    )


def run_of_meeting(session: Session, meeting: tables.Meeting) -> tables.CalibrationRun | None:
    """Return the run that a meeting discusses; of one from before it was recorded, the newest run of its time."""
    runs = select(tables.CalibrationRun)
    if meeting.calibration_run_id is not None:
        return session.exec(runs.where(tables.CalibrationRun.id == meeting.calibration_run_id)).one()
    until = () if meeting.closed_at is None else (tables.CalibrationRun.created_at <= meeting.closed_at,)
    made = session.exec(
        runs.where(tables.CalibrationRun.round_id == meeting.round_id, *until).order_by(
            col(tables.CalibrationRun.number).desc()
        )
    ).all()
    return next((run for run in made if not run.settings["comparison"]), None)


def run_numbers(session: Session, round_row: tables.Round) -> dict[int, int]:
    """Return the number of the run that each meeting of a round discusses, by the number of the meeting."""
    run, meeting = tables.CalibrationRun, tables.Meeting
    made = session.exec(
        select(run.id, run.number, run.created_at, run.settings)
        .where(run.round_id == round_row.id)
        .order_by(col(run.number).desc())
    ).all()
    found: dict[int, int] = {}
    for row in session.exec(select(meeting).where(meeting.round_id == round_row.id)):
        for run_id, number, created_at, settings in made:
            if row.calibration_run_id is not None:
                is_it = run_id == row.calibration_run_id
            else:
                is_it = not settings["comparison"] and (row.closed_at is None or created_at <= row.closed_at)
            if is_it:
                found[row.number] = number
                break
    return found


def require_open(session: Session, round_row: tables.Round, number: int) -> None:
    """Raise Conflict when a meeting of the round is closed."""
    if _meeting(session, round_row, number).closed_at is not None:
        raise Conflict(CLOSED)


def open_for(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int
) -> tuple[tables.Competition, tables.Round, tables.Meeting]:
    """Return an open meeting with its round, for a change by a chair; changes take turns."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    require_person(actor, NEEDS_A_NAME)
    meeting = _meeting(session, round_row, number)
    # Two changes of the agenda at the same time are serialised.
    session.refresh(meeting, with_for_update=True)
    if meeting.closed_at is not None:
        raise Conflict(CLOSED)
    return competition_row, round_row, meeting


def _meeting(session: Session, round_row: tables.Round, number: int) -> tables.Meeting:
    meeting = session.exec(
        select(tables.Meeting).where(tables.Meeting.round_id == round_row.id, tables.Meeting.number == number)
    ).one_or_none()
    if meeting is None:
        raise NotFound(Message("This round has no meeting {number}.", number=number))
    return meeting


def _keys(session: Session, round_row: tables.Round) -> dict[str, int]:
    proposals = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(takes_part(round_row))
    ).all()
    return {proposal.key: proposal.pk for proposal in proposals}


def _run_id(session: Session, round_row: tables.Round, number: int | None) -> int | None:
    if number is not None:
        return calibration_runs.run_of(session, round_row, number).pk
    newest = calibration_runs.latest_of(session, round_row, calibration_runs.runs_of(session, round_row))
    return None if newest is None else newest.pk


def name_of(meeting: tables.Meeting) -> str:
    """Return the name of a meeting in the audit log."""
    return f"meeting {meeting.number}"
