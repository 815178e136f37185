"""Scores that somebody else than the judge has entered are two people's work."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, NotAllowed, NotFound
from judging.schemas.scoresheets import IncomingSheet
from judging.services import audit
from judging.services.access import load_actor
from judging.services.decisions import conflicts_of_interest, proposals
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.scoresheets import entered, scoring
from judging.services.scoresheets.versions import counts_in_results, current_scoresheets
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.files.imports import counts, send

HEADINGS = "judge,proposal,criterion,score\n"
CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")


def sheet_of(judge: str, proposal: str, *scores: float) -> str:
    return "".join(f"{judge},{proposal},{key},{score:g}\n" for key, score in zip(CRITERIA, scores, strict=True))


@pytest.fixture
def event(session: Session) -> Event:
    """Return an open round in which an organiser has entered two scoresheets."""
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    text = HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9) + sheet_of("J02", "P002", 1, 2, 3, 4, 5)
    send(session, event, "scores", text, round_key=ROUND, is_confirmed=False)
    session.commit()
    return event


def n_counted(session: Session) -> int:
    rows = session.exec(
        select(tables.Scoresheet.id)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .where(counts_in_results())
    )
    return len(rows.all())


def waiting(session: Session, event: Event, role: str) -> entered.EnteredSheets:
    return entered.list_entered(session, event.actor(session, role), COMPETITION, ROUND)


def confirm(session: Session, event: Event, role: str, digest: str | None = None) -> int:
    chosen = waiting(session, event, "organiser" if role == "auditor" else role).digest if digest is None else digest
    return entered.confirm(session, event.actor(session, role), COMPETITION, ROUND, digest=chosen, at=AT)


def test_an_organiser_whom_the_first_brought_in_is_no_second_person(session: Session, event: Event) -> None:
    organiser, at = event.actor(session, "organiser"), AT
    helper, _ = accounts.invite(
        session, organiser, COMPETITION, email="helper@example.org", name="Helper", role="organiser", at=at
    )
    actor = load_actor(session, helper.pk)
    shown = entered.list_entered(session, actor, COMPETITION, ROUND)
    assert [(sheet.is_own, sheet.may_confirm) for sheet in shown.sheets] == [(False, False)] * 2
    with pytest.raises(Conflict, match="brought in"):
        entered.confirm(session, actor, COMPETITION, ROUND, digest=shown.digest, at=at)
    assert n_counted(session) == 0


def test_what_one_organiser_enters_counts_when_a_second_person_has_confirmed_it(session: Session, event: Event) -> None:
    assert n_counted(session) == 0
    shown = waiting(session, event, "chair")
    assert [(sheet.judge, sheet.proposal, sheet.entered_by, sheet.is_own) for sheet in shown.sheets] == [
        ("J01", "P001", "The organiser", False),
        ("J02", "P002", "The organiser", False),
    ]
    assert confirm(session, event, "chair") == 2
    assert n_counted(session) == 2
    assert waiting(session, event, "chair").sheets == ()
    organiser, chair = event.people["organiser"].id, event.people["chair"].id
    versions = [current.version for current in current_scoresheets(session, event.round_row.pk)]
    assert [(one.version, one.state, one.saved_by, one.confirmed_by) for one in versions] == [
        (2, "submitted", organiser, chair),
        (2, "submitted", organiser, chair),
    ]
    session.commit()
    assert list(audit.verify(session)) == []
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id).desc()).limit(2)).all()
    assert actions == ["scoresheet.confirmed", "scoresheet.confirmed"]


def test_who_has_entered_it_cannot_confirm_it(session: Session, event: Event) -> None:
    assert waiting(session, event, "organiser").to_confirm == ()
    with pytest.raises(Conflict, match="Nothing waits for you"):
        confirm(session, event, "organiser")
    with pytest.raises(NotAllowed):
        confirm(session, event, "auditor")
    assert n_counted(session) == 0


def test_nobody_confirms_what_was_not_shown(session: Session, event: Event) -> None:
    before = waiting(session, event, "chair").digest
    text = HEADINGS + "J01,P001,value,3\n"
    assert counts(send(session, event, "scores", text, round_key=ROUND, is_confirmed=False)) == [("scores", 0, 1, 0)]
    with pytest.raises(Conflict, match="has changed since it was shown"):
        confirm(session, event, "chair", before)


def test_what_is_hidden_from_a_chair_waits_for_another_person(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P001", kind="family", at=AT)
    assert [sheet.proposal for sheet in waiting(session, event, "chair").sheets] == ["P002"]
    assert confirm(session, event, "chair") == 1
    assert [sheet.proposal for sheet in waiting(session, event, "auditor").sheets] == ["P001"]


def test_a_closed_round_takes_no_confirmation(session: Session, event: Event) -> None:
    digest = waiting(session, event, "chair").digest
    opening.close_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=AT, knowingly=True)
    with pytest.raises(Conflict, match="open round only"):
        confirm(session, event, "chair", digest)


def test_a_judge_may_submit_the_draft_and_then_it_is_the_judges_own(session: Session, event: Event) -> None:
    judge = event.actor(session, "judge")
    place = scoring.get_place(session, judge, COMPETITION, ROUND, "P001")
    assert place.current is not None
    incoming = IncomingSheet(sheet=place.current.sheet, base_version=1, submit=True)
    scoring.save_scoresheet(session, judge, place.assignment_id, incoming, source="form", at=AT)
    assert [sheet.proposal for sheet in waiting(session, event, "chair").sheets] == ["P002"]
    assert n_counted(session) == 1


def test_who_entered_and_who_confirmed_is_named_to_chairs(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")

    def named() -> list[tuple[str, proposals.Entered | None]]:
        sheets = proposals.get_proposal(session, chair, COMPETITION, ROUND, "P001")[1]
        return [(sheet.state, sheet.entered) for sheet in sheets if sheet.entered is not None]

    assert named() == [("draft", proposals.Entered("The organiser", None, "scores.csv"))]
    confirm(session, event, "chair")
    assert named() == [("submitted", proposals.Entered("The organiser", "The chair", "scores.csv"))]


def test_importing_what_waits_or_counts_again_changes_nothing(session: Session, event: Event) -> None:
    text = HEADINGS + sheet_of("J01", "P001", 5, 6, 7, 8, 9)
    again = [("scores", 0, 0, 1)]
    assert counts(send(session, event, "scores", text, round_key=ROUND, is_confirmed=False)) == again
    confirm(session, event, "chair")
    assert counts(send(session, event, "scores", text, round_key=ROUND, is_confirmed=False)) == again
    assert n_counted(session) == 2


def test_the_command_line_names_a_second_person_who_is_an_organiser_or_chair(session: Session, event: Event) -> None:
    competition_id = event.round_row.competition_id
    chair = event.people["chair"]
    assert entered.find_confirmer(session, chair.email.upper(), competition_id) == chair.id
    for email in ("judge@example.org", "nobody@example.org"):
        with pytest.raises(NotFound, match="is no organiser or chair"):
            entered.find_confirmer(session, email, competition_id)
