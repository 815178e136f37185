"""Pins and bans by hand, and taking back many assignments at once.

A plan leaves a pinned assignment as it is, and never makes a banned one. What is taken back in bulk may be planned
again.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.typed_decisions import BanSchema, WithdrawalSchema, load
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.assignments.assigning import PLANNED_ANEW, find_assignments, withdraw_by_plan
from judging.services.decisions.conflicts_of_interest import require_unhidden


def pin(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    is_pinned: bool,
    at: datetime,
) -> None:
    """Pin an active assignment, so that no plan takes it back, or let plans change it again.

    Raises
    ------
    NotFound
        When there is no such active assignment.
    """
    competition_row, round_row = _locked(session, actor, competition_key, round_key)
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = find_assignments(session, round_row).get((judge.pk, proposal.pk))
    if row is None or row.state != "active":
        raise NotFound
    row.source = "hand" if is_pinned else "plan"
    session.add(row)
    session.flush()
    action = "assignment.pinned" if is_pinned else "assignment.unpinned"
    audit.record_in_round(session, actor, action, competition_row, round_row, f"{judge.key} {proposal.key}", at=at)


def ban(
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
    """Forbid plans to give a proposal to a judge in this round.

    Raises
    ------
    InvalidInput
        Without a reason, or when judge or proposal are not on the rosters.
    Conflict
        When the judge scores it: taking it back is another step, and begun scoresheets stay.
    """
    competition_row, round_row = _locked(session, actor, competition_key, round_key)
    request = load(BanSchema, {"judge": judge_key, "proposal": proposal_key, "reason": reason})
    require_unhidden(session, actor, competition_row.pk, request["proposal"])
    judge, proposal = _pair(session, competition_row, request["judge"], request["proposal"])
    row = find_assignments(session, round_row).get((judge.pk, proposal.pk))
    if row is not None and row.state == "active":
        raise Conflict(
            Message("{judge} scores {proposal}; take it back instead.", judge=judge.name, proposal=proposal.named)
        )
    if row is None:
        row = tables.Assignment(
            round_id=round_row.pk, judge_id=judge.pk, proposal_id=proposal.pk, source="hand", assigned_at=at
        )
    if row.state != "recused":
        row.state, row.reason, row.withdrawn_by_plan = "withdrawn", request["reason"][:500], False
    session.add(row)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "assignment.banned",
        competition_row,
        round_row,
        f"{judge.key} {proposal.key}",
        at=at,
        detail={"reason": request["reason"]},
    )


def lift_ban(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    at: datetime,
) -> None:
    """Let plans give a proposal to a judge again, after it was taken back or banned by hand.

    Raises
    ------
    NotFound
        When nothing was taken back or banned by hand.
    """
    competition_row, round_row = _locked(session, actor, competition_key, round_key)
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = find_assignments(session, round_row).get((judge.pk, proposal.pk))
    if row is None or row.state != "withdrawn" or row.withdrawn_by_plan:
        raise NotFound
    withdraw_by_plan(row, reason=PLANNED_ANEW)
    session.add(row)
    session.flush()
    audit.record_in_round(
        session, actor, "assignment.ban_lifted", competition_row, round_row, f"{judge.key} {proposal.key}", at=at
    )


def take_back_open(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    reason: str,
    judge_key: str = "",
    proposal_key: str = "",
    at: datetime,
) -> int:
    """Take back every assignment without a scoresheet that is not pinned; return their number.

    ``judge_key`` or ``proposal_key`` take back only those of one judge or proposal, pinned ones too. A plan may make
    them again.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When the round is closed.
    """
    competition_row, round_row = _locked(session, actor, competition_key, round_key)
    request = load(WithdrawalSchema, {"reason": reason})
    begun = select(tables.Scoresheet.id).where(col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
    statement = (
        select(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Assignment.state == "active",
            ~begun.correlate(tables.Assignment).exists(),
        )
    )
    if judge_key:
        statement = statement.where(tables.Judge.key == judge_key)
    if proposal_key:
        statement = statement.where(tables.Proposal.key == proposal_key)
    if not judge_key and not proposal_key:
        statement = statement.where(tables.Assignment.source != "hand")
    rows = session.exec(statement).all()
    for row in rows:
        withdraw_by_plan(row, reason=request["reason"][:500])
        session.add(row)
    session.flush()
    detail = {"reason": request["reason"], "judge": judge_key, "proposal": proposal_key, "n": len(rows)}
    audit.record_in_round(session, actor, "assignments.taken_back", competition_row, round_row, at=at, detail=detail)
    return len(rows)


def _locked(
    session: Session, actor: Actor, competition_key: str, round_key: str
) -> tuple[tables.Competition, tables.Round]:
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    # Saving takes a shared lock: nobody begins a scoresheet meanwhile.
    session.refresh(round_row, with_for_update={"key_share": True})
    if round_row.state == "closed":
        raise Conflict(Message("Round {round} is closed; reopen it first.", round=round_row.key))
    return competition_row, round_row


def _pair(
    session: Session, competition_row: tables.Competition, judge_key: str, proposal_key: str
) -> tuple[tables.Judge, tables.Proposal]:
    judge = session.exec(
        select(tables.Judge).where(tables.Judge.competition_id == competition_row.id, tables.Judge.key == judge_key)
    ).one_or_none()
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition_row.id, tables.Proposal.key == proposal_key
        )
    ).one_or_none()
    complaints: dict[str, str] = {}
    if judge is None:
        complaints["judge"] = Message("there is no judge `{judge}`", judge=judge_key)
    if proposal is None:
        complaints["proposal"] = Message("there is no proposal `{proposal}`", proposal=proposal_key)
    if judge is None or proposal is None:
        raise InvalidInput(complaints)
    return judge, proposal
