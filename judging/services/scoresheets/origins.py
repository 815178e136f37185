"""Scoresheets whose origin readers must know: entered by others, or saved after a link that somebody handed over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import READERS, Actor, get_round
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.handed_over import handed_over_by
from judging.services.scoresheets.versions import IMPORTED, counts_in_results


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a scoresheet that counts comes from.

    Attributes
    ----------
    proposal, judge : str
    version : int
    is_entered : bool
        Whether somebody else than the judge has entered it.
    entered_by, confirmed_by : str or None
        Names; ``entered_by`` is None for the command line.
    from_paper : bool
        Whether both typed it from paper.
    handed_over_by : str or None
        Who handed over the sign-in link of the session in which it was saved.
    """

    proposal: str
    judge: str
    version: int
    is_entered: bool = False
    entered_by: str | None = None
    confirmed_by: str | None = None
    from_paper: bool = False
    handed_over_by: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for a bundle and the API."""
        return {
            "proposal": self.proposal,
            "judge": self.judge,
            "version": self.version,
            "is_entered": self.is_entered,
            "entered_by": self.entered_by,
            "confirmed_by": self.confirmed_by,
            "from_paper": self.from_paper,
            "handed_over_by": self.handed_over_by,
        }


def list_marked(session: Session, actor: Actor, competition_key: str, round_key: str) -> list[Origin]:
    """Return the scoresheets of a round that count now and are not simply the judge's own, by proposal and judge."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return marked(session, round_row, hidden=hidden_proposals(session, actor, round_row.competition_id))


def marked(
    session: Session,
    round_row: tables.Round,
    *,
    newest_scoresheet: int | None = None,
    hidden: Collection[str] = (),
) -> list[Origin]:
    """Return the marked scoresheets that count, or that a run has counted; the caller has checked the role."""
    sheet, assignment = tables.Scoresheet, tables.Assignment
    rows = session.exec(
        select(sheet, tables.Proposal.key, tables.Judge.key)
        .join(assignment, col(assignment.id) == col(sheet.assignment_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(assignment.judge_id))
        .where(assignment.round_id == round_row.id, counts_in_results(newest_scoresheet))
        .order_by(tables.Proposal.key, tables.Judge.key)
    ).all()
    marks = handed_over_by(session, [row.pk for row, _, _ in rows])
    entered = [row for row, _, _ in rows if row.source == IMPORTED]
    names = names_of(session, {person for row in entered for person in (row.saved_by, row.confirmed_by)})
    return [
        Origin(
            proposal=proposal,
            judge=judge,
            version=row.version,
            is_entered=row.source == IMPORTED,
            entered_by=names.get(row.saved_by) if row.source == IMPORTED else None,
            confirmed_by=names.get(row.confirmed_by) if row.source == IMPORTED else None,
            from_paper=bool(row.from_paper),
            handed_over_by=marks.get(row.pk),
        )
        for row, proposal, judge in rows
        if (row.source == IMPORTED or row.pk in marks) and proposal not in hidden
    ]
