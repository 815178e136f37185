"""Panel meetings on a round: people present, agenda, run; see `meeting_notes` and `minutes`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.typed_meetings import load_present
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_person
from judging.services.competitions.numbering import next_number
from judging.services.competitions.taking_part import takes_part
from judging.services.runs import calibration_runs

CLOSED = Message("This meeting is closed. Open another one.")
NEEDS_A_NAME = Message("What happens in a meeting is recorded with a person's name: sign in as a chair.")


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
    session.refresh(round_row, with_for_update={"key_share": True})
    meetings = session.exec(select(tables.Meeting).where(tables.Meeting.round_id == round_row.id)).all()
    if any(meeting_row.closed_at is None for meeting_row in meetings):
        raise Conflict(Message("A meeting on this round is open already. Close it before you open another."))
    known = keys_of(session, round_row)
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
    elif proposal_key in keys_of(session, round_row):
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
    session.refresh(meeting, with_for_update={"key_share": True})
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


def keys_of(session: Session, round_row: tables.Round) -> dict[str, int]:
    """Return the proposals that take part in a round, by key."""
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
