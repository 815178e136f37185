"""Meetings: who is there, the order of discussion, notes that nobody changes."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.services.decisions import conflicts_of_interest, meeting_notes, meetings, minutes
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, use_model


def open_one(session: Session, event: Event, present: str = "The chair\n\n A  guest \nThe chair") -> tables.Meeting:
    chair = event.actor(session, "chair")
    agenda = ["P002", "P001", "P004", "P001", "P999"]
    return meetings.open_meeting(session, chair, COMPETITION, ROUND, present=present, agenda=agenda, at=AT)


def note(session: Session, event: Event, text: str, proposal: str = "") -> tables.MeetingNote:
    chair = event.actor(session, "chair")
    return meeting_notes.write_note(session, chair, COMPETITION, ROUND, 1, text=text, proposal_key=proposal, at=AT)


def test_a_meeting_has_names_and_an_agenda_each_once(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    meeting = open_one(session, event)
    assert (meeting.number, meeting.present, meeting.agenda) == (1, ["The chair", "A guest"], ["P002", "P001", "P004"])
    with pytest.raises(Conflict, match="open already"):
        open_one(session, event)
    with pytest.raises(InvalidInput):
        open_one(session, event, present=" \n ")


def test_the_agenda_moves_up_and_down_within_its_ends_and_grows(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    open_one(session, event)
    chair = event.actor(session, "chair")

    def moved(key: str, by: int) -> list[str]:
        meetings.move_item(session, chair, COMPETITION, ROUND, 1, proposal_key=key, by=by, at=AT)
        session.commit()
        return meetings.get_meeting(session, chair, COMPETITION, ROUND, 1).agenda

    assert moved("P004", -1) == ["P002", "P004", "P001"]
    assert moved("P002", -1) == ["P002", "P004", "P001"]
    assert moved("P002", 1) == ["P004", "P002", "P001"]
    assert moved("P001", 1) == ["P004", "P002", "P001"]
    assert moved("P003", 0) == ["P004", "P002", "P001", "P003"]
    with pytest.raises(NotFound):
        moved("P999", 0)


def test_notes_are_stored_with_person_and_time_and_never_changed(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    meeting = open_one(session, event)
    note(session, event, "Begun.")
    written = note(session, event, "Weak on data.\nStrong otherwise.", "P001")
    auditor = event.actor(session, "auditor")
    listed = meeting_notes.list_notes(session, auditor, event.round_row, meeting)
    assert [(one.proposal, one.text, one.written_by, one.written_at) for one in listed] == [
        (None, "Begun.", "The chair", AT),
        ("P001", "Weak on data.\nStrong otherwise.", "The chair", AT),
    ]
    with pytest.raises(InvalidInput):
        note(session, event, "   ")
    session.commit()
    written.text = "Strong on data."
    session.add(written)
    with pytest.raises(DatabaseError, match="append-only"):
        session.flush()
    session.rollback()


def test_a_closed_meeting_takes_nothing_more_and_another_can_be_opened(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    open_one(session, event)
    chair = event.actor(session, "chair")
    minutes.close_meeting(session, chair, COMPETITION, ROUND, 1, undiscussed_known=["P001", "P002", "P004"], at=AT)
    with pytest.raises(Conflict, match="is closed"):
        note(session, event, "One more thing.")
    assert open_one(session, event).number == 2
    listed = meetings.list_meetings(session, chair, COMPETITION, ROUND)
    assert [(one.row.number, one.opened_by, one.row.closed_at) for one in listed] == [
        (2, "The chair", None),
        (1, "The chair", AT),
    ]


def test_who_has_a_conflict_does_not_learn_whether_others_spoke_of_the_proposal(session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    use_model(session, "raw")
    chair = event.actor(session, "chair")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=AT)
    meeting = meetings.open_meeting(session, chair, COMPETITION, ROUND, present="All", agenda=["P001", "P002"], at=AT)
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="mentoring", at=AT)
    with pytest.raises(Conflict) as refused:
        minutes.close_meeting(session, chair, COMPETITION, ROUND, meeting.number, at=AT)
    assert "P002" in str(refused.value)
    assert "P001" not in str(refused.value)
    # Nor is it left out of what is asked: whoever names only it has not been shown the other.
    with pytest.raises(Conflict):
        minutes.close_meeting(session, chair, COMPETITION, ROUND, meeting.number, undiscussed_known=["P001"], at=AT)
    minutes.close_meeting(session, chair, COMPETITION, ROUND, meeting.number, undiscussed_known=["P002"], at=AT)
    shown = minutes.without_hidden(meeting.minutes or {}, frozenset({"P001"}))
    assert [item["discussed"] for item in shown["agenda"]] == [True, False]


def test_notes_on_a_hidden_proposal_are_hidden_and_none_is_taken(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    meeting = open_one(session, event)
    note(session, event, "Weak on data.", "P001")
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="mentoring", at=AT)
    assert meeting_notes.list_notes(session, chair, event.round_row, meeting) == []
    assert len(meeting_notes.list_notes(session, event.actor(session, "organiser"), event.round_row, meeting)) == 1
    with pytest.raises(NotAllowed):
        note(session, event, "Strong on data.", "P001")


def test_only_chairs_run_a_meeting(session: Session) -> None:
    event = make_event(session, n_proposals=4)
    organiser = event.actor(session, "organiser")
    with pytest.raises(NotAllowed):
        meetings.open_meeting(session, organiser, COMPETITION, ROUND, present="x", agenda=[], at=AT)
    open_one(session, event)
    with pytest.raises(NotAllowed):
        meetings.change_present(session, organiser, COMPETITION, ROUND, 1, present="x", at=AT)
    chair = event.actor(session, "chair")
    for _ in range(2):
        meetings.change_present(session, chair, COMPETITION, ROUND, 1, present="The chair\nA late guest", at=AT)
    changed = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "meeting.present")).all()
    assert [one.detail for one in changed] == [{"present": ["The chair", "A late guest"]}]
