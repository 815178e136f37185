"""Further scoresheets: a chair assigns what is suggested, and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.errors import Conflict, Message
from judging.schemas.typed_decisions import FurtherReadingSchema, load
from judging.services import audit
from judging.services.access import Actor, get_round
from judging.services.assignments.assigning import activate, assign_pairs, find_assignments
from judging.services.assignments.permitted import PermittedPairs
from judging.services.assignments.reading_suggestions import FurtherReadings, collect_state
from judging.services.decisions.asking import tell_judge
from judging.services.decisions.conflicts_of_interest import require_unhidden
from judging.services.mail.mailer import Mailer


def ask(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    suggested: FurtherReadings,
    proposal_key: str,
    judge_key: str,
    at: datetime,
    mailer: Mailer | None = None,
) -> tables.Assignment:
    """Assign a suggested proposal to the suggested judge.

    Only suggestions can be assigned: the sealed rules decide which proposals get further scoresheets.

    Parameters
    ----------
    session, actor, competition_key, round_key
        A chair.
    suggested : FurtherReadings
        Computed a moment ago for this actor.
    proposal_key, judge_key : str
    at : datetime

    Raises
    ------
    Conflict
        When the round is not open, the rules allow no more, or this pair is not suggested (any more).
    """
    request = load(FurtherReadingSchema, {"proposal": proposal_key, "judge": judge_key})
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    # Two chairs at the same time must not both use the last further scoresheet.
    session.refresh(round_row, with_for_update={"key_share": True})
    require_unhidden(session, actor, competition_row.pk, request["proposal"])
    if suggested.basis != collect_state(session, actor, competition_key, round_key).digest:
        raise Conflict(
            Message(
                "Scores or assignments changed at the same moment. Look at the suggestions again, and ask once more."
            )
        )
    if suggested.obstacle is not None:
        raise Conflict(suggested.obstacle)
    gain = next(
        (
            suggestion.gain
            for suggestion in suggested.suggestions
            if (suggestion.proposal, suggestion.judge) == (request["proposal"], request["judge"])
        ),
        None,
    )
    if gain is None:
        raise Conflict(
            Message(
                "A scoresheet of {judge} for {proposal} is not suggested (any more). Look at the suggestions again.",
                proposal=request["proposal"],
                judge=request["judge"],
            )
        )
    judge = session.exec(
        select(tables.Judge).where(
            tables.Judge.competition_id == competition_row.id, tables.Judge.key == request["judge"]
        )
    ).one()
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition_row.id, tables.Proposal.key == request["proposal"]
        )
    ).one()
    if refusal := PermittedPairs.of(session, round_row).refusal(judge, proposal):
        raise Conflict(refusal)
    pair = (judge.pk, proposal.pk)
    existing = find_assignments(session, round_row)
    assignment = existing.get(pair)
    if assignment is None:
        assignment = assign_pairs(session, round_row, [(judge, proposal)], existing, source="plan", at=at)[pair]
    else:
        activate(assignment, source="plan")
        assignment.assigned_at = at
        session.add(assignment)
        session.flush()
    audit.record_in_round(
        session,
        actor,
        "reading.asked",
        competition_row,
        round_row,
        f"{proposal.key} {judge.key}",
        at=at,
        detail={"gain": round(gain, 6), "used_before": suggested.budget.n_used, "extra": suggested.budget.policy.extra},
    )
    tell_judge(session, mailer, actor, competition_row, round_row, judge, proposal, at=at)
    return assignment
