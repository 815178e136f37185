"""Proposals are withdrawn and put back.

A withdrawn proposal takes no part any more: no rank, no seat of a quota, no place in a judge's queue. Its scoresheets
stay stored as facts. A round that was released before stays as it was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Listed, Message, NotFound
from judging.schemas.typed_decisions import WithdrawalSchema, load
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.assignments.assigning import PROPOSAL_WITHDRAWN, activate, withdraw_by_plan
from judging.services.assignments.permitted import PermittedPairs
from judging.services.competitions.definitions import list_rounds
from judging.services.decisions.awards import awards_of
from judging.services.participation.open_assignments import assignments_of, changing_rounds, split_active
from judging.services.releases.states import find_in_force
from judging.services.roster_entries.history import RosterLog
from judging.services.rounds import practice


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What happens when a proposal is withdrawn.

    Attributes
    ----------
    proposal : tables.Proposal
    rounds : tuple of tables.Round
        Which it leaves.
    released : tuple of tables.Round
        Where it takes part and stays, because their results are released.
    n_taken_back : int
        Assignments without a submitted scoresheet.
    n_facts : int
        Submitted scoresheets, which stay stored and no longer count.
    """

    proposal: tables.Proposal
    rounds: tuple[tables.Round, ...]
    released: tuple[tables.Round, ...]
    n_taken_back: int
    n_facts: int


def get_proposal_by_key(session: Session, actor: Actor, competition_key: str, proposal_key: str) -> tables.Proposal:
    """Return a proposal of the roster, for organisers and auditors."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    return _proposal(session, competition_row, proposal_key)


def effect_of_withdrawal(session: Session, actor: Actor, competition_key: str, proposal_key: str) -> Withdrawal:
    """Return what would happen if a proposal were withdrawn now; it changes nothing.

    Raises
    ------
    Conflict
        When it is withdrawn already, or holds an award that has not been released.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    return _effect(session, competition_row, _proposal(session, competition_row, proposal_key))


def withdraw_proposal(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, *, reason: str, at: datetime
) -> Withdrawal:
    """Withdraw a proposal from every round that has not been released.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When it is withdrawn already, or holds an award that has not been released.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(WithdrawalSchema, {"reason": reason})
    proposal = _proposal(session, competition_row, proposal_key)
    changing = changing_rounds(session, competition_row, locked=True)
    effect = _effect(session, competition_row, proposal)
    proposal.withdrawn_at, proposal.withdrawn_reason = at, request["reason"]
    session.add(proposal)
    for taking_part in _taking_part(session, proposal, effect.rounds):
        taking_part.withdrawn_at = at
        session.add(taking_part)
    open_rows, _ = split_active(session, list(assignments_of(session, changing, proposal=proposal)))
    for assignment, _, _ in open_rows:
        withdraw_by_plan(assignment, reason=PROPOSAL_WITHDRAWN)
        session.add(assignment)
    session.flush()
    RosterLog(session, actor, competition_row.pk, at=at).note(
        "proposals", proposal.key, "withdrawn", {}, reason=request["reason"]
    )
    audit.record(
        session,
        actor,
        "roster.proposal_withdrawn",
        f"{competition_row.key} {proposal.key}",
        at=at,
        competition_id=competition_row.pk,
        detail={
            "reason": request["reason"],
            "rounds": [row.key for row in effect.rounds],
            "taken_back": effect.n_taken_back,
            "facts": effect.n_facts,
        },
    )
    return effect


def put_back_proposal(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, *, reason: str, at: datetime
) -> int:
    """Undo a withdrawal: the proposal takes part again where it did, with its assignments; returns their number.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When it is not withdrawn.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(WithdrawalSchema, {"reason": reason})
    proposal = _proposal(session, competition_row, proposal_key)
    if proposal.withdrawn_at is None:
        raise Conflict(Message("{proposal} is not withdrawn.", proposal=proposal.named))
    changing = changing_rounds(session, competition_row, locked=True)
    proposal.withdrawn_at = proposal.withdrawn_reason = None
    session.add(proposal)
    rounds = tuple(list_rounds(session, competition_row))
    for taking_part in _taking_part(session, proposal, rounds):
        taking_part.withdrawn_at = None
        session.add(taking_part)
    session.flush()
    permitted = {row.pk: PermittedPairs.of(session, row) for row in changing}
    n_restored = 0
    for assignment, judge, _ in list(assignments_of(session, changing, proposal=proposal)):
        of_round = permitted[assignment.round_id]
        if assignment.state != "withdrawn" or assignment.reason != PROPOSAL_WITHDRAWN:
            continue
        if of_round.refusal(judge, proposal) is None:
            activate(assignment, source=assignment.source)
            session.add(assignment)
            of_round.add(proposal)
            n_restored += 1
    session.flush()
    practice.follow_roster(session, competition_row, at=at)
    RosterLog(session, actor, competition_row.pk, at=at).note(
        "proposals", proposal.key, "put_back", {}, reason=request["reason"]
    )
    audit.record(
        session,
        actor,
        "roster.proposal_put_back",
        f"{competition_row.key} {proposal.key}",
        at=at,
        competition_id=competition_row.pk,
        detail={"reason": request["reason"], "restored": n_restored},
    )
    return n_restored


def _proposal(session: Session, competition_row: tables.Competition, key: str) -> tables.Proposal:
    proposal = session.exec(
        select(tables.Proposal).where(tables.Proposal.competition_id == competition_row.id, tables.Proposal.key == key)
    ).one_or_none()
    if proposal is None:
        raise NotFound(Message("there is no proposal `{proposal}`", proposal=key))
    return proposal


def _effect(session: Session, competition_row: tables.Competition, proposal: tables.Proposal) -> Withdrawal:
    if proposal.withdrawn_at is not None:
        raise Conflict(Message("{proposal} is withdrawn already.", proposal=proposal.named))
    rounds = list_rounds(session, competition_row)
    taking_part = {row.round_id for row in _taking_part(session, proposal, tuple(rounds))}
    released = tuple(
        row for row in rounds if row.pk in taking_part and find_in_force(session, competition_row, row) is not None
    )
    leaving = tuple(row for row in rounds if row.pk in taking_part and row not in released)
    held = [
        award.key
        for row in leaving
        for award in awards_of(session, row)
        if proposal.key in {winner.proposal for winner in award.winners}
    ]
    if held:
        raise Conflict(
            Message(
                "{proposal} holds the award {awards}; a chair withdraws it first.",
                proposal=proposal.named,
                awards=Listed(held),
            )
        )
    rows = list(assignments_of(session, list(leaving), proposal=proposal))
    open_rows, scored = split_active(session, rows)
    still_open = {row.pk for row in leaving if row.state != "closed"}
    return Withdrawal(
        proposal=proposal,
        rounds=leaving,
        released=released,
        n_taken_back=sum(row[0].round_id in still_open for row in open_rows),
        n_facts=len(scored),
    )


def _taking_part(
    session: Session, proposal: tables.Proposal, rounds: tuple[tables.Round, ...]
) -> list[tables.RoundProposal]:
    return list(
        session.exec(
            select(tables.RoundProposal).where(
                tables.RoundProposal.proposal_id == proposal.id,
                col(tables.RoundProposal.round_id).in_([row.pk for row in rounds]),
            )
        )
    )
