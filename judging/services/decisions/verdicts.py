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
from judging.services.decisions.meetings import require_open
from judging.services.decisions.proposals import named
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
    return [Verdict(key, row.verdict, row.reason, row.decided_at, name, row.replaces) for row, key, name in rows]


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
    seen: int | None = None,
    meeting: int | None = None,
    replaces: str | None = None,
) -> tables.Decision:
    """Append a verdict on a proposal.

    When it brings back a proposal that had left, whoever moved up in its place is left to the rule again, by a verdict
    of its own: the reason to move up no longer holds.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair.
    competition_key, round_key, proposal_key : str
    verdict, reason : str
    at : datetime
    seen : int, optional
        The newest verdict of the round that the actor has seen (`newest_decision`): a later one on this proposal is not
        written over.
    meeting : int, optional
        Number of the meeting in which it is given; a closed one takes none.
    replaces : str, optional
        The proposal in whose place this one moves up.

    Raises
    ------
    NotAllowed
        When the actor is not a chair, or declared a conflict of interest with the proposal.
    InvalidInput
        Without a reason, or with an unknown verdict.
    Conflict
        When the round has no ranking, there is no verdict to cancel, somebody decided meanwhile, or the meeting is
        closed.
    """
    request = load(DecisionSchema, {"proposal": proposal_key, "verdict": verdict, "reason": reason})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    decider = require_person(
        actor, Message("A decision records the name of the person who made it: sign in as a chair.")
    )
    require_confirmed(actor)
    if meeting is not None:
        require_open(session, round_row, meeting)
    # Two chairs who decide at the same moment take turns, and the second one sees the verdict of the first.
    session.refresh(round_row, with_for_update={"key_share": True})
    proposal = _proposal_to_decide(session, actor, round_row, proposal_key)
    latest = session.exec(
        select(tables.Decision)
        .where(tables.Decision.round_id == round_row.id, tables.Decision.proposal_id == proposal.id)
        .order_by(col(tables.Decision.id).desc())
    ).first()
    if request["verdict"] == "rule" and (latest is None or latest.verdict == "rule"):
        raise Conflict(Message("Nothing was decided on {proposal}: the rule decides already.", proposal=proposal.named))
    # A second click sends the same verdict again.
    if latest is not None and (latest.verdict, latest.reason) == (request["verdict"], request["reason"]):
        return latest
    if latest is not None and seen is not None and latest.pk > seen:
        raise _decided_meanwhile(session, latest)
    decision = tables.Decision(
        round_id=round_row.pk,
        proposal_id=proposal.pk,
        verdict=request["verdict"],
        reason=request["reason"],
        replaces=replaces,
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
        detail={
            "verdict": decision.verdict,
            "reason": decision.reason,
            **({"replaces": replaces} if replaces is not None else {}),
        },
    )
    if latest is not None and latest.verdict == "out" and decision.verdict != "out":
        for key in moved_up_for(session, round_row, proposal.key):
            decide(session, actor, competition_key, round_key, key, verdict="rule", reason=decision.reason, at=at)
    return decision


def moved_up_for(session: Session, round_row: tables.Round, proposal_key: str) -> tuple[str, ...]:
    """Return who is on the shortlist only because a proposal left it."""
    in_force = decisions_in_force(session, round_row)
    return tuple(key for key, verdict in in_force.items() if verdict.replaces == proposal_key)


def replace_by_reserve(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    proposal_key: str,
    *,
    reason: str,
    at: datetime,
    seen: int | None = None,
) -> str:
    """Exclude a shortlisted proposal and include a reserve in its place, for the same reason; return the reserve's key.

    The reserve is the first with whom the sealed minima and caps hold as they did (`FinalShortlist.replacements`).

    Raises
    ------
    Conflict
        When the proposal is not on the shortlist, no reserve can take its place, or anything has been decided since
        the verdict ``seen``: the reserve that the page named may be another one now.
    """
    request = load(LeavingSchema, {"proposal": proposal_key, "reason": reason})
    _, round_row = get_round(session, actor, competition_key, round_key, "chair")
    session.refresh(round_row, with_for_update={"key_share": True})
    newest = newest_decision(session, round_row)
    if seen is not None and newest > seen:
        raise _decided_meanwhile(session, session.get_one(tables.Decision, newest))
    run = calibration_runs.latest_run(session, actor, competition_key, round_key)
    final = final_shortlist(session, round_row, run)
    if request["proposal"] not in final.selected:
        raise Conflict(
            Message("{proposal} is not on the shortlist.", proposal=_named(session, round_row, proposal_key))
        )
    if not final.reserves:
        raise Conflict(Message("There is no reserve to move up."))
    reserve = final.replacements[request["proposal"]]
    if reserve is None:
        raise Conflict(
            Message(
                "With none of the reserves in the place of {proposal} the sealed minima and caps would hold. Decide on "
                "single proposals instead.",
                proposal=_named(session, round_row, proposal_key),
            )
        )
    where = (session, actor, competition_key, round_key)
    decide(*where, proposal_key, verdict="out", reason=request["reason"], at=at)
    decide(*where, reserve, verdict="in", reason=request["reason"], replaces=proposal_key, at=at)
    return reserve


def newest_decision(session: Session, round_row: tables.Round) -> int:
    """Return the key of the newest verdict of a round, 0 without one: what a page of it has shown."""
    newest = session.exec(select(func.max(tables.Decision.id)).where(tables.Decision.round_id == round_row.id)).one()
    return newest or 0


def final_shortlist(session: Session, round_row: tables.Round, run: tables.CalibrationRun | None) -> FinalShortlist:
    """Return the shortlist of a run with the decisions in force."""
    in_force = decisions_in_force(session, round_row)
    if run is None:
        return FinalShortlist(selected=tuple(k for k, v in in_force.items() if v.verdict == "in"), overridden=in_force)
    return settle(report_of(run), in_force)


def _decided_meanwhile(session: Session, latest: tables.Decision) -> Conflict:
    proposal = session.get_one(tables.Proposal, latest.proposal_id)
    words = {"in": Message("decided in"), "out": Message("decided out"), "rule": Message("left to the rule")}
    return Conflict(
        Message(
            "{name} has decided on {proposal} since this page was made: {verdict}. Reason: {reason} Nothing is stored. "
            "What you see now is up to date; decide again if you still want to.",
            name=session.get_one(tables.Person, latest.decided_by).name,
            proposal=proposal.named,
            verdict=words[latest.verdict],
            reason=latest.reason,
        )
    )


def _named(session: Session, round_row: tables.Round, proposal_key: str) -> str:
    return named(session, round_row.competition_id, [proposal_key])[0]


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
