"""Scoresheets that a round asked for and does not have: of which proposals, and from which judges.

It is said wherever results are read or signed, also after the round was closed without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Listed, Message
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.taking_part import is_not_withdrawn, takes_part

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProposal:
    """What a proposal has of the scoresheets that were asked for.

    Attributes
    ----------
    key : str
    n_submitted : int
        Scoresheets that count.
    n_asked : int
        Those that the rules require, or those assigned where they are more.
    judges : tuple of str
        Names of the judges whose scoresheet is assigned and not submitted.
    """

    key: str
    n_submitted: int
    n_asked: int
    judges: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Return whether scoresheets are missing."""
        return self.n_submitted < self.n_asked


def read_proposals(
    session: Session,
    round_row: tables.Round,
    *,
    hidden: Collection[str] = frozenset(),
    newest_scoresheet: int | None = None,
) -> list[ReadProposal]:
    """Return what every proposal of a round has of its scoresheets, in the order of the keys.

    ``newest_scoresheet`` leaves out what was submitted after it, as for a run.
    """
    sheet, assignment = tables.Scoresheet, tables.Assignment
    conditions = [col(sheet.assignment_id) == col(assignment.id), col(sheet.state) == "submitted"]
    if newest_scoresheet is not None:
        conditions.append(col(sheet.id) <= newest_scoresheet)
    is_submitted = select(sheet.id).where(*conditions).correlate(assignment).exists()
    rows = session.exec(
        select(tables.Proposal.key, tables.Judge.name, is_submitted)
        .select_from(assignment)
        .join(tables.Proposal, col(tables.Proposal.id) == col(assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(assignment.judge_id))
        .where(assignment.round_id == round_row.id, assignment.state == "active", is_not_withdrawn())
        .order_by(tables.Judge.name)
    ).all()
    listed = session.exec(
        select(tables.Proposal.key)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(takes_part(round_row))
        .order_by(tables.Proposal.key)
    ).all()
    rules = rules_of(round_row)
    required = 0 if rules.practice else rules.readings.per_proposal
    assigned = Counter(key for key, _, _ in rows)
    submitted = Counter(key for key, _, done in rows if done)
    missing: dict[str, list[str]] = {}
    for key, name, done in rows:
        if not done:
            missing.setdefault(key, []).append(name)
    return [
        ReadProposal(
            key=key,
            n_submitted=submitted[key],
            n_asked=max(assigned[key], required),
            judges=tuple(missing.get(key, ())),
        )
        for key in listed
        if key not in hidden
    ]


def missing_sentence(read: Collection[ReadProposal]) -> Message | None:
    """Return which proposals have fewer scoresheets than asked for, and whose are missing; None when all are there."""
    short = [_said(proposal) for proposal in read if proposal.is_short]
    if not short:
        return None
    return Message(
        "Scoresheets are missing: {proposals}. What the model check says is about those that are there.",
        proposals=Listed(short, most=_MOST_NAMED),
    )


def missing_after_closing(
    session: Session,
    round_row: tables.Round,
    *,
    hidden: Collection[str] = frozenset(),
    newest_scoresheet: int | None = None,
) -> Message | None:
    """Return the sentence for a round that takes no more scoresheets; None while it is not closed, or has them all."""
    if round_row.state in ("draft", "open"):
        return None
    return missing_sentence(read_proposals(session, round_row, hidden=hidden, newest_scoresheet=newest_scoresheet))


def _said(proposal: ReadProposal) -> Message:
    counts = {"proposal": proposal.key, "done": proposal.n_submitted, "asked": proposal.n_asked}
    if not proposal.judges:
        return Message("{proposal} has {done} of {asked} (no other judge is assigned)", **counts)
    return Message(
        "{proposal} has {done} of {asked} (not submitted: {judges})", judges=Listed(proposal.judges), **counts
    )
