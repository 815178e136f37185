"""Appeals: entered after a release; a judge scores again in a closed round; only a signed release changes the list."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.documents.html import write_html
from judging.documents.meeting_minutes import MeetingMinutes, minutes_document
from judging.documents.method_report.report_document import method_report
from judging.errors import Conflict, InvalidInput, NotAllowed
from judging.phrases import appeal_sentence
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services import audit
from judging.services.access import Actor, load_actor
from judging.services.appeals import appeal_effects, appeals, remarks, settled
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import meetings, minutes
from judging.services.decisions.awaited import awaited_by
from judging.services.exports import method_report_file
from judging.services.participation import judge_conflicts
from judging.services.runs import calibrating
from judging.services.scoresheets import scoring
from tests.support.event import AT, COMPETITION, ROUND, Event
from tests.support.optional import present
from tests.support.released import make_calibrated, release

HERE = (COMPETITION, ROUND)


@pytest.fixture
def event(session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


@pytest.fixture
def chair(session: Session, event: Event) -> Actor:
    row = session.exec(select(tables.Person).where(tables.Person.email == "chair-hk@example.org")).one()
    return load_actor(session, row.pk)


def last_of(session: Session) -> str:
    content = session.exec(select(tables.Release)).one().content
    return str(content["ranking"][-1]["proposal"])


def enter(session: Session, actor: Actor, proposal: str, **changed: str) -> int:
    typed = {"proposal": proposal, "asked_by": "The team's leader", "reason": "We were misread."} | changed
    return appeals.enter_appeal(session, actor, *HERE, typed, at=AT).number


def judge_without(session: Session, event: Event, proposal: str) -> tuple[Actor, str]:
    """Return the judge with an account as somebody who never had the proposal, and the key."""
    judge = session.exec(select(tables.Judge).where(tables.Judge.person_id == event.people["judge"].pk)).one()
    had = session.exec(
        select(tables.Assignment.id)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(tables.Assignment.judge_id == judge.pk, tables.Proposal.key == proposal)
    ).all()
    assert not had
    return event.actor(session, "judge"), judge.key


def free_proposal(session: Session, event: Event) -> str:
    judge = session.exec(select(tables.Judge).where(tables.Judge.person_id == event.people["judge"].pk)).one()
    had = select(tables.Assignment.proposal_id).where(tables.Assignment.judge_id == judge.pk)
    ranking = session.exec(select(tables.Release)).one().content["ranking"]
    keys = set(session.exec(select(tables.Proposal.key).where(col(tables.Proposal.id).not_in(had))))
    return next(str(entry["proposal"]) for entry in reversed(ranking) if entry["proposal"] in keys)


def score(session: Session, judge: Actor, proposal: str, *, submit: bool = True) -> None:
    place = scoring.get_place(session, judge, *HERE, proposal)
    rubric = rules_of(session.get_one(tables.Round, place.round.pk)).rubric
    sheet = SheetContent(scores=dict.fromkeys(rubric.keys, 10.0), justification="All full marks.")
    incoming = IncomingSheet(sheet=sheet, base_version=place.base_version, submit=submit)
    scoring.save_scoresheet(session, judge, place.assignment_id, incoming, source="form", at=AT)


def test_an_appeal_needs_a_release_a_name_and_a_reason(session: Session) -> None:
    event = make_calibrated(session)
    chair = event.actor(session, "organiser")
    with pytest.raises(Conflict, match="Nothing has been released"):
        enter(session, chair, "P001")
    release(session)
    for changed in ({"asked_by": " "}, {"reason": ""}, {"proposal": "P999"}):
        with pytest.raises(InvalidInput):
            enter(session, chair, **{"proposal": "P001"} | changed)
    assert enter(session, chair, "P001") == 1
    with pytest.raises(Conflict, match="is open"):
        enter(session, chair, "P001")
    with pytest.raises(NotAllowed):
        enter(session, event.actor(session, "auditor"), "P002")


def test_the_judge_who_is_asked_scores_this_proposal_only_until_it_is_settled(
    session: Session, event: Event, chair: Actor
) -> None:
    proposal = free_proposal(session, event)
    judge, key = judge_without(session, event, proposal)
    own = scoring.get_judge(session, judge, event.round_row.competition_id)
    other = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .where(tables.Assignment.judge_id == own.pk)
        .limit(1)
    ).one()
    number = enter(session, chair, proposal)
    assert key in {one.key for one in remarks.candidates_for(session, chair, *HERE, number)}
    remarks.ask_judge(session, chair, *HERE, number, {"judge": key}, at=AT)
    assert [one.kind for one in awaited_by(session, judge)] == ["reading"]
    assert [(one.kind, one.number) for one in awaited_by(session, chair)] == [("appeal", 1)]
    with pytest.raises(Conflict, match="has not submitted yet"):
        appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "stands", "reason": "Read again."}, at=AT)
    assert scoring.get_place(session, judge, *HERE, proposal).is_open
    assert not scoring.get_place(session, judge, *HERE, other).is_open
    with pytest.raises(Conflict, match="closed"):
        score(session, judge, other)
    score(session, judge, proposal)
    assert awaited_by(session, judge) == []
    with pytest.raises(Conflict, match="signed"):
        appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "changed", "reason": "Higher."}, at=AT)
    appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "stands", "reason": "Read again."}, at=AT)
    assert awaited_by(session, chair) == []
    with pytest.raises(Conflict, match="is settled"):
        appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "stands", "reason": "Again."}, at=AT)
    assert not scoring.get_place(session, judge, *HERE, proposal).is_open
    with pytest.raises(Conflict, match="closed"):
        score(session, judge, proposal, submit=False)
    session.commit()
    assert list(audit.verify(session)) == []
    actions = session.exec(
        select(tables.AuditEntry.action)
        .where(col(tables.AuditEntry.action).startswith("appeal."))
        .order_by(col(tables.AuditEntry.id))
    ).all()
    assert actions == ["appeal.entered", "appeal.judge_asked", "appeal.settled"]


def test_an_archived_competition_takes_no_scoresheet_of_an_appeal_either(
    session: Session, event: Event, chair: Actor
) -> None:
    proposal = free_proposal(session, event)
    judge, key = judge_without(session, event, proposal)
    number = enter(session, chair, proposal)
    remarks.ask_judge(session, chair, *HERE, number, {"judge": key}, at=AT)
    # Archiving refuses while an appeal is not settled. The statement of a save looks all the same.
    row = session.get_one(tables.Competition, event.round_row.competition_id)
    row.archived_at = AT
    session.add(row)
    session.flush()
    with pytest.raises(Conflict, match="closed"):
        score(session, judge, proposal)


def test_a_release_that_the_chairs_signed_later_changes_the_decision(
    session: Session, event: Event, chair: Actor
) -> None:
    proposal = free_proposal(session, event)
    judge, key = judge_without(session, event, proposal)
    number = enter(session, chair, proposal)
    remarks.ask_judge(session, chair, *HERE, number, {"judge": key}, at=AT)
    score(session, judge, proposal)
    calibrating.calibrate(session, chair, *HERE, at=AT)
    release(session, run_number=2, reason="An appeal.")
    outcome = {"outcome": "changed", "reason": "A further judge."}
    appeals.settle_appeal(session, chair, *HERE, number, outcome, at=AT)
    [listed] = appeals.list_appeals(session, chair, *HERE)
    assert (listed.state, listed.release, listed.changed_by) == ("changed", 1, 2)
    [kept] = settled.appeals_in_minutes(session, session.get_one(tables.Round, event.round_row.pk))
    lists = [
        row.content["shortlist"]["selected"]
        for row in session.exec(select(tables.Release).order_by(col(tables.Release.number)))
    ]
    assert [set(kept[name]) for name in ("left", "entered")] == [{*lists[0]} - {*lists[1]}, {*lists[1]} - {*lists[0]}]
    assert (kept["outcome"], kept["release"], kept["reason"]) == ("changed", 2, "A further judge.")


def test_the_minutes_of_a_meeting_say_how_appeals_ended_but_not_to_who_may_not_know(
    session: Session, event: Event, chair: Actor
) -> None:
    first, other = last_of(session), free_proposal(session, event)
    number = enter(session, chair, first)
    appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "stands", "reason": "Read again."}, at=AT)
    if other != first:
        enter(session, chair, other)
    meeting = meetings.open_meeting(session, chair, *HERE, present="The chair", agenda=[first], at=AT)
    minutes.close_meeting(session, chair, *HERE, meeting.number, undiscussed_known=[first], at=AT)
    kept = present(session.get_one(tables.Meeting, meeting.pk).minutes)
    names = minutes.proposals_named(kept)
    titles = dict(session.exec(select(tables.Proposal.key, tables.Proposal.title)).all())
    assert names == {key: f"{key} {titles[key]}" for key in {first, other}}
    said = [appeal_sentence(row, when="then", named=names) for row in kept["appeals"]]
    assert said[0] == f"Appeal 1, {names[first]}: the decision stands. Read again. (Chair of hk, then)"
    assert said[1:] == ([f"Appeal 2, {names[other]}: not settled yet."] if other != first else [])
    told = MeetingMinutes(
        competition="C",
        round="R",
        number=1,
        opened_at=AT,
        closed_at=AT,
        zone=ZoneInfo("Asia/Hong_Kong"),
        minutes=kept,
        named=names,
        language="en",
        say=str,
    )
    assert "the decision stands. Read again." in write_html(minutes_document(told)).decode()
    seen = minutes.without_hidden(kept, frozenset([first, other]))
    assert (seen["appeals"], seen["titles"], minutes.proposals_named(seen)) == ([], {}, {})
    # Those of meetings that were closed before had no appeals in them.
    older = {name: value for name, value in kept.items() if name not in ("appeals", "titles")}
    assert minutes.without_hidden(older, frozenset())["appeals"] == []
    # Of minutes that keep no titles, what was on the agenda has one.
    assert minutes.proposals_named(older) == {first: names[first]}


def test_who_has_a_conflict_or_had_the_proposal_is_not_asked(session: Session, event: Event, chair: Actor) -> None:
    proposal = free_proposal(session, event)
    _, key = judge_without(session, event, proposal)
    number = enter(session, chair, proposal)
    judge_conflicts.enter(
        session,
        event.actor(session, "organiser"),
        COMPETITION,
        judge_key=key,
        proposal_key=proposal,
        kind="family",
        at=AT,
    )
    keys = {one.key for one in remarks.candidates_for(session, chair, *HERE, number)}
    had = set(
        session.exec(
            select(tables.Judge.key)
            .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .where(tables.Proposal.key == proposal)
        )
    )
    assert keys.isdisjoint(had | {key})
    # Who was assigned the proposal and has not submitted comes first.
    late = present(
        session.exec(
            select(tables.Judge).where(
                tables.Judge.competition_id == event.round_row.competition_id, col(tables.Judge.key).in_(keys)
            )
        ).first()
    )
    asked = present(session.exec(select(tables.Proposal).where(tables.Proposal.key == proposal)).first())
    session.add(tables.Assignment(round_id=event.round_row.pk, judge_id=late.pk, proposal_id=asked.pk, assigned_at=AT))
    session.flush()
    first = remarks.candidates_for(session, chair, *HERE, number)[0]
    assert (first.key, first.is_awaited) == (late.key, True)
    with pytest.raises(InvalidInput):
        remarks.ask_judge(session, chair, *HERE, number, {"judge": key}, at=AT)


def test_the_effect_agrees_with_the_scores_that_are_then_given(session: Session, event: Event, chair: Actor) -> None:
    proposal = free_proposal(session, event)
    judge, key = judge_without(session, event, proposal)
    number = enter(session, chair, proposal)
    collected = appeal_effects.collect_effect(session, chair, *HERE, number, key)
    effect = appeal_effects.effect_of(collected)
    appeal_effects.store_effect(session, chair, collected, effect, at=AT)
    assert (effect["lowest"], effect["highest"]) == (0.0, 100.0)
    assert effect["rank_at_highest"] <= effect["rank"] <= effect["rank_at_lowest"]
    remarks.ask_judge(session, chair, *HERE, number, {"judge": key}, at=AT)
    score(session, judge, proposal)
    run = calibrating.calibrate(session, chair, *HERE, at=AT)
    ranks = {row["proposal"]: row["rank"] for row in run.result["proposals"]}
    assert ranks[proposal] == effect["rank_at_highest"]
    assert (proposal in run.result["shortlist"]["selected"]) == (effect["threshold"] is not None)
    [listed] = appeals.list_appeals(session, chair, *HERE)
    assert [(one.judge, one.content) for one in listed.effects] == [(key, effect)]


def test_the_method_report_has_a_line_for_each_appeal(session: Session, event: Event, chair: Actor) -> None:
    proposal = free_proposal(session, event)
    number = enter(session, chair, proposal)
    appeals.settle_appeal(session, chair, *HERE, number, {"outcome": "stands", "reason": "Read again."}, at=AT)
    collected = method_report_file.collect_method_report(session, chair, *HERE, at=AT)
    text = write_html(method_report(collected.book)).decode()
    assert "Appeals of teams after a release, and how they ended" in text
    assert ("Read again." in text, "the decision stands" in text) == (True, True)
