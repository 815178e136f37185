"""Who is to score what: assignments from a file, made by hand, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.competition_roster import CompetitionRoster, enter_round
from judging.services.scoresheets.versions import find_current

Pair = tuple[int, int]

_REASON_OF_A_PLAN = "planned anew"


def find_assignments(session: Session, round_row: tables.Round) -> dict[Pair, tables.Assignment]:
    """Return the assignments of a round, whatever their state, by judge and proposal."""
    rows = session.exec(select(tables.Assignment).where(tables.Assignment.round_id == round_row.id))
    return {(row.judge_id, row.proposal_id): row for row in rows}


def assign_pairs(
    session: Session,
    round_row: tables.Round,
    wanted: list[tuple[tables.Judge, tables.Proposal]],
    existing: Mapping[Pair, tables.Assignment],
    *,
    source: str,
    at: datetime,
) -> dict[Pair, tables.Assignment]:
    """Make those assignments that do not exist yet; their proposals take part in the round."""
    enter_round(session, round_row, [proposal for _, proposal in wanted])
    made: dict[Pair, tables.Assignment] = {}
    for judge, proposal in wanted:
        pair = (judge.pk, proposal.pk)
        if pair not in existing and pair not in made:
            made[pair] = tables.Assignment(
                round_id=round_row.pk, judge_id=pair[0], proposal_id=pair[1], source=source, assigned_at=at
            )
    session.add_all(made.values())
    session.flush()
    return made


def activate(assignment: tables.Assignment, *, source: str) -> None:
    """Give a withdrawn assignment to its judge again."""
    assignment.state, assignment.reason, assignment.withdrawn_by_plan = "active", "", False
    assignment.source = source


def withdraw_by_plan(assignment: tables.Assignment) -> None:
    """Take an assignment back so that a plan may make it again: no ban of a person's."""
    assignment.state, assignment.reason, assignment.withdrawn_by_plan = "withdrawn", _REASON_OF_A_PLAN, True


def assign(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    at: datetime,
) -> tables.Assignment:
    """Give one proposal to one judge by hand."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
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
                "{judge} has recused from {proposal}; choose another judge.", judge=judge.name, proposal=proposal.key
            )
        )
    if assignment is None:
        assignment = assign_pairs(session, round_row, [(judge, proposal)], existing, source="hand", at=at)[pair]
    elif assignment.state == "withdrawn":
        activate(assignment, source="hand")
        session.add(assignment)
        session.flush()
    else:
        return assignment
    what = f"{judge.key} {proposal.key}"
    audit.record_in_round(session, actor, "assignment.made", competition_row, round_row, what, at=at)
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
    """Take one proposal back from one judge, as long as no scoresheet was handed in.

    A submitted scoresheet counts: taking its assignment away would be a way to touch a score.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    _require_not_closed(round_row)
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
    newest = find_current(session, assignment.pk)
    if newest is not None and newest.state == "submitted":
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
    what, detail = f"{judge_key} {proposal_key}", {"reason": assignment.reason}
    audit.record_in_round(
        session, actor, "assignment.withdrawn", competition_row, round_row, what, at=at, detail=detail
    )


def _require_not_closed(round_row: tables.Round) -> None:
    if round_row.state == "closed":
        raise Conflict(Message("Round {round} is closed; reopen it first.", round=round_row.key))
