"""The data of a round for planning: eligible judges and existing assignments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.roster import Ints, Roster, RosterJudge, RosterProposal, build_roster
from judging.competition import CompetitionRules
from judging.services.assignments.declared_conflicts import declared_conflicts
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.taking_part import takes_part

Pair = tuple[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """The input of a plan or forecast for one round. Pairs are keys of (proposal, judge).

    Attributes
    ----------
    roster : Roster
        The round's proposals and the judges who may score them.
    judges : mapping of key to tables.Judge
        All judges of the competition.
    titles : mapping of proposal key to title
    assigned : frozenset of pairs
        Active assignments.
    fixed : frozenset of pairs
        The assignments that a plan does not change: begun, or made by hand.
    conflicts : frozenset of pairs
        Pairs with a declared conflict of interest or a recusal.
    """

    roster: Roster
    judges: Mapping[str, tables.Judge]
    titles: Mapping[str, str]
    assigned: frozenset[Pair]
    fixed: frozenset[Pair]
    conflicts: frozenset[Pair]

    def equals(self, other: Panel) -> bool:
        """Return whether a plan from the other panel would be the same."""
        names = ("assigned", "fixed", "conflicts")
        return all(getattr(self, name) == getattr(other, name) for name in names) and self.roster.equals(other.roster)

    def codes(self, pairs: frozenset[Pair] | None = None) -> tuple[Ints, Ints]:
        """Return proposals and judges of the pairs (default: the assigned ones) as codes of the roster."""
        code_of_proposal = {name: code for code, name in enumerate(self.roster.proposals)}
        code_of_judge = {name: code for code, name in enumerate(self.roster.judges)}
        known = sorted(
            (code_of_proposal[proposal], code_of_judge[judge])
            for proposal, judge in (self.assigned if pairs is None else pairs)
            if proposal in code_of_proposal and judge in code_of_judge
        )
        table = np.array(known, dtype=np.int64).reshape(len(known), 2)
        return table[:, 0], table[:, 1]


def panel_of(
    session: Session,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    only_present: bool = False,
    chosen: frozenset[str] | None = None,
) -> Panel:
    """Return the panel of a round.

    Parameters
    ----------
    session : Session
    competition_row, round_row
    only_present : bool
        Only judges with an assignment in this round, instead of every active judge of the competition.
    chosen : frozenset of str, optional
        Only these judges.
    """
    definition = definition_of(competition_row)
    # Columns, not rows of the tables: a round of 500 proposals has some 1500 assignments.
    listed = session.execute(
        sqlalchemy.select(
            col(tables.Proposal.key),
            col(tables.Proposal.title),
            col(tables.Proposal.category),
            col(tables.Proposal.language),
            col(tables.Team.city),
        )
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(takes_part(round_row))
    ).all()
    judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition_row.id)).all()
    rows = session.execute(
        sqlalchemy.select(
            col(tables.Proposal.key),
            col(tables.Judge.key),
            col(tables.Assignment.id),
            col(tables.Assignment.state),
            col(tables.Assignment.source),
            col(tables.Assignment.withdrawn_by_plan),
        )
        .select_from(tables.Assignment)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(col(tables.Assignment.round_id) == round_row.id)
    ).all()
    begun = set(
        session.exec(
            select(tables.Scoresheet.assignment_id)
            .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
            .where(tables.Assignment.round_id == round_row.id)
            .distinct()
        )
    )
    active = {
        (proposal, judge): key in begun or source == "hand"
        for proposal, judge, key, state, source, _ in rows
        if state == "active"
    }
    fixed = frozenset(pair for pair, is_fixed in active.items() if is_fixed)
    conflicting = {
        (proposal, judge)
        for proposal, judge, _, state, _, by_plan in rows
        if state == "recused" or (state == "withdrawn" and not by_plan)
    }
    proposals = [
        RosterProposal(name=key, city=city, category=category or "", language=language or "")
        for key, _, category, language, city in listed
    ]
    with_fixed = {judge for _, judge in fixed}
    present = {judge for _, judge in active}
    taking_more = {
        entry.key
        for entry in judges
        if entry.is_active and (entry.key in present or not only_present) and (chosen is None or entry.key in chosen)
    }
    listed_judges = [
        _judge_of(entry, definition, takes_more=entry.key in taking_more)
        for entry in judges
        if entry.key in with_fixed or entry.key in taking_more
    ]
    conflicting |= declared_conflicts(session, competition_row)
    names = ({proposal.name for proposal in proposals}, {judge.name for judge in listed_judges})
    conflicts = frozenset(pair for pair in conflicting if pair[0] in names[0] and pair[1] in names[1])
    return Panel(
        roster=build_roster(proposals, listed_judges, conflicts=conflicts),
        judges={entry.key: entry for entry in judges},
        titles={key: title for key, title, *_ in listed},
        assigned=frozenset(active),
        fixed=fixed,
        conflicts=conflicts,
    )


def _judge_of(judge: tables.Judge, definition: CompetitionRules, *, takes_more: bool) -> RosterJudge:
    return RosterJudge(
        name=judge.key,
        city=judge.city,
        categories=_with_subcategories(judge.categories, definition),
        languages=tuple(judge.languages),
        # A judge who has left the panel retains the scoresheets that were begun, and gets no new ones.
        max_load=judge.max_load if takes_more else 0,
    )


def _with_subcategories(categories: list[str], definition: CompetitionRules) -> tuple[str, ...]:
    """Return the categories and all their subcategories: a judge of a category also scores its subcategories."""
    chosen = set(categories)
    known = [category.key for category in definition.categories]
    return tuple(dict.fromkeys([*categories, *(key for key in known if chosen & set(definition.lineage(key)))]))
