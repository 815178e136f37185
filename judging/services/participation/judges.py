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
from judging.services.assignments.assigning import JUDGE_LEFT, activate, withdraw_by_plan
from judging.services.assignments.permitted import PermittedPairs
from judging.services.authentication.sessions import end_all
from judging.services.authentication.sign_in import revoke_unused_links
from judging.services.participation.open_assignments import (
    Row,
    assignments_of,
    changing_rounds,
    split_active,
    with_sheets,
)
from judging.services.people.granting import give_role, roles_of
from judging.services.roster_entries.history import RosterLog
from judging.services.rounds import practice

_INSTEAD = "instead of {judge}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What happens when a judge leaves.

    Attributes
    ----------
    judge, replacement : tables.Judge
        ``replacement`` is None when nobody takes over.
    staying, moving, falling_back : tuple of str
        Proposals: with a submitted scoresheet that counts, taken over, and free for a plan.
    refused : tuple of (proposal, reason)
        Those of ``falling_back`` that the replacement may not score.
    n_drafts : int
        Scoresheets that the judge had begun and not submitted; they count for nothing.
    load_after : int or None
        Of the replacement, in all rounds that are not closed.
    """

    judge: tables.Judge
    replacement: tables.Judge | None
    staying: tuple[str, ...]
    moving: tuple[str, ...]
    falling_back: tuple[str, ...]
    refused: tuple[tuple[str, Message], ...]
    n_drafts: int
    load_after: int | None


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
    return _effect(session, judge, replacement, changing_rounds(session, competition_row, locked=False))


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
    effect = _effect(session, judge, replacement, rounds)
    judge.is_active, judge.left_at, judge.left_reason = False, at, reason
    judge.replaced_by = None if replacement is None else replacement.key
    session.add(judge)
    taken_over = set(effect.moving)
    open_rows, _ = split_active(session, list(assignments_of(session, rounds, judge=judge)))
    present = {} if replacement is None else _by_place(session, rounds, replacement)
    for assignment, _, proposal in open_rows:
        withdraw_by_plan(assignment, reason=JUDGE_LEFT)
        session.add(assignment)
        if replacement is not None and proposal.key in taken_over:
            row = present.get((assignment.round_id, assignment.proposal_id))
            session.add(_taken_over(row, assignment, judge, replacement, at=at))
    _end_role(session, actor, judge, at=at)
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
        "judge.left",
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
    restored, left = _restore(session, judge, rounds)
    changes = {"is_active": ["no", "yes"]} | ({"replaced_by": [judge.replaced_by, ""]} if judge.replaced_by else {})
    judge.left_at = judge.left_reason = judge.replaced_by = None
    session.add(judge)
    _give_role_back(session, actor, judge, at=at)
    session.flush()
    practice.follow_roster(session, competition_row, at=at)
    RosterLog(session, actor, competition_row.pk, at=at).note("judges", judge.key, "put_back", changes, reason=reason)
    audit.record(
        session,
        actor,
        "judge.put_back",
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


def _effect(
    session: Session, judge: tables.Judge, replacement: tables.Judge | None, rounds: list[tables.Round]
) -> Leaving:
    open_rows, scored = split_active(session, list(assignments_of(session, rounds, judge=judge)))
    moving: list[str] = []
    refused: list[tuple[str, Message]] = []
    load_after = None
    if replacement is not None:
        by_round = {row.pk: row for row in rounds}
        # One judge for another: the number of scoresheets of a proposal stays as it is.
        permitted = {pk: PermittedPairs.of(session, row, at_most=False) for pk, row in by_round.items()}
        existing = _by_place(session, rounds, replacement)
        for assignment, _, proposal in open_rows:
            present = existing.get((assignment.round_id, assignment.proposal_id))
            refusal = permitted[assignment.round_id].refusal(replacement, proposal) or _not_free(present, replacement)
            if refusal is None:
                moving.append(proposal.key)
            else:
                refused.append((proposal.key, refusal))
        load_after = sum(row.state == "active" for row in existing.values()) + len(moving)
    return Leaving(
        judge=judge,
        replacement=replacement,
        staying=tuple(row[2].key for row in scored),
        moving=tuple(moving),
        falling_back=tuple(row[2].key for row in open_rows if row[2].key not in moving),
        refused=tuple(refused),
        n_drafts=len(with_sheets(session, [row[0].pk for row in open_rows])),
        load_after=load_after,
    )


def _not_free(present: tables.Assignment | None, replacement: tables.Judge) -> Message | None:
    if present is None or (present.state == "withdrawn" and present.withdrawn_by_plan):
        return None
    if present.state == "active":
        return Message("{judge} scores it already", judge=replacement.name)
    if present.state == "recused":
        return Message("{judge} has given it back", judge=replacement.name)
    return Message("it was taken back from {judge} by hand", judge=replacement.name)


def _by_place(
    session: Session, rounds: list[tables.Round], judge: tables.Judge
) -> dict[tuple[int, int], tables.Assignment]:
    """Return the assignments of a judge by round and proposal, in any state."""
    rows = assignments_of(session, rounds, judge=judge)
    return {(assignment.round_id, assignment.proposal_id): assignment for assignment, _, _ in rows}


def _taken_over(
    row: tables.Assignment | None,
    assignment: tables.Assignment,
    judge: tables.Judge,
    replacement: tables.Judge,
    *,
    at: datetime,
) -> tables.Assignment:
    """Return the assignment of the replacement: a new one, or one that a plan had taken back."""
    if row is None:
        row = tables.Assignment(
            round_id=assignment.round_id,
            judge_id=replacement.pk,
            proposal_id=assignment.proposal_id,
            source=assignment.source,
            assigned_at=at,
        )
    else:
        activate(row, source=assignment.source)
        row.assigned_at = at
    # By this the assignment is found again when the judge comes back.
    row.reason = _INSTEAD.format(judge=judge.key)
    return row


def _restore(session: Session, judge: tables.Judge, rounds: list[tables.Round]) -> tuple[list[str], list[str]]:
    """Return the proposals that the judge has again, and those that others have begun or must not be given back."""
    restored: list[str] = []
    left: list[str] = []
    free: list[Row] = []
    taken_over = _taken_over_from(session, rounds, judge)
    begun = with_sheets(session, [row.pk for row in taken_over.values()])
    for row in list(assignments_of(session, rounds, judge=judge)):
        assignment, _, proposal = row
        if assignment.state != "withdrawn" or assignment.reason != JUDGE_LEFT:
            continue
        instead = taken_over.get((assignment.round_id, assignment.proposal_id))
        if instead is not None and instead.pk in begun:
            left.append(proposal.key)
            continue
        if instead is not None:
            withdraw_by_plan(instead)
            session.add(instead)
        free.append(row)
    session.flush()
    permitted = {row.pk: PermittedPairs.of(session, row) for row in rounds}
    for assignment, _, proposal in free:
        of_round = permitted[assignment.round_id]
        if of_round.refusal(judge, proposal) is not None:
            left.append(proposal.key)
            continue
        activate(assignment, source=assignment.source)
        session.add(assignment)
        of_round.add(proposal)
        restored.append(proposal.key)
    return restored, left


def _taken_over_from(
    session: Session, rounds: list[tables.Round], judge: tables.Judge
) -> dict[tuple[int, int], tables.Assignment]:
    """Return what others score in the place of a judge, by round and proposal."""
    rows = session.exec(
        select(tables.Assignment).where(
            col(tables.Assignment.round_id).in_([row.pk for row in rounds]),
            tables.Assignment.state == "active",
            tables.Assignment.reason == _INSTEAD.format(judge=judge.key),
        )
    )
    return {(row.round_id, row.proposal_id): row for row in rows}


def _end_role(session: Session, actor: Actor, judge: tables.Judge, *, at: datetime) -> None:
    """End the role of the judge; without any other role the person can no longer sign in."""
    if judge.person_id is None:
        return
    roles = roles_of(session, judge.person_id)
    for role in roles:
        if role.competition_id == judge.competition_id and role.role == "judge":
            session.delete(role)
    session.flush()
    person = session.get_one(tables.Person, judge.person_id)
    if person.is_active and not roles_of(session, person.pk):
        person.is_active = False
        session.add(person)
        revoke_unused_links(session, person.pk, at=at)
        end_all(session, person.pk, "deactivated", at=at)


def _give_role_back(session: Session, actor: Actor, judge: tables.Judge, *, at: datetime) -> None:
    if judge.person_id is None:
        return
    person = session.get_one(tables.Person, judge.person_id)
    if not person.is_active and roles_of(session, person.pk):
        raise Conflict(Message("This account is switched off. Only the command line can switch it on again."))
    person.is_active = True
    session.add(person)
    role = select(tables.Role).where(
        tables.Role.person_id == person.id,
        tables.Role.competition_id == judge.competition_id,
        col(tables.Role.role) == "judge",
    )
    if session.exec(role).first() is None:
        give_role(session, actor, person, judge.competition_id, "judge", None, given_by=actor.person_id, at=at)
