"""Which scoresheet on paper somebody types next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from judging.services.access import Actor
from judging.services.scoresheets.paper_comparing import COUNTS
from judging.services.scoresheets.paper_entries import list_paper


@dataclass(frozen=True, slots=True)
class Following:
    """What comes after a sheet that was typed.

    Attributes
    ----------
    keys : (judge, proposal) or None
        The next sheet of the list that the reader has not typed and may type; None when there is none.
    has_account : bool
        Whether the judge of the typed sheet can confirm it.
    """

    keys: tuple[str, str] | None
    has_account: bool


def next_to_type(
    session: Session, actor: Actor, competition_key: str, round_key: str, judge_key: str, proposal_key: str
) -> Following:
    """Return what comes after a sheet: later sheets of the list first, then those before it."""
    listed = list_paper(session, actor, competition_key, round_key).sheets
    place = judge_key, proposal_key
    open_ones = [
        (sheet.judge.key, sheet.proposal.key)
        for sheet in listed
        if sheet.may_type and sheet.own is None and sheet.state != COUNTS
    ]
    later = [keys for keys in open_ones if keys > place] + [keys for keys in open_ones if keys < place]
    has_account = any(sheet.judge.key == judge_key and sheet.judge.person_id is not None for sheet in listed)
    return Following(later[0] if later else None, has_account)
