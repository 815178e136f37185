"""Scoresheets in the database: versions, who may write them, and what happens when two do."""

import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services import audit
from judging.services.access import Actor
from judging.services.scoresheets import given_back, queues, scoring, versions
from judging.services.scoresheets.saving import StoredSheet
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event
from tests.support.optional import present

CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")
SHEET = SheetContent(scores=dict(zip(CRITERIA, (5.0, 6.0, 7.0, 8.0, 9.0), strict=True)), comment="Clear.")


def incoming(sheet: SheetContent, *, base: int = 0, submit: bool = False) -> IncomingSheet:
    return IncomingSheet(sheet=sheet, base_version=base, submit=submit)


@dataclass
class Desk:
    """A judge with an assignment."""

    session: Session
    event: Event
    judge: Actor
    assignment: tables.Assignment

    @property
    def id(self) -> int:
        return self.assignment.pk

    def save(self, sheet: SheetContent = SHEET, *, base: int = 0, submit: bool = False) -> StoredSheet:
        return scoring.save_scoresheet(
            self.session, self.judge, self.id, incoming(sheet, base=base, submit=submit), source="form", at=AT
        )

    def counted(self) -> list[versions.CurrentSheet]:
        return versions.current_scoresheets(self.session, self.event.round_row.pk)


@pytest.fixture
def desk(session: Session) -> Desk:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    judge = event.actor(session, "judge")
    own = select(tables.Assignment).join(tables.Judge).where(tables.Judge.person_id == judge.person_id)
    assignment = present(session.exec(own.order_by(col(tables.Assignment.id))).first())
    return Desk(session, event, judge, assignment)


def test_versions_are_appended_and_read_back_as_they_were(desk: Desk) -> None:
    full = SheetContent(
        scores={"data-use": 4.0},
        comments={"value": "為誰?"},
        comment="好",
        justification="x",
        language="zh-Hant-HK",
        confidence=2,
        identity_revealed=True,
    )
    assert desk.save(full) == StoredSheet(version=1, total=None, saved_at=AT, state="draft", sheet=full)
    assert desk.save(base=1, submit=True).version == 2
    assert [version.sheet for version in versions.list_versions(desk.session, desk.id)] == [SHEET, full]
    assert [entry.action for entry in desk.session.exec(select(tables.AuditEntry))][-2:] == [
        "scoresheet.saved",
        "scoresheet.submitted",
    ]
    assert list(audit.verify(desk.session)) == []


def test_the_total_is_the_rubrics(desk: Desk) -> None:
    # 30, 25, 20, 15, 10 percent of (score - 1) / 9
    assert desk.save().total == pytest.approx((30 * 4 + 25 * 5 + 20 * 6 + 15 * 7 + 10 * 8) / 9, abs=1e-12)


def test_the_same_content_twice_is_stored_once_for_any_base_version(desk: Desk) -> None:
    first = desk.save(submit=True)
    assert desk.save(base=0, submit=True) == first
    assert desk.save(base=99, submit=True) == first


def test_an_empty_sheet_is_nothing_to_store(desk: Desk) -> None:
    assert desk.save(SheetContent()) == StoredSheet(
        version=0, total=None, saved_at=None, state="draft", sheet=SheetContent()
    )
    assert versions.find_current(desk.session, desk.id) is None


def test_a_stale_version_is_a_conflict_and_stores_nothing(desk: Desk) -> None:
    desk.save()
    with pytest.raises(Conflict, match="version 1"):
        desk.save(SheetContent(comment="other"), base=0)
    assert len(versions.list_versions(desk.session, desk.id)) == 1


def test_submitting_what_is_not_complete_is_refused_by_the_service_too(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.save(SheetContent(scores={"value": 3.0}), submit=True)


def test_a_reopened_sheet_is_a_draft_until_submitted_again(desk: Desk) -> None:
    desk.save(submit=True)
    reopened = scoring.reopen_scoresheet(desk.session, desk.judge, desk.id, at=AT)
    assert (reopened.version, reopened.state) == (2, "draft")
    assert [current.version.state for current in desk.counted()] == ["draft"]
    assert desk.save(base=2, submit=True).version == 3
    assert [current.version.state for current in desk.counted()] == ["submitted"]


def test_another_judges_sheet_does_not_exist(desk: Desk) -> None:
    other = present(
        desk.session.exec(
            select(tables.Assignment).where(tables.Assignment.judge_id != desk.assignment.judge_id)
        ).first()
    )
    desk.assignment = other
    with pytest.raises(NotFound):
        desk.save()


@pytest.mark.parametrize("role", ["organiser", "chair", "auditor"])
def test_nobody_but_a_judge_scores(desk: Desk, role: str) -> None:
    desk.judge = desk.event.actor(desk.session, role)
    with pytest.raises(NotAllowed):
        desk.save()


def test_a_closed_round_takes_no_scores(desk: Desk) -> None:
    desk.event.round_row.state, desk.event.round_row.closed_at = "closed", AT
    desk.session.add(desk.event.round_row)
    desk.session.commit()
    with pytest.raises(Conflict, match="closed"):
        desk.save()
    with pytest.raises(Conflict, match="closed"):
        scoring.reopen_scoresheet(desk.session, desk.judge, desk.id, at=AT)


def test_who_steps_back_is_out_until_the_organiser_undoes_it(desk: Desk) -> None:
    desk.save(submit=True)
    with pytest.raises(InvalidInput):
        given_back.recuse(desk.session, desk.judge, desk.id, reason="other", text=" ", at=AT)
    given_back.recuse(desk.session, desk.judge, desk.id, reason="employer", text="same\nbureau", at=AT)
    assert (desk.assignment.state, desk.assignment.reason) == ("recused", "employer: same bureau")
    assert desk.counted() == []
    with pytest.raises(Conflict, match="stepped back"):
        desk.save(base=1)
    with pytest.raises(NotAllowed):
        given_back.undo_recusal(desk.session, desk.judge, desk.id, at=AT)
    given_back.undo_recusal(desk.session, desk.event.actor(desk.session, "organiser"), desk.id, at=AT)
    assert len(desk.counted()) == 1


def test_the_queue_contains_the_judges_own_assignments_with_their_progress(desk: Desk) -> None:
    desk.save(submit=True)
    queue = queues.get_queue(desk.session, desk.judge, COMPETITION).round(ROUND)
    own = desk.session.exec(
        select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == desk.assignment.judge_id)
    ).all()
    assert sorted(entry.proposal.pk for entry in queue.entries) == sorted(own)
    assert queue.n_submitted == 1
    assert {entry.state for entry in queue.entries} == {"submitted", "not-started"}
    assert {entry.team for entry in queue.entries} == {None}
    after = present(queue.next_after())
    assert after.state == "not-started"


def test_of_two_simultaneous_submits_one_is_stored_and_one_is_refused(desk: Desk, engine: Engine) -> None:
    assignment_id = desk.id
    desk.session.commit()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def submit(score: float) -> None:
        sheet = SheetContent(scores={**SHEET.scores, "value": score})
        start.wait()
        try:
            with db.transaction(engine) as session:
                scoring.save_scoresheet(
                    session, desk.judge, assignment_id, incoming(sheet, submit=True), source="form", at=AT
                )
            outcomes.append("stored")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=submit, args=(score,)) for score in (2.0, 3.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "stored"]
    assert len(versions.list_versions(desk.session, desk.id)) == 1


def test_the_same_submit_twice_at_once_is_stored_once_without_an_error(desk: Desk, engine: Engine) -> None:
    assignment_id = desk.id
    desk.session.commit()
    start = threading.Barrier(2)
    saved: list[StoredSheet] = []

    def submit() -> None:
        start.wait()
        with db.transaction(engine) as session:
            saved.append(
                scoring.save_scoresheet(
                    session, desk.judge, assignment_id, incoming(SHEET, submit=True), source="form", at=AT
                )
            )

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert saved[0] == saved[1]
    assert len(versions.list_versions(desk.session, desk.id)) == 1


def test_each_judge_has_an_order_of_its_own_that_never_changes(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    judges = session.exec(select(tables.Judge).order_by(col(tables.Judge.key))).all()
    round_row = session.get_one(tables.Round, event.round_row.pk)
    orders = [
        [[entry.proposal.key for entry in queues.queue_of_round(session, round_row, judge).entries] for judge in judges]
        for _ in range(2)
    ]
    assert orders[0] == orders[1]
    shared = set.intersection(*(set(order) for order in orders[0][:2]))
    own = [[key for key in order if key in shared] for order in orders[0][:2]]
    assert all(order != sorted(order) for order in orders[0])
    assert len(shared) < 2 or own[0] != own[1]
