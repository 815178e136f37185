"""A judge who leaves keeps what was submitted, loses what was open, cannot score, and can be put back."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, InvalidInput, NotSignedIn
from judging.services.access import load_actor, operator
from judging.services.assignments import assigning
from judging.services.assignments.planning import PlanRequest, collect_basis, plan_from
from judging.services.assignments.replacements import replacements
from judging.services.participation.judges import deactivate_judge, effect_of_leaving, put_back_judge
from judging.services.people import accounts
from judging.services.roster_entries.history import list_history
from judging.services.rounds.progress import progress_of
from tests.support.event import AT, COMPETITION, ROUND, make_event

HERE = (COMPETITION, ROUND)


def judge(session: Session, key: str) -> tables.Judge:
    return session.exec(select(tables.Judge).where(tables.Judge.key == key)).one()


def proposals_of(session: Session, key: str, state: str = "active") -> set[str]:
    rows = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, tables.Assignment.proposal_id == tables.Proposal.id)  # type: ignore[arg-type]
        .where(tables.Assignment.judge_id == judge(session, key).id, tables.Assignment.state == state)
    )
    return set(rows)


def submit_first(session: Session, key: str) -> str:
    """Let a judge have submitted one sheet; returns its proposal."""
    assignment = session.exec(
        select(tables.Assignment).where(tables.Assignment.judge_id == judge(session, key).id)
    ).first()
    assert assignment is not None
    session.add(
        tables.Scoresheet(assignment_id=assignment.pk, version=1, state="submitted", source="form", saved_at=AT)
    )
    session.flush()
    return session.get_one(tables.Proposal, assignment.proposal_id).key


def test_open_assignments_move_to_the_replacement_and_scored_ones_stay(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    before, had = proposals_of(session, "J02"), proposals_of(session, "J03")
    scored = submit_first(session, "J02")
    shown = effect_of_leaving(session, operator(), COMPETITION, "J02", replacement_key="J03")
    assert proposals_of(session, "J02") == before
    done = deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", replacement_key="J03", at=AT)
    assert (done.staying, done.moving, done.falling_back) == (shown.staying, shown.moving, shown.falling_back)
    assert set(done.moving) == before - {scored} - had
    assert proposals_of(session, "J02") == {scored}
    assert proposals_of(session, "J03") == had | set(done.moving)
    assert done.load_after == len(had) + len(done.moving)
    row = judge(session, "J02")
    assert (row.is_active, row.left_at, row.left_reason, row.replaced_by) == (False, AT, "Ill.", "J03")
    assert [
        (one.row.action, one.row.reason) for one in list_history(session, operator(), COMPETITION, "judges", "J02")
    ] == [("left", "Ill.")]


def test_who_has_left_is_assigned_nothing_by_hand_or_plan(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", at=AT)
    with pytest.raises(Conflict, match="deactivated"):
        assigning.assign(session, operator(), *HERE, judge_key="J02", proposal_key="P001", at=AT)
    planned = plan_from(collect_basis(session, operator(), *HERE, wish=PlanRequest(readings=3)))
    assert "J02" not in {key for _, key in planned.made.pairs}


def test_who_has_left_can_no_longer_sign_in_and_can_after_being_put_back(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    person_id, before = event.people["judge"].pk, proposals_of(session, "J01")
    begun = submit_first(session, "J01")
    deactivate_judge(session, operator(), COMPETITION, "J01", reason="Moves away.", at=AT)
    with pytest.raises(NotSignedIn):
        load_actor(session, person_id)
    put_back_judge(session, operator(), COMPETITION, "J01", reason="Came back.", at=AT)
    assert load_actor(session, person_id).has_role(event.round_row.competition_id, "judge")
    assert proposals_of(session, "J01") == before
    assert begun in before
    assert judge(session, "J01").left_at is None


def test_putting_back_leaves_with_the_replacement_what_it_has_begun(session: Session) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    before, had = proposals_of(session, "J02"), proposals_of(session, "J03")
    done = deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", replacement_key="J03", at=AT)
    taken = session.exec(
        select(tables.Assignment)
        .join(tables.Proposal, tables.Proposal.id == tables.Assignment.proposal_id)  # type: ignore[arg-type]
        .where(tables.Assignment.judge_id == judge(session, "J03").id, tables.Proposal.key == done.moving[0])
    ).one()
    session.add(tables.Scoresheet(assignment_id=taken.pk, version=1, state="draft", source="form", saved_at=AT))
    session.flush()
    back = put_back_judge(session, operator(), COMPETITION, "J02", reason="Well again.", at=AT)
    assert back.left == (done.moving[0],)
    assert proposals_of(session, "J02") == before - {done.moving[0]}
    assert proposals_of(session, "J03") == had | {done.moving[0]}


def test_removing_a_person_lets_the_judge_leave_and_an_invitation_brings_the_judge_back(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    before = proposals_of(session, "J01")
    accounts.deactivate(session, operator(), COMPETITION, event.people["judge"].pk, at=AT)
    assert not judge(session, "J01").is_active
    assert proposals_of(session, "J01") == set()
    accounts.invite(session, operator(), COMPETITION, email="judge@example.org", name="The judge", role="judge", at=AT)
    assert judge(session, "J01").is_active
    assert proposals_of(session, "J01") == before


@pytest.mark.parametrize(
    ("replacement", "reason", "field"),
    [("J99", "Ill.", "replacement"), ("J02", "Ill.", "replacement"), ("", " ", "reason")],
)
def test_a_wrong_replacement_or_no_reason_changes_nothing(
    session: Session, replacement: str, reason: str, field: str
) -> None:
    make_event(session, n_proposals=12, n_judges=6, scored=False)
    with pytest.raises(InvalidInput) as refused:
        deactivate_judge(session, operator(), COMPETITION, "J02", reason=reason, replacement_key=replacement, at=AT)
    assert list(refused.value.messages) == [field]
    assert judge(session, "J02").is_active


def test_what_nobody_has_taken_over_is_told_and_offered_to_others(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    competition = session.exec(select(tables.Competition)).one()
    done = deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", at=AT)
    progress = progress_of(session, event.round_row)
    assert (progress.n_to_replace, progress.n_recused) == (len(done.falling_back), 0)
    offered = replacements(session, competition, event.round_row)
    assert {one.proposal for one in offered} == set(done.falling_back)
    assert "J02" not in {one.key for proposal in offered for one in proposal.judges}
    put_back_judge(session, operator(), COMPETITION, "J02", reason="Well again.", at=AT)
    assert progress_of(session, event.round_row).n_to_replace == 0


def test_what_a_replacement_has_taken_over_is_not_told(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    done = deactivate_judge(session, operator(), COMPETITION, "J02", reason="Ill.", replacement_key="J03", at=AT)
    assert progress_of(session, event.round_row).n_to_replace == len(done.falling_back)
