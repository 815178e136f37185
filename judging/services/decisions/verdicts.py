"""Verdicts of the chairs on single proposals, and the shortlist according to the rule and the verdicts.

A verdict is never a number: scores, ranks and the run do not change. ``in`` and ``out`` are decisions of people;
``rule`` cancels an earlier verdict.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.final_shortlist import FinalShortlist, Verdict, settle
from judging.schemas.typed_decisions import DecisionSchema, LeavingSchema, load
from judging.services import audit
from judging.services.access import Actor, get_round, require_confirmed, require_person
from judging.services.competitions.taking_part import takes_part
from judging.services.decisions.conflicts_of_interest import require_unhidden
from judging.services.runs import calibration_runs
from judging.services.runs.reports import report_of


def list_decisions(session: Session, round_row: tables.Round) -> list[Verdict]:
    """Return all verdicts of a round, oldest first."""
    rows = session.exec(
        select(tables.Decision, tables.Proposal.key, tables.Person.name)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Decision.proposal_id))
        .join(tables.Person, col(tables.Person.id) == col(tables.Decision.decided_by))
        .where(tables.Decision.round_id == round_row.id)
        .order_by(col(tables.Decision.id))
    ).all()
    return [Verdict(key, row.verdict, row.reason, row.decided_at, name) for row, key, name in rows]


def decisions_in_force(session: Session, round_row: tables.Round) -> dict[str, Verdict]:
    """Return the latest verdict on each proposal, by key, without cancelled ones and withdrawn proposals."""
    latest = {verdict.proposal: verdict for verdict in list_decisions(session, round_row)}
    withdrawn = set(
        session.exec(
            select(tables.Proposal.key)
            .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
            .where(tables.RoundProposal.round_id == round_row.id, col(tables.RoundProposal.withdrawn_at).is_not(None))
        )
    )
    return {
        key: verdict for key, verdict in sorted(latest.items()) if verdict.verdict != "rule" and key not in withdrawn
    }


def decide(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    verdict: str,
    reason: str,
    at: datetime,
) -> tables.Decision:
    """Append a verdict on a proposal.

    Raises
    ------
    NotAllowed
        When the actor is not a chair, or declared a conflict of interest with the proposal.
    InvalidInput
        Without a reason, or with an unknown verdict.
    Conflict
        When the round has no ranking, or there is no verdict to cancel.
    """
    request = load(DecisionSchema, {"proposal": proposal_key, "verdict": verdict, "reason": reason})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    decider = require_person(
        actor, Message("A decision records the name of the person who made it: sign in as a chair.")
    )
    require_confirmed(actor)
    proposal = _proposal_to_decide(session, actor, round_row, proposal_key)
    latest = session.exec(
        select(tables.Decision)
        .where(tables.Decision.round_id == round_row.id, tables.Decision.proposal_id == proposal.id)
        .order_by(col(tables.Decision.id).desc())
    ).first()
    if request["verdict"] == "rule" and (latest is None or latest.verdict == "rule"):
        raise Conflict(Message("Nothing was decided on {proposal}: the rule decides already.", proposal=proposal.key))
    # A second click sends the same verdict again.
    if latest is not None and (latest.verdict, latest.reason) == (request["verdict"], request["reason"]):
        return latest
    decision = tables.Decision(
        round_id=round_row.pk,
        proposal_id=proposal.pk,
        verdict=request["verdict"],
        reason=request["reason"],
        decided_at=at,
        decided_by=decider,
        sign_in_session_id=actor.session_id,
        confirmed_by=actor.confirmed_by,
    )
    session.add(decision)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "decision.made",
        competition_row,
        round_row,
        proposal.key,
        at=at,
        detail={"verdict": decision.verdict, "reason": decision.reason},
    )
    return decision


def replace_by_reserve(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    reason: str,
    at: datetime,
) -> str:
    """Exclude a shortlisted proposal and include a reserve in its place, for the same reason; return the reserve's key.

    The reserve is the first with whom the sealed minima and caps hold as they did (`FinalShortlist.replacements`).

    Raises
    ------
    Conflict
        When the proposal is not on the shortlist, or no reserve can take its place.
    """
    request = load(LeavingSchema, {"proposal": proposal_key, "reason": reason})
    _, round_row = get_round(session, actor, competition_key, round_key, "chair")
    run = calibration_runs.latest_run(session, actor, competition_key, round_key)
    final = final_shortlist(session, round_row, run)
    if request["proposal"] not in final.selected:
        raise Conflict(Message("{proposal} is not on the shortlist.", proposal=proposal_key))
    if not final.reserves:
        raise Conflict(Message("There is no reserve to move up."))
    reserve = final.replacements[request["proposal"]]
    if reserve is None:
        raise Conflict(
            Message(
                "With none of the reserves in the place of {proposal} the sealed minima and caps would hold. Decide on "
                "single proposals instead.",
                proposal=proposal_key,
            )
        )
    for key, verdict in ((proposal_key, "out"), (reserve, "in")):
        decide(session, actor, competition_key, round_key, key, verdict=verdict, reason=request["reason"], at=at)
    return reserve


def final_shortlist(session: Session, round_row: tables.Round, run: tables.CalibrationRun | None) -> FinalShortlist:
    """Return the shortlist of a run with the decisions in force."""
    in_force = decisions_in_force(session, round_row)
    if run is None:
        return FinalShortlist(selected=tuple(k for k, v in in_force.items() if v.verdict == "in"), overridden=in_force)
    return settle(report_of(run), in_force)


def _proposal_to_decide(session: Session, actor: Actor, round_row: tables.Round, proposal_key: str) -> tables.Proposal:
    proposal = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(takes_part(round_row), tables.Proposal.key == proposal_key)
    ).one_or_none()
    if proposal is None:
        raise NotFound(Message("This round has no proposal {proposal}.", proposal=proposal_key))
    require_unhidden(session, actor, round_row.competition_id, proposal.key)
    n_runs = session.exec(
        select(func.count(col(tables.CalibrationRun.id))).where(tables.CalibrationRun.round_id == round_row.id)
    ).one()
    if not n_runs:
        raise Conflict(Message("This round has not been calibrated yet: there is no ranking to decide on."))
    return proposal
