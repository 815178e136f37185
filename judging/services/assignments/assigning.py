"""Assignments: store those of a file, assign by hand, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.assignments.permitted import PermittedPairs
from judging.services.competitions.roster import CompetitionRoster, enter_round
from judging.services.decisions.conflicts_of_interest import require_unhidden
from judging.services.scoresheets.versions import has_submitted

Pair = tuple[int, int]

PLANNED_ANEW, JUDGE_LEFT, PROPOSAL_WITHDRAWN = "planned anew", "the judge has left", "the proposal was withdrawn"
"""Why an assignment was withdrawn without a person's reason for it."""


def find_assignments(session: Session, round_row: tables.Round) -> dict[Pair, tables.Assignment]:
    """Return the assignments of a round in any state, by judge and proposal."""
    rows = session.exec(select(tables.Assignment).where(tables.Assignment.round_id == round_row.id))
    return {(row.judge_id, row.proposal_id): row for row in rows}


def assign_pairs(
    session: Session,
    round_row: tables.Round,
    requested: list[tuple[tables.Judge, tables.Proposal]],
    existing: Mapping[Pair, tables.Assignment],
    *,
    source: str,
    at: datetime,
) -> dict[Pair, tables.Assignment]:
    """Create the assignments that do not exist yet; their proposals enter the round."""
    enter_round(session, round_row, [proposal for _, proposal in requested])
    created: dict[Pair, tables.Assignment] = {}
    for judge, proposal in requested:
        pair = (judge.pk, proposal.pk)
        if pair not in existing and pair not in created:
            created[pair] = tables.Assignment(
                round_id=round_row.pk, judge_id=pair[0], proposal_id=pair[1], source=source, assigned_at=at
            )
    session.add_all(created.values())
    session.flush()
    return created


def activate(assignment: tables.Assignment, *, source: str) -> None:
    """Reactivate a withdrawn assignment."""
    assignment.state, assignment.reason, assignment.withdrawn_by_plan = "active", "", False
    assignment.source = source


def withdraw_by_plan(assignment: tables.Assignment, *, reason: str = PLANNED_ANEW) -> None:
    """Withdraw an assignment so that a later plan may make it again, unlike one that a person withdrew."""
    assignment.state, assignment.reason, assignment.withdrawn_by_plan = "withdrawn", reason, True


def assign(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    at: datetime,
    scored_by: int | None = None,
) -> tables.Assignment:
    """Assign one proposal to one judge by hand.

    ``scored_by`` is how many judges the proposal had on the page that offered this one, if the page is about that.

    Raises
    ------
    InvalidInput
        When the judge or the proposal is not on the roster.
    Conflict
        When the round is closed, something speaks against the pair (``permitted``), or the proposal has got another
        judge since the page was made.
    NotAllowed
        When the actor has a conflict of interest with the proposal: others choose who reads it, or a plan does.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    require_unhidden(session, actor, competition_row.pk, proposal_key)
    # Two people at the same time must not both give the last judge that the rules allow.
    session.refresh(round_row, with_for_update={"key_share": True})
    _require_not_closed(round_row)
    roster = CompetitionRoster.of(session, competition_row)
    judge, proposal = roster.judges.get(judge_key), roster.proposals.get(proposal_key)
    complaints: dict[str, str] = {}
    if judge is None:
        complaints["judge"] = Message("there is no judge `{judge}`", judge=judge_key)
    if proposal is None:
        complaints["proposal"] = Message("there is no proposal `{proposal}`", proposal=proposal_key)
    if judge is None or proposal is None:
        raise InvalidInput(complaints)
    pair = (judge.pk, proposal.pk)
    existing = find_assignments(session, round_row)
    assignment = existing.get(pair)
    if assignment is not None and assignment.state == "recused":
        raise Conflict(
            Message(
                "{judge} has recused from {proposal}; choose another judge.", judge=judge.name, proposal=proposal.named
            )
        )
    if assignment is not None and assignment.state == "active":
        return assignment
    present = sum(row.proposal_id == proposal.pk and row.state == "active" for row in existing.values())
    if scored_by is not None and present != scored_by:
        raise Conflict(
            Message("{proposal} has {n} judges by now. Look at this page again.", proposal=proposal.named, n=present)
        )
    if refusal := PermittedPairs.of(session, round_row).refusal(judge, proposal):
        raise Conflict(refusal)
    if assignment is None:
        assignment = assign_pairs(session, round_row, [(judge, proposal)], existing, source="hand", at=at)[pair]
    else:
        activate(assignment, source="hand")
        session.add(assignment)
        session.flush()
    subject = f"{judge.key} {proposal.key}"
    audit.record_in_round(session, actor, "assignment.made", competition_row, round_row, subject, at=at)
    return assignment


def withdraw(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    reason: str,
    at: datetime,
) -> None:
    """Withdraw one assignment while it has no submitted scoresheet.

    A submitted scoresheet counts: withdrawing its assignment would change the results.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    _require_not_closed(round_row)
    require_unhidden(session, actor, competition_row.pk, proposal_key)
    if not reason.strip():
        raise InvalidInput({"reason": Message("say why; the reason is stored with the assignment")})
    assignment = session.exec(
        select(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Judge.key == judge_key,
            tables.Proposal.key == proposal_key,
        )
    ).one_or_none()
    if assignment is None:
        raise NotFound
    if has_submitted(session, assignment.pk):
        raise Conflict(
            Message(
                "{judge} has already submitted a scoresheet for {proposal}. It counts, and stays.",
                judge=judge_key,
                proposal=proposal_key,
            )
        )
    if assignment.state != "active":
        return
    assignment.state, assignment.reason = "withdrawn", reason.strip()[:500]
    session.add(assignment)
    session.flush()
    subject, detail = f"{judge_key} {proposal_key}", {"reason": assignment.reason}
    audit.record_in_round(
        session, actor, "assignment.withdrawn", competition_row, round_row, subject, at=at, detail=detail
    )


def _require_not_closed(round_row: tables.Round) -> None:
    if round_row.state == "closed":
        raise Conflict(Message("Round {round} is closed; reopen it first.", round=round_row.key))
