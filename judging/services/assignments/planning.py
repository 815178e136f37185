"""Assignments by plan: the changes are displayed first, and applied only if they are still the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from judging import tables
from judging.assignment.forecast import Forecast, forecast
from judging.assignment.plan import Plan, plan
from judging.competition import digest_of
from judging.errors import Conflict, InvalidInput, Message
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round
from judging.services.assignments.assigning import activate, assign_pairs, find_assignments, withdraw_by_plan
from judging.services.assignments.panels import Pair, Panel, panel_of
from judging.services.assignments.variances import VariancesSource, variances_for
from judging.services.competitions.definitions import is_practice, rules_of

MOST_READINGS = 50
PANELS = ("all", "present", "chosen")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """The parameters of a plan.

    Attributes
    ----------
    readings : int
        Scoresheets for each proposal.
    cross_city : int
        Minimum number of proposals of each city that a judge of another city scores too.
    panel : one of PANELS
        Every active judge, only those with an assignment in the round, or those of ``judges``.
    judges : tuple of str
        Keys of the chosen panel.
    """

    readings: int
    cross_city: int = 0
    panel: str = "all"
    judges: tuple[str, ...] = ()

    @property
    def chosen(self) -> frozenset[str] | None:
        """Return the keys of the chosen panel; None when the panel is not chosen judge by judge."""
        return frozenset(self.judges) if self.panel == "chosen" else None


@dataclass(frozen=True, slots=True)
class LoadChange:
    """The number of assignments of one judge before and after."""

    judge: tables.Judge
    before: int
    after: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ProposedPlan:
    """A plan compared with the present assignments.

    Attributes
    ----------
    wish : PlanRequest
    made : Plan
    new, taken_back : tuple of pairs (proposal, judge)
    n_kept : int
    loads : tuple of LoadChange
        Highest number first.
    read_across : mapping of city to (read across, all)
        Proposals of each city that are scored by another city too.
    forecast, forecast_before : Forecast
        ``forecast_before`` is None when there are no assignments.
    known : VariancesSource
        The variances of the forecast and their source.
    digest : str
        Of the changes: only the displayed changes can be applied.
    """

    wish: PlanRequest
    made: Plan
    panel: Panel
    new: tuple[Pair, ...]
    taken_back: tuple[Pair, ...]
    n_kept: int
    loads: tuple[LoadChange, ...]
    read_across: Mapping[str, tuple[int, int]]
    forecast: Forecast
    forecast_before: Forecast | None
    known: VariancesSource
    digest: str

    @property
    def changes_nothing(self) -> bool:
        """Tell whether everything is assigned already as the plan would have it."""
        return not self.new and not self.taken_back


@dataclass(frozen=True, eq=False, kw_only=True)
class PlanBasis:
    """What a plan is computed from."""

    wish: PlanRequest
    panel: Panel
    known: VariancesSource


def collect_basis(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, wish: PlanRequest
) -> PlanBasis:
    """Return what a plan is computed from, for an organiser or auditor.

    Raises
    ------
    Conflict
        When the round is closed, or there is nothing to plan.
    InvalidInput
        When the parameters are invalid.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    _check(round_row, wish)
    panel = panel_of(session, competition_row, round_row, only_present=wish.panel == "present", chosen=wish.chosen)
    if not panel.roster.proposals:
        raise Conflict(Message("No proposal takes part in this round yet. Import proposals into it first."))
    if not panel.roster.judges:
        raise Conflict(Message("There is no judge to plan with yet. Import judges first."))
    return PlanBasis(wish=wish, panel=panel, known=variances_for(session, competition_row, round_row))


def apply_plan(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    proposed: ProposedPlan,
    digest: str,
    at: datetime,
) -> ProposedPlan:
    """Store a plan's assignments and withdraw those not in it; begun and hand-made ones are not changed.

    Parameters
    ----------
    session, actor, competition_key, round_key
        An organiser.
    proposed : ProposedPlan
        The plan, computed again a moment ago.
    digest : str
        Of the changes that were displayed.
    at : datetime

    Raises
    ------
    Conflict
        When assignments, scoresheets or conflicts have changed since the plan was displayed.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    # Saving takes a shared lock: nobody can begin a scoresheet while its assignment is withdrawn.
    session.refresh(round_row, with_for_update={"key_share": True})
    wish = proposed.wish
    _check(round_row, wish)
    panel = panel_of(session, competition_row, round_row, only_present=wish.panel == "present", chosen=wish.chosen)
    if proposed.digest != digest or not panel.equals(proposed.panel):
        raise Conflict(
            Message("The assignments have changed since this plan was shown. Look at the new plan before you apply it.")
        )
    _store(session, round_row, replace(proposed, panel=panel), at=at)
    audit.record_in_round(
        session,
        actor,
        "assignments.planned",
        competition_row,
        round_row,
        at=at,
        detail={
            "readings": wish.readings,
            "cross_city": wish.cross_city,
            "panel": wish.panel,
            **({"judges": list(wish.judges)} if wish.panel == "chosen" else {}),
            "new": [list(pair) for pair in proposed.new],
            "taken_back": [list(pair) for pair in proposed.taken_back],
            "kept": proposed.n_kept,
        },
    )
    return proposed


def plan_from(basis: PlanBasis) -> ProposedPlan:
    """Return a plan, compared with the present assignments; this may take seconds and needs no database.

    Raises
    ------
    Conflict
        When no plan meets all requirements.
    """
    wish, panel, known = basis.wish, basis.panel, basis.known
    roster = panel.roster
    made = plan(
        roster,
        readings=wish.readings,
        cross_city=wish.cross_city,
        fixed=panel.fixed,
        assigned=panel.assigned - panel.fixed,
    )
    planned = frozenset(made.pairs)
    new, taken_back = tuple(sorted(planned - panel.assigned)), tuple(sorted(panel.assigned - planned - panel.fixed))
    before = panel.codes()
    return ProposedPlan(
        wish=wish,
        made=made,
        panel=panel,
        new=new,
        taken_back=taken_back,
        n_kept=len(planned & panel.assigned),
        loads=_loads(panel, planned),
        read_across=_read_across(made),
        forecast=forecast(roster, made.proposal, made.judge, known.variances),
        forecast_before=forecast(roster, *before, known.variances) if before[0].size else None,
        known=known,
        digest=digest_of({"new": [list(pair) for pair in new], "taken_back": [list(pair) for pair in taken_back]}),
    )


def _check(round_row: tables.Round, wish: PlanRequest) -> None:
    if round_row.state == "closed":
        raise Conflict(Message("Round {round} is closed; reopen it first.", round=round_row.key))
    if is_practice(round_row):
        raise Conflict(
            Message("Round {round} is practice: every judge scores every proposal of it.", round=round_row.key)
        )
    complaints = {}
    if not 1 <= wish.readings <= MOST_READINGS:
        complaints["readings"] = Message("a whole number from 1 to {most}", most=MOST_READINGS)
    elif wish.readings > (most := rules_of(round_row).readings.maximum):
        complaints["readings"] = Message(
            "the rules of this round allow at most {most} judges a proposal (readings: maximum)", most=most
        )
    if wish.cross_city < 0:
        complaints["cross_city"] = Message("a whole number, 0 or more")
    if wish.panel not in PANELS:
        complaints["panel"] = Message("choose one of the panels")
    elif wish.panel == "chosen" and not wish.judges:
        complaints["panel"] = Message("tick the judges of the panel")
    if complaints:
        raise InvalidInput(complaints)


def _loads(panel: Panel, planned: frozenset[Pair]) -> tuple[LoadChange, ...]:
    before = _count(panel.assigned)
    after = _count(planned)
    keys = {*before, *after, *panel.roster.judges}
    loads = [LoadChange(panel.judges[key], before.get(key, 0), after.get(key, 0)) for key in keys]
    return tuple(sorted(loads, key=lambda load: (-load.after, -load.before, load.judge.key)))


def _count(pairs: frozenset[Pair]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _, judge in pairs:
        counts[judge] = counts.get(judge, 0) + 1
    return counts


def _read_across(made: Plan) -> dict[str, tuple[int, int]]:
    roster = made.roster
    crossing = np.unique(made.proposal[roster.crosses[made.proposal, made.judge]])
    return {
        city: (int((roster.proposal_city[crossing] == code).sum()), int((roster.proposal_city == code).sum()))
        for code, city in enumerate(roster.cities)
    }


def _store(session: Session, round_row: tables.Round, proposed: ProposedPlan, *, at: datetime) -> None:
    keys = {proposal for proposal, _ in (*proposed.new, *proposed.taken_back)}
    proposals = _proposals(session, round_row, keys)
    judges = proposed.panel.judges
    existing = find_assignments(session, round_row)
    pairs = [(judges[judge], proposals[proposal]) for proposal, judge in proposed.new]
    assign_pairs(session, round_row, pairs, existing, source="plan", at=at)
    for judge, proposal in pairs:
        assignment = existing.get((judge.pk, proposal.pk))
        if assignment is not None:
            activate(assignment, source="plan")
            assignment.assigned_at = at
            session.add(assignment)
    for proposal_key, judge_key in proposed.taken_back:
        withdrawn = existing[judges[judge_key].pk, proposals[proposal_key].pk]
        withdraw_by_plan(withdrawn)
        session.add(withdrawn)
    session.flush()


def _proposals(session: Session, round_row: tables.Round, keys: set[str]) -> dict[str, tables.Proposal]:
    rows = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == round_row.competition_id, col(tables.Proposal.key).in_(keys)
        )
    )
    return {row.key: row for row in rows}
