"""Scoresheets on paper: typed twice without seeing the other, and only the same twice counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services import audit
from judging.services.access import Actor, load_actor
from judging.services.decisions import conflicts_of_interest
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.scoresheets import origins, paper_entries, scoring
from judging.services.scoresheets.versions import counts_in_results
from tests.support.event import AT, COMPETITION, ROUND, Event, add_chairs, make_event

HERE = (COMPETITION, ROUND)
KEYS = ("value", "data-use", "innovation", "feasibility", "presentation")
SHEET = SheetContent(scores=dict(zip(KEYS, (5.0, 6.0, 7.0, 8.0, 9.0), strict=True)), comment="Clear, and new.")


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


def place(session: Session, event: Event) -> tuple[str, str]:
    """Return judge and proposal of an assignment of a judge without an account."""
    found = session.exec(
        select(tables.Judge.key, tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(col(tables.Judge.person_id).is_(None), tables.Assignment.round_id == event.round_row.pk)
        .order_by(tables.Judge.key, tables.Proposal.key)
        .limit(1)
    ).one()
    return found[0], found[1]


def type_it(session: Session, event: Event, actor: Actor, sheet: SheetContent = SHEET) -> str:
    return paper_entries.type_sheet(session, actor, *HERE, *place(session, event), sheet, at=AT)


def seen(session: Session, event: Event, actor: Actor) -> paper_entries.PaperSheet:
    return paper_entries.get_paper(session, actor, *HERE, *place(session, event))[1]


def counted(session: Session) -> list[tables.Scoresheet]:
    return list(
        session.exec(
            select(tables.Scoresheet)
            .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
            .where(counts_in_results())
        )
    )


def test_it_counts_when_two_have_typed_the_same(session: Session, event: Event) -> None:
    organiser, chair = event.actor(session, "organiser"), event.actor(session, "chair")
    assert type_it(session, event, organiser) == "typed_once"
    assert counted(session) == []
    blind = seen(session, event, chair)
    assert (blind.own, blind.differences, blind.may_type) == (None, [], True)
    # Spaces and line ends are not what somebody wrote.
    assert type_it(session, event, chair, replace(SHEET, comment="Clear,  and\nnew. ")) == "counts"
    [sheet] = counted(session)
    assert (sheet.source, sheet.from_paper, sheet.saved_by, sheet.confirmed_by) == (
        "import",
        True,
        organiser.person_id,
        chair.person_id,
    )
    [marked] = origins.list_marked(session, chair, *HERE)
    assert (marked.from_paper, marked.entered_by, marked.confirmed_by) == (True, organiser.name, chair.name)
    session.commit()
    assert list(audit.verify(session)) == []
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id).desc()).limit(3)).all()
    assert actions == ["scoresheet.confirmed", "paper.typed", "paper.typed"]


def test_what_differs_is_shown_field_by_field_and_settled_by_a_correction(session: Session, event: Event) -> None:
    organiser, chair = event.actor(session, "organiser"), event.actor(session, "chair")
    type_it(session, event, organiser)
    wrong = replace(SHEET, scores={**SHEET.scores, "value": 6.0}, comment="")
    assert type_it(session, event, chair, wrong) == "different"
    assert counted(session) == []
    shown = {one.field: one.values for one in seen(session, event, organiser).differences}
    assert shown == {"scores.value": ("5", "6"), "comment": ("Clear, and new.", "")}
    with pytest.raises(Conflict, match="exactly this before"):
        type_it(session, event, chair, wrong)
    assert type_it(session, event, chair) == "counts"
    assert len(counted(session)) == 1
    assert [(one.name, one.n_typed) for one in seen(session, event, organiser).typings] == [
        (organiser.name, 1),
        (chair.name, 2),
    ]
    rows = session.exec(select(tables.PaperEntry.number).order_by(col(tables.PaperEntry.number))).all()
    assert rows == [1, 2, 3]


def test_a_third_look_settles_it(session: Session, event: Event) -> None:
    chairs = add_chairs(session, event)
    type_it(session, event, event.actor(session, "organiser"))
    type_it(session, event, load_actor(session, chairs["hk"].pk), replace(SHEET, comment="Other"))
    assert type_it(session, event, load_actor(session, chairs["sh"].pk)) == "counts"
    [sheet] = counted(session)
    assert (sheet.saved_by, sheet.confirmed_by) == (event.people["organiser"].pk, chairs["sh"].pk)


def test_one_person_and_a_helper_whom_they_brought_in_are_not_two(session: Session, event: Event) -> None:
    organiser = event.actor(session, "organiser")
    type_it(session, event, organiser)
    helper, _ = accounts.invite(
        session, organiser, COMPETITION, email="helper@example.org", name="Helper", role="organiser", at=AT
    )
    assert type_it(session, event, load_actor(session, helper.pk)) == "typed_once"
    assert counted(session) == []


def test_what_cannot_be_typed_says_why(session: Session, event: Event) -> None:
    organiser, chair = event.actor(session, "organiser"), event.actor(session, "chair")
    with pytest.raises(InvalidInput):
        type_it(session, event, organiser, SheetContent(scores={"value": 5.0}))
    with pytest.raises(NotAllowed):
        type_it(session, event, event.actor(session, "auditor"))
    with pytest.raises(NotFound):
        paper_entries.get_paper(session, organiser, *HERE, "J99", "P001")
    conflicts_of_interest.declare(
        session, chair, COMPETITION, proposal_key=place(session, event)[1], kind="family", at=AT
    )
    with pytest.raises(NotFound):
        type_it(session, event, event.actor(session, "chair"))
    opening.close_round(session, organiser, *HERE, at=AT, knowingly=True)
    with pytest.raises(Conflict):
        type_it(session, event, organiser)


def test_a_sheet_that_its_judge_has_begun_is_the_judges_own(session: Session, event: Event) -> None:
    judge = event.actor(session, "judge")
    row = session.exec(
        select(tables.Judge.key, tables.Proposal.key, tables.Assignment.id)
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(tables.Judge.person_id == judge.person_id, tables.Assignment.round_id == event.round_row.pk)
        .limit(1)
    ).one()
    incoming = IncomingSheet(sheet=SheetContent(scores={"value": 4.0}), base_version=0, submit=False)
    scoring.save_scoresheet(session, judge, row[2] or 0, incoming, source="form", at=AT)
    organiser = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="the judge's own"):
        paper_entries.type_sheet(session, organiser, *HERE, row[0], row[1], SHEET, at=AT)
    listed = paper_entries.list_paper(session, organiser, *HERE).sheets
    assert (row[0], row[1]) not in {(one.judge.key, one.proposal.key) for one in listed}
