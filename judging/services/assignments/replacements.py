"""Who could score what judges have given back or left open: for each proposal short of judges since then, by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select

from judging import tables
from judging.assignment.forecast import helpful_assignments
from judging.services.assignments.assigning import JUDGE_LEFT
from judging.services.assignments.panels import Panel, panel_of
from judging.services.assignments.variances import variances_for
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.taking_part import is_not_withdrawn

_MOST_PROPOSALS, _MOST_JUDGES = 20, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A proposal that a judge has given back or left open, and that has too few judges since then.

    Attributes
    ----------
    proposal, title : str
    n_assigned, n_required : int
    judges : tuple of tables.Judge
        Who may take it and has room, the most helpful first; a few of them.
    """

    proposal: str
    title: str
    n_assigned: int
    n_required: int
    judges: tuple[tables.Judge, ...]


def is_given_back() -> ColumnElement[bool]:
    """Return the condition that a judge has stepped back from an assignment, or has left the event with it open."""
    left = and_(col(tables.Assignment.state) == "withdrawn", col(tables.Assignment.reason) == JUDGE_LEFT)
    return or_(col(tables.Assignment.state) == "recused", left)


def n_to_replace(session: Session, round_row: tables.Round) -> int:
    """Return how many scoresheets that judges gave back or left nobody has taken over, of those the rules require."""
    return sum(min(given_back, missing) for given_back, missing, _ in _short(session, round_row).values())


def replacements(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> tuple[Replacement, ...]:
    """Return the proposals that are short of judges since one gave them back, with those who could take them."""
    short = _short(session, round_row)
    if round_row.state == "closed" or not short:
        return ()
    panel = panel_of(session, competition_row, round_row)
    required = rules_of(round_row).readings.per_proposal
    return tuple(
        Replacement(
            proposal=key,
            title=panel.titles[key],
            n_assigned=n_assigned,
            n_required=required,
            judges=_who_could(session, competition_row, round_row, panel, key),
        )
        for key, (_, _, n_assigned) in sorted(short.items())[:_MOST_PROPOSALS]
        if key in panel.titles
    )


def _short(session: Session, round_row: tables.Round) -> dict[str, tuple[int, int, int]]:
    """Return how many gave back, are missing and are assigned, of each proposal given back and short, by key."""
    rules = rules_of(round_row)
    if rules.practice:
        return {}
    rows = session.exec(
        select(tables.Proposal.key, tables.Assignment.state, func.count(col(tables.Assignment.id)))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            or_(col(tables.Assignment.state) == "active", is_given_back()),
            is_not_withdrawn(),
        )
        .group_by(tables.Proposal.key, tables.Assignment.state)
    ).all()
    of_state: dict[str, Counter[str]] = {}
    for key, state, n in rows:
        of_state.setdefault(key, Counter())["active" if state == "active" else "given back"] += n
    return {
        key: (n["given back"], rules.readings.per_proposal - n["active"], n["active"])
        for key, n in of_state.items()
        if n["given back"] and n["active"] < rules.readings.per_proposal
    }


def _who_could(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, panel: Panel, key: str
) -> tuple[tables.Judge, ...]:
    roster = panel.roster
    is_it = np.array([name == key for name in roster.proposals], dtype=bool)
    only = replace(roster, eligible=roster.eligible & is_it[:, None])
    helpful = helpful_assignments(
        only,
        *panel.codes(),
        n=_MOST_JUDGES,
        variances=variances_for(session, competition_row, round_row).variances,
    )
    return tuple(panel.judges[one.judge] for one in helpful)
