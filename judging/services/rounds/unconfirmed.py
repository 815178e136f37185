"""Scoresheets of an open round that somebody has typed or entered, and nobody has confirmed: closing loses them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from judging.services.access import Actor
from judging.services.scoresheets import entered, paper_comparing, paper_entries


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Judge and proposal, by name and key, of what waits: typed from paper, and entered from a file."""

    paper: tuple[tuple[str, str], ...]
    entered: tuple[tuple[str, str], ...]


def unconfirmed(session: Session, actor: Actor, competition_key: str, round_key: str) -> Unconfirmed:
    """Return what waits for a second person or the judge in a round, without what is hidden from the reader."""
    waiting = (paper_comparing.TYPED_ONCE, paper_comparing.DIFFERENT)
    paper = paper_entries.list_paper(session, actor, competition_key, round_key).sheets
    sheets = entered.list_entered(session, actor, competition_key, round_key).sheets
    return Unconfirmed(
        paper=tuple((sheet.judge.name, sheet.proposal.key) for sheet in paper if sheet.state in waiting),
        entered=tuple((sheet.judge_name, sheet.proposal) for sheet in sheets),
    )
