"""Which kinds of conflicts of interest a competition has, and how one is stored."""

from __future__ import annotations

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CONFLICT_KINDS
from judging.errors import InvalidInput, Message
from judging.services.competitions.definitions import definition_of


def stored_kind(competition: tables.Competition, kind: str) -> tuple[str, str | None]:
    """Return the kind as rows have it: a kind of the competition's own is ``other`` with its key.

    Raises
    ------
    InvalidInput
        When the competition has no such kind.
    """
    if kind in CONFLICT_KINDS:
        return kind, None
    if kind in definition_of(competition).policies.own_conflict_keys:
        return "other", kind
    raise InvalidInput({"kind": Message("Choose one of the values.")})


def kinds_in_use(session: Session, competition: tables.Competition) -> set[str]:
    """Return the kinds of the competition's own that some conflict has."""
    found: set[str | None] = set()
    for table in (tables.JudgeConflict, tables.ConflictOfInterest):
        found |= set(
            session.exec(
                select(table.own_kind)
                .join(tables.Proposal, col(tables.Proposal.id) == col(table.proposal_id))
                .where(tables.Proposal.competition_id == competition.id)
            )
        )
    return {kind for kind in found if kind is not None}
