"""Which proposals take part in a round: conditions of statements."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select

from judging import tables


def takes_part(round_row: tables.Round) -> ColumnElement[bool]:
    """Return the condition that a row of ``RoundProposal`` is of this round, and its proposal was not withdrawn."""
    return and_(col(tables.RoundProposal.round_id) == round_row.id, col(tables.RoundProposal.withdrawn_at).is_(None))


def is_not_withdrawn() -> ColumnElement[bool]:
    """Return the condition that the proposal of an assignment was not withdrawn from the assignment's round."""
    withdrawn = (
        select(tables.RoundProposal.round_id)
        .where(
            col(tables.RoundProposal.round_id) == col(tables.Assignment.round_id),
            col(tables.RoundProposal.proposal_id) == col(tables.Assignment.proposal_id),
            col(tables.RoundProposal.withdrawn_at).is_not(None),
        )
        .correlate(tables.Assignment)
    )
    return ~withdrawn.exists()
