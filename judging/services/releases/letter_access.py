"""Who may see letters to teams."""

from __future__ import annotations

from sqlmodel import Session

from judging import tables
from judging.errors import Message, NotAllowed
from judging.services.access import Actor
from judging.services.decisions.conflicts_of_interest import hidden_proposals


def require_no_conflict(session: Session, actor: Actor, competition_row: tables.Competition) -> None:
    """Raise NotAllowed for an actor with a conflict of interest: the letters tell every result."""
    if hidden_proposals(session, actor, competition_row.pk):
        raise NotAllowed(Message("You have a conflict of interest here; the letters tell the results of all teams."))
