"""Judges leave, with or without somebody who takes over, and come back.

What a judge has submitted stays and counts. What is open goes to the replacement, or back to the plan. Whoever has left
is assigned nothing and has no role here: without another role, the account is switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.typed_decisions import DeactivationSchema, WithdrawalSchema, load
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.assignments.assigning import JUDGE_LEFT, withdraw_by_plan
from judging.services.participation.judge_roles import end_role, give_role_back
from judging.services.participation.open_assignments import (
    assignments_of,
    changing_rounds,
    split_active,
)
from judging.services.participation.taking_over import Leaving, by_place, effect_on, restore, taken_over
from judging.services.roster_entries.history import RosterLog
from judging.services.rounds import practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What came back with a judge, and what stays with others: proposals by key."""

    restored: tuple[str, ...]
    left: tuple[str, ...]


def get_judge_by_key(session: Session, actor: Actor, competition_key: str, judge_key: str) -> tables.Judge:
    """Return a judge of the roster, for organisers and auditors."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    return _judge(session, competition_row, judge_key)


def list_active(session: Session, competition_row: tables.Competition) -> list[tables.Judge]:
    """Return the active judges of a competition by key; the caller checks permissions."""
    return list(
        session.exec(
            select(tables.Judge)
            .where(tables.Judge.competition_id == competition_row.id, col(tables.Judge.is_active))
            .order_by(col(tables.Judge.key))
        )
    )


def effect_of_leaving(
    session: Session, actor: Actor, competition_key: str, judge_key: str, *, replacement_key: str = ""
) -> Leaving:
    """Return what would happen if a judge left now; it changes nothing.

    Raises
    ------
    InvalidInput
        When the replacement is not an active judge, or the same judge.
    Conflict
        When the judge has left already.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    judge = _judge(session, competition_row, judge_key)
    if not judge.is_active:
        raise Conflict(Message("{judge} has left already.", judge=judge.name))
    replacement = _replacement(session, competition_row, judge, replacement_key)
    return effect_on(session, judge, replacement, changing_rounds(session, competition_row, locked=False))


def deactivate_judge(
    session: Session,
    actor: Actor,
    competition_key: str,
    judge_key: str,
    *,
    reason: str,
    replacement_key: str = "",
    at: datetime,
) -> Leaving:
    """Let a judge leave: open assignments go to the replacement or back, the role ends, nothing more is assigned.

    Raises
    ------
    InvalidInput
        Without a reason, or when the replacement is not an active judge, or the same judge.
    Conflict
        When the judge has left already.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(DeactivationSchema, {"reason": reason, "replacement": replacement_key})
    judge = _judge(session, competition_row, judge_key)
    if not judge.is_active:
        raise Conflict(Message("{judge} has left already.", judge=judge.name))
    replacement = _replacement(session, competition_row, judge, request["replacement"])
    return leave(session, actor, competition_row, judge, replacement, reason=request["reason"], at=at)


def leave(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    judge: tables.Judge,
    replacement: tables.Judge | None,
    *,
    reason: str,
    at: datetime,
) -> Leaving:
    """Let a judge leave; the caller has checked permissions and input."""
    rounds = changing_rounds(session, competition_row, locked=True)
    effect = effect_on(session, judge, replacement, rounds)
    judge.is_active, judge.left_at, judge.left_reason = False, at, reason
    judge.replaced_by = None if replacement is None else replacement.key
    session.add(judge)
    moving = set(effect.moving)
    open_rows, _ = split_active(session, list(assignments_of(session, rounds, judge=judge)))
    present = {} if replacement is None else by_place(session, rounds, replacement)
    for assignment, _, proposal in open_rows:
        withdraw_by_plan(assignment, reason=JUDGE_LEFT)
        session.add(assignment)
        if replacement is not None and proposal.key in moving:
            row = present.get((assignment.round_id, assignment.proposal_id))
            session.add(taken_over(row, assignment, judge, replacement, at=at))
    end_role(session, actor, judge, at=at)
    session.flush()
    changes = {"is_active": ["yes", "no"]} | ({} if replacement is None else {"replaced_by": ["", replacement.key]})
    RosterLog(session, actor, competition_row.pk, at=at).note("judges", judge.key, "left", changes, reason=reason)
    detail = {
        "reason": reason,
        "replacement": judge.replaced_by,
        "moved": list(effect.moving),
        "taken_back": list(effect.falling_back),
    }
    audit.record(
        session,
        actor,
        "roster.judge_left",
        f"{competition_row.key} {judge.key}",
        at=at,
        competition_id=competition_row.pk,
        detail=detail,
    )
    return effect


def put_back_judge(
    session: Session, actor: Actor, competition_key: str, judge_key: str, *, reason: str, at: datetime
) -> Return:
    """Undo that a judge left: the role comes back, and the assignments that nobody else has begun.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When the judge has not left.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(WithdrawalSchema, {"reason": reason})
    judge = _judge(session, competition_row, judge_key)
    if judge.is_active:
        raise Conflict(Message("{judge} has not left.", judge=judge.name))
    return come_back(session, actor, competition_row, judge, reason=request["reason"], at=at)


def come_back(
    session: Session,
    actor: Actor,
    competition_row: tables.Competition,
    judge: tables.Judge,
    *,
    reason: str,
    at: datetime,
) -> Return:
    """Let a judge who has left take part again; the caller has checked permissions and input."""
    rounds = changing_rounds(session, competition_row, locked=True)
    judge.is_active = True
    restored, left = restore(session, judge, rounds)
    changes = {"is_active": ["no", "yes"]} | ({"replaced_by": [judge.replaced_by, ""]} if judge.replaced_by else {})
    judge.left_at = judge.left_reason = judge.replaced_by = None
    session.add(judge)
    give_role_back(session, actor, judge, at=at)
    session.flush()
    practice.follow_roster(session, competition_row, at=at)
    RosterLog(session, actor, competition_row.pk, at=at).note("judges", judge.key, "put_back", changes, reason=reason)
    audit.record(
        session,
        actor,
        "roster.judge_put_back",
        f"{competition_row.key} {judge.key}",
        at=at,
        competition_id=competition_row.pk,
        detail={"reason": reason, "restored": restored, "left": left},
    )
    return Return(restored=tuple(restored), left=tuple(left))


def _judge(session: Session, competition_row: tables.Competition, key: str) -> tables.Judge:
    judge = session.exec(
        select(tables.Judge).where(tables.Judge.competition_id == competition_row.id, tables.Judge.key == key)
    ).one_or_none()
    if judge is None:
        raise NotFound(Message("there is no judge `{judge}`", judge=key))
    return judge


def _replacement(
    session: Session, competition_row: tables.Competition, judge: tables.Judge, key: str
) -> tables.Judge | None:
    if not key:
        return None
    replacement = session.exec(
        select(tables.Judge).where(tables.Judge.competition_id == competition_row.id, tables.Judge.key == key)
    ).one_or_none()
    if replacement is None:
        raise InvalidInput({"replacement": Message("there is no judge `{judge}`", judge=key)})
    if replacement.pk == judge.pk or not replacement.is_active:
        raise InvalidInput({"replacement": Message("choose another judge, who is active")})
    return replacement
