"""A judge who scores a proposal again because of an appeal: whom to ask, and ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.appeals import AppealJudgeSchema
from judging.schemas.typed_decisions import load
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.appeals.appeals import ListedAppeal, get_appeal, require_open
from judging.services.assignments.assigning import assign_pairs, find_assignments
from judging.services.assignments.permitted import PermittedPairs
from judging.services.decisions.asking import tell_judge
from judging.services.mail.mailer import Mailer
from judging.services.scoresheets.versions import counts_in_results, has_submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A judge who may score the proposal of an appeal.

    Attributes
    ----------
    key, name, city : str
    n_sheets : int
        Those that count in this round.
    is_awaited : bool
        Whether the judge was assigned the proposal and has not submitted.
    """

    key: str
    name: str
    city: str
    n_sheets: int
    is_awaited: bool = False


def candidates_for(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int
) -> list[Candidate]:
    """Return the judges who may be asked, the proposed one first.

    First is who was assigned the proposal and has not submitted, as the plan meant it. Then comes the one with the most
    scoresheets that count: this judge's severity is known best, so one more scoresheet tells most. Left out is who has
    scored the proposal or gave it back, and who has a conflict of interest with it.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return _candidates(session, round_row, get_appeal(session, actor, competition_key, round_key, number))


def _candidates(session: Session, round_row: tables.Round, appeal: ListedAppeal) -> list[Candidate]:
    permitted = PermittedPairs.of(session, round_row, at_most=False)
    proposal = session.get_one(tables.Proposal, appeal.row.proposal_id)
    had = session.exec(
        select(tables.Assignment).where(
            tables.Assignment.round_id == round_row.id, tables.Assignment.proposal_id == proposal.pk
        )
    ).all()
    awaited = {one.judge_id for one in had if one.state == "active" and not has_submitted(session, one.pk)}
    taken = {one.judge_id for one in had} - awaited
    counts = Counter(
        session.exec(
            select(tables.Assignment.judge_id)
            .join(tables.Scoresheet, col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id))
            .where(tables.Assignment.round_id == round_row.id, counts_in_results())
        )
    )
    judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == round_row.competition_id)).all()
    found = [
        Candidate(
            key=judge.key,
            name=judge.name,
            city=judge.city,
            n_sheets=counts[judge.pk],
            is_awaited=judge.pk in awaited,
        )
        for judge in judges
        if judge.pk not in taken and permitted.refusal(judge, proposal) is None
    ]
    return sorted(found, key=lambda one: (not one.is_awaited, -one.n_sheets, one.key))


def ask_judge(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    typed: dict[str, Any],
    *,
    at: datetime,
    mailer: Mailer | None = None,
) -> tables.AppealReading:
    """Let a judge score the proposal of an appeal, and only it, also in a closed round; the caller commits.

    Raises
    ------
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    InvalidInput
        When the judge may not be asked.
    Conflict
        When the appeal is settled, or a judge who was asked has not submitted.
    """
    request = load(AppealJudgeSchema, typed)
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, Message("An appeal records who did what: sign in."))
    require_confirmed(actor)
    appeal = get_appeal(session, actor, competition_key, round_key, number)
    require_open(appeal)
    if any(not one.is_submitted for one in appeal.judges):
        raise Conflict(Message("A judge was asked and has not submitted yet."))
    keys = {one.key for one in _candidates(session, round_row, appeal)}
    if request["judge"] not in keys:
        raise InvalidInput(
            {"judge": [Message("This judge has or had the proposal, is not active, or has a conflict of interest.")]}
        )
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_row.id, tables.Judge.key == request["judge"]
        )
    ).one()
    proposal = session.get_one(tables.Proposal, appeal.row.proposal_id)
    existing = find_assignments(session, round_row)
    pair = (judge.pk, proposal.pk)
    assignment = existing.get(pair)
    if assignment is None:
        assignment = assign_pairs(session, round_row, [(judge, proposal)], existing, source="hand", at=at)[pair]
    reading = tables.AppealReading(appeal_id=appeal.row.pk, assignment_id=assignment.pk, asked_at=at, asked_by=person)
    session.add(reading)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "appeal.judge_asked",
        competition_row,
        round_row,
        f"appeal {number} {proposal.key} {judge.key}",
        at=at,
        detail={"confirmed_by": actor.confirmed_by},
    )
    tell_judge(session, mailer, actor, competition_row, round_row, judge, proposal, at=at)
    return reading
