"""Conflicts of interest of judges: organisers enter them, and confirm or refuse those of `suggested_conflicts`.

While one is in force, the pair is never assigned, scored or opened: the judge has stepped back from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.typed_decisions import JudgeConflictSchema, WithdrawalSchema, load
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.assignments.declared_conflicts import close_conflicted
from judging.services.decisions.conflict_kinds import stored_kind
from judging.services.participation.suggested_conflicts import KIND_OF

ORIGINS = ("hand", *KIND_OF)
"""Where a conflict can come from."""


@dataclass(frozen=True, slots=True)
class EnteredConflict:
    """A conflict that an organiser entered or confirmed."""

    row: tables.JudgeConflict
    judge: tables.Judge
    proposal: tables.Proposal


def list_entered(session: Session, actor: Actor, competition_key: str) -> list[EnteredConflict]:
    """Return the conflicts in force that organisers entered or confirmed, by judge and proposal."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    rows = session.exec(
        select(tables.JudgeConflict, tables.Judge, tables.Proposal)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.JudgeConflict.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.JudgeConflict.proposal_id))
        .where(tables.Judge.competition_id == competition_row.id, tables.JudgeConflict.state == "in_force")
        .order_by(tables.Judge.key, tables.Proposal.key)
    ).all()
    return [EnteredConflict(*row) for row in rows]


def enter(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    kind: str,
    reason: str = "",
    origin: str = "hand",
    at: datetime,
) -> list[tuple[str, str]]:
    """Enter a conflict of a judge, or confirm a proposed one; return the pairs that are closed by it.

    The judge steps back from the proposal in every round that is not closed; a submitted scoresheet no longer counts.

    Raises
    ------
    InvalidInput
        When judge or proposal are not on the rosters, or the kind is unknown; ``other`` needs a reason.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    typed = {"judge": judge_key, "proposal": proposal_key, "kind": kind, "reason": reason}
    request = load(JudgeConflictSchema, typed)
    kind, own_kind = stored_kind(competition_row, request["kind"])
    if request["kind"] == "other" and not request["reason"]:
        raise InvalidInput({"reason": Message("Please say in a few words why.")})
    judge, proposal = _pair(session, competition_row, request["judge"], request["proposal"])
    row = _row(session, judge, proposal)
    if row is None:
        row = tables.JudgeConflict(
            judge_id=judge.pk, proposal_id=proposal.pk, kind=kind, origin=origin, state="", decided_at=at
        )
    row.kind, row.own_kind, row.reason = kind, own_kind, request["reason"]
    row.origin, row.state = origin, "in_force"
    row.decided_at, row.decided_by = at, actor.person_id
    session.add(row)
    session.flush()
    closed = close_conflicted(session, competition_row)
    _record(session, actor, "conflict.entered", competition_row, judge, proposal, row, at=at, closed=closed)
    return closed


def refuse(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    origin: str,
    at: datetime,
) -> None:
    """Refuse a proposed conflict: it is none, and is not proposed again.

    Raises
    ------
    Conflict
        When it is in force.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = _row(session, judge, proposal)
    if row is not None and row.state == "in_force":
        raise Conflict(Message("This conflict of interest is in force; end it instead."))
    if row is None:
        row = tables.JudgeConflict(
            judge_id=judge.pk,
            proposal_id=proposal.pk,
            kind=KIND_OF.get(origin, "other"),
            origin=origin if origin in KIND_OF else "hand",
            state="refused",
            decided_at=at,
        )
    row.state, row.decided_at, row.decided_by = "refused", at, actor.person_id
    session.add(row)
    session.flush()
    _record(session, actor, "conflict.refused", competition_row, judge, proposal, row, at=at)


def end(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    reason: str,
    at: datetime,
) -> None:
    """End a conflict that an organiser entered; what the judge stepped back from is given back by hand.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When there is none in force.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(WithdrawalSchema, {"reason": reason})
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = _row(session, judge, proposal)
    if row is None or row.state != "in_force":
        raise Conflict(Message("No conflict of interest of this judge with this proposal is in force."))
    row.state, row.reason, row.decided_at, row.decided_by = "ended", request["reason"], at, actor.person_id
    session.add(row)
    session.flush()
    _record(session, actor, "conflict.ended", competition_row, judge, proposal, row, at=at)


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


def _row(session: Session, judge: tables.Judge, proposal: tables.Proposal) -> tables.JudgeConflict | None:
    return session.exec(
        select(tables.JudgeConflict).where(
            tables.JudgeConflict.judge_id == judge.id, tables.JudgeConflict.proposal_id == proposal.id
        )
    ).one_or_none()


def _record(
    session: Session,
    actor: Actor,
    action: str,
    competition_row: tables.Competition,
    judge: tables.Judge,
    proposal: tables.Proposal,
    row: tables.JudgeConflict,
    *,
    at: datetime,
    closed: list[tuple[str, str]] | None = None,
) -> None:
    detail: dict[str, object] = {"kind": row.named_kind, "origin": row.origin}
    if row.reason:
        detail["reason"] = row.reason
    if closed:
        detail["stepped_back"] = [list(pair) for pair in closed]
    audit.record(
        session,
        actor,
        action,
        f"{competition_row.key} {judge.key} {proposal.key}",
        at=at,
        competition_id=competition_row.pk,
        detail=detail,
    )
