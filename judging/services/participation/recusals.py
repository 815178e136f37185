"""Ties that judges named on a scoresheet when they stepped back from it, beside the declared conflicts of interest."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.services.assignments.declared_conflicts import CONFLICT_ENTERED, declared_conflicts
from judging.services.scoresheets.given_back import GivenBack, given_back


@dataclass(frozen=True, slots=True)
class Recusal:
    """A scoresheet from which a judge stepped back because of a tie."""

    judge: tables.Judge
    proposal: tables.Proposal
    round_row: tables.Round
    why: GivenBack


def list_recusals(
    session: Session, competition_row: tables.Competition, *, person_id: int | None = None
) -> list[Recusal]:
    """Return the recusals of a competition, or those of one person, by judge and proposal.

    An abstention names no tie; a pair whose conflict is declared or entered too is in that list.
    """
    conditions = [
        col(tables.Round.competition_id) == competition_row.id,
        col(tables.Assignment.state) == "recused",
        col(tables.Assignment.reason) != CONFLICT_ENTERED,
    ]
    if person_id is not None:
        conditions.append(col(tables.Judge.person_id) == person_id)
    rows = session.exec(
        select(tables.Judge, tables.Proposal, tables.Round, tables.Assignment.reason)
        .select_from(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .where(*conditions)
        .order_by(tables.Judge.key, tables.Proposal.key)
    ).all()
    listed = declared_conflicts(session, competition_row) if rows else set()
    found = [Recusal(judge, proposal, round_row, given_back(reason)) for judge, proposal, round_row, reason in rows]
    return [one for one in found if not one.why.is_abstention and (one.proposal.key, one.judge.key) not in listed]
