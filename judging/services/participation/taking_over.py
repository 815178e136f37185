"""Who takes over the open scoresheets of a judge who leaves, and what comes back with the judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.services.assignments.assigning import JUDGE_LEFT, activate, withdraw_by_plan
from judging.services.assignments.permitted import PermittedPairs
from judging.services.participation.open_assignments import Row, assignments_of, split_active, with_sheets

_INSTEAD = "instead of {judge}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What happens when a judge leaves.

    Attributes
    ----------
    judge, replacement : tables.Judge
        ``replacement`` is None when nobody takes over.
    staying, moving, falling_back : tuple of str
        Proposals: with a submitted scoresheet that counts, taken over, and free for a plan.
    refused : tuple of (proposal, reason)
        Those of ``falling_back`` that the replacement may not score.
    n_drafts : int
        Scoresheets that the judge had begun and not submitted; they count for nothing.
    load_after : int or None
        Of the replacement, in all rounds that are not closed.
    """

    judge: tables.Judge
    replacement: tables.Judge | None
    staying: tuple[str, ...]
    moving: tuple[str, ...]
    falling_back: tuple[str, ...]
    refused: tuple[tuple[str, Message], ...]
    n_drafts: int
    load_after: int | None


def effect_on(
    session: Session, judge: tables.Judge, replacement: tables.Judge | None, rounds: list[tables.Round]
) -> Leaving:
    """Return what happens in the given rounds when a judge leaves; it changes nothing."""
    open_rows, scored = split_active(session, list(assignments_of(session, rounds, judge=judge)))
    moving: list[str] = []
    refused: list[tuple[str, Message]] = []
    load_after = None
    if replacement is not None:
        by_round = {row.pk: row for row in rounds}
        # One judge for another: the number of scoresheets of a proposal stays as it is.
        permitted = {pk: PermittedPairs.of(session, row, at_most=False) for pk, row in by_round.items()}
        existing = by_place(session, rounds, replacement)
        for assignment, _, proposal in open_rows:
            present = existing.get((assignment.round_id, assignment.proposal_id))
            refusal = permitted[assignment.round_id].refusal(replacement, proposal) or _not_free(present, replacement)
            if refusal is None:
                moving.append(proposal.key)
            else:
                refused.append((proposal.key, refusal))
        load_after = sum(row.state == "active" for row in existing.values()) + len(moving)
    return Leaving(
        judge=judge,
        replacement=replacement,
        staying=tuple(row[2].key for row in scored),
        moving=tuple(moving),
        falling_back=tuple(row[2].key for row in open_rows if row[2].key not in moving),
        refused=tuple(refused),
        n_drafts=len(with_sheets(session, [row[0].pk for row in open_rows])),
        load_after=load_after,
    )


def _not_free(present: tables.Assignment | None, replacement: tables.Judge) -> Message | None:
    if present is None or (present.state == "withdrawn" and present.withdrawn_by_plan):
        return None
    if present.state == "active":
        return Message("{judge} scores it already", judge=replacement.name)
    if present.state == "recused":
        return Message("{judge} has given it back", judge=replacement.name)
    return Message("it was taken back from {judge} by hand", judge=replacement.name)


def by_place(
    session: Session, rounds: list[tables.Round], judge: tables.Judge
) -> dict[tuple[int, int], tables.Assignment]:
    """Return the assignments of a judge by round and proposal, in any state."""
    rows = assignments_of(session, rounds, judge=judge)
    return {(assignment.round_id, assignment.proposal_id): assignment for assignment, _, _ in rows}


def taken_over(
    row: tables.Assignment | None,
    assignment: tables.Assignment,
    judge: tables.Judge,
    replacement: tables.Judge,
    *,
    at: datetime,
) -> tables.Assignment:
    """Return the assignment of the replacement: a new one, or one that a plan had taken back."""
    if row is None:
        row = tables.Assignment(
            round_id=assignment.round_id,
            judge_id=replacement.pk,
            proposal_id=assignment.proposal_id,
            source=assignment.source,
            assigned_at=at,
        )
    else:
        activate(row, source=assignment.source)
        row.assigned_at = at
    # By this the assignment is found again when the judge comes back.
    row.reason = _INSTEAD.format(judge=judge.key)
    return row


def restore(session: Session, judge: tables.Judge, rounds: list[tables.Round]) -> tuple[list[str], list[str]]:
    """Return the proposals that the judge has again, and those that others have begun or must not be given back."""
    restored: list[str] = []
    left: list[str] = []
    free: list[Row] = []
    others = _taken_over_from(session, rounds, judge)
    begun = with_sheets(session, [row.pk for row in others.values()])
    for row in list(assignments_of(session, rounds, judge=judge)):
        assignment, _, proposal = row
        if assignment.state != "withdrawn" or assignment.reason != JUDGE_LEFT:
            continue
        instead = others.get((assignment.round_id, assignment.proposal_id))
        if instead is not None and instead.pk in begun:
            left.append(proposal.key)
            continue
        if instead is not None:
            withdraw_by_plan(instead)
            session.add(instead)
        free.append(row)
    session.flush()
    permitted = {row.pk: PermittedPairs.of(session, row) for row in rounds}
    for assignment, _, proposal in free:
        of_round = permitted[assignment.round_id]
        if of_round.refusal(judge, proposal) is not None:
            left.append(proposal.key)
            continue
        activate(assignment, source=assignment.source)
        session.add(assignment)
        of_round.add(proposal)
        restored.append(proposal.key)
    return restored, left


def _taken_over_from(
    session: Session, rounds: list[tables.Round], judge: tables.Judge
) -> dict[tuple[int, int], tables.Assignment]:
    """Return what others score in the place of a judge, by round and proposal."""
    rows = session.exec(
        select(tables.Assignment).where(
            col(tables.Assignment.round_id).in_([row.pk for row in rounds]),
            tables.Assignment.state == "active",
            tables.Assignment.reason == _INSTEAD.format(judge=judge.key),
        )
    )
    return {(row.round_id, row.proposal_id): row for row in rows}
