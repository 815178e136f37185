"""The forecast before scoring: what the assignments of a round can identify, and which further ones help most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session

from judging import competition, tables
from judging.assignment.forecast import Forecast, HelpfulAssignment, forecast, helpful_assignments
from judging.assignment.roster import Ints, Roster
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.linkage import find_linkage
from judging.calibration.ratings import Ratings
from judging.calibration.values import half_width
from judging.services.access import READERS, Actor, get_round
from judging.services.assignments.panels import Panel, panel_of
from judging.services.assignments.preflight_limits import Limit, limits_of, linked_sets_of
from judging.services.assignments.variances import VariancesSource, variances_for
from judging.services.competitions.definitions import definition_of, rules_of

_HELPFUL = 5


@dataclass(frozen=True, slots=True)
class JudgeLoad:
    """The number of assignments of one judge."""

    judge: tables.Judge
    n_sheets: int


@dataclass(frozen=True, slots=True)
class CityLink:
    """Assignments across two cities: how many proposals of one city are scored by judges of the other."""

    judge_city: str
    proposal_city: str
    n_read: int
    n_proposals: int
    n_readings: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Preflight:
    """The expected precision of the results from a round's assignments.

    Attributes
    ----------
    row, rules : the round
    n_proposals, n_judges, n_readings : int
        Judges are those with an assignment; readings are assignments.
    readings : tuple of (readings, proposals)
        How many proposals have how many assignments, fewest assignments first.
    linked_sets : tuple of tuple of judge keys
        Largest first; one set when every judge can be compared with every other.
    connectivity : float
        0 (two linked sets) to 1 (everybody scores everything).
    loads : tuple of JudgeLoad
        Highest number first; every judge who may score in this round.
    links : tuple of CityLink
        For each two different cities, in both directions.
    expected : Forecast or None
        None without assignments. Its reliability is that of the round's newest run, where there is one.
    known : VariancesSource
        The variances of the forecast and their source.
    level : float
        Probability of the round's intervals.
    helpful : tuple of HelpfulAssignment
        Further assignments that would reduce the error of differences most, best first.
    limits : tuple of Limit
    """

    row: tables.Round
    rules: competition.RoundRules
    panel: Panel
    n_proposals: int
    n_judges: int
    n_readings: int
    readings: tuple[tuple[int, int], ...]
    linked_sets: tuple[tuple[str, ...], ...]
    connectivity: float
    loads: tuple[JudgeLoad, ...]
    links: tuple[CityLink, ...]
    expected: Forecast | None
    known: VariancesSource
    level: float
    helpful: tuple[HelpfulAssignment, ...]
    limits: tuple[Limit, ...]

    @property
    def smallest_load(self) -> int:
        """Return the smallest number of assignments of a judge with any."""
        return min((load.n_sheets for load in self.loads if load.n_sheets), default=0)

    @property
    def largest_load(self) -> int:
        """Return the largest number of assignments of one judge."""
        return max((load.n_sheets for load in self.loads), default=0)

    @property
    def told_apart(self) -> float | None:
        """Return the smallest difference between two proposals whose interval excludes zero."""
        if self.expected is None:
            return None
        return half_width(self.level, self.expected.difference_error)


def preflight(session: Session, actor: Actor, competition_key: str, round_key: str) -> Preflight:
    """Return the forecast for the assignments of a round in any state."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    definition, rules = definition_of(competition_row), rules_of(row)
    panel = panel_of(session, competition_row, row)
    roster = panel.roster
    proposal, judge = panel.codes()
    known = variances_for(session, competition_row, row)
    assigned_judges = np.unique(judge)
    expected = None
    if proposal.size:
        # Judges without an assignment would increase the variance of the cities' means; they are excluded.
        compact = _only_judges(roster, assigned_judges)
        expected = forecast(compact, proposal, np.searchsorted(assigned_judges, judge), known.variances)
        if known.reliability is not None:
            expected = replace(expected, reliability=known.reliability)
    counts = np.bincount(proposal, minlength=len(roster.proposals))
    load = np.bincount(judge, minlength=len(roster.judges))
    design = _design(panel)
    linkage = None if design is None else find_linkage(design)
    return Preflight(
        row=row,
        rules=rules,
        panel=panel,
        n_proposals=len(roster.proposals),
        n_judges=int(assigned_judges.size),
        n_readings=int(proposal.size),
        readings=tuple(sorted(Counter(counts.tolist()).items())),
        linked_sets=() if design is None or linkage is None else linked_sets_of(design, linkage),
        connectivity=0.0 if linkage is None else linkage.algebraic_connectivity,
        loads=tuple(
            sorted(
                (JudgeLoad(panel.judges[key], int(n)) for key, n in zip(roster.judges, load, strict=True)),
                key=lambda item: (-item.n_sheets, item.judge.key),
            )
        ),
        links=tuple(_links(roster, proposal, judge)),
        expected=expected,
        known=known,
        level=rules.calibration.interval,
        helpful=_helpful(panel, row, known),
        limits=tuple(limits_of(panel, definition, rules, counts, load, linkage, design)),
    )


def limits_now(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> tuple[Limit, ...]:
    """Return the limits of the data of a round's assignments, without a forecast; the caller checks permissions."""
    panel = panel_of(session, competition_row, round_row)
    proposal, judge = panel.codes()
    design = _design(panel)
    return tuple(
        limits_of(
            panel,
            definition_of(competition_row),
            rules_of(round_row),
            np.bincount(proposal, minlength=len(panel.roster.proposals)),
            np.bincount(judge, minlength=len(panel.roster.judges)),
            None if design is None else find_linkage(design),
            design,
        )
    )


def _only_judges(roster: Roster, codes: Ints) -> Roster:
    return Roster(
        proposals=roster.proposals,
        judges=tuple(roster.judges[code] for code in codes),
        cities=roster.cities,
        proposal_city=roster.proposal_city,
        judge_city=roster.judge_city[codes],
        category=roster.category,
        eligible=roster.eligible[:, codes],
        max_load=roster.max_load[codes],
    )


def _helpful(panel: Panel, row: tables.Round, known: VariancesSource) -> tuple[HelpfulAssignment, ...]:
    if row.state == "closed" or not panel.assigned or len(panel.roster.proposals) < 2:
        return ()
    return helpful_assignments(panel.roster, *panel.codes(), n=_HELPFUL, variances=known.variances)


def _design(panel: Panel) -> Ratings | None:
    """Return the assignments as ratings without scores: what is identifiable depends on the assignments only."""
    roster = panel.roster
    proposal, judge = panel.codes()
    if not proposal.size:
        return None

    def city_of(names: Sequence[str], codes: Ints) -> dict[str, str]:
        return {name: roster.cities[code] for name, code in zip(names, codes, strict=True) if code >= 0}

    return ratings_from_sheets(
        [roster.proposals[code] for code in proposal],
        [roster.judges[code] for code in judge],
        score=np.zeros(proposal.size),
        proposals=roster.proposals,
        proposal_city=city_of(roster.proposals, roster.proposal_city),
        judge_city=city_of(roster.judges, roster.judge_city),
    )


def _links(roster: Roster, proposal: Ints, judge: Ints) -> Iterator[CityLink]:
    cities_of_judges = [code for code in range(len(roster.cities)) if (roster.judge_city == code).any()]
    cities_of_proposals = [code for code in range(len(roster.cities)) if (roster.proposal_city == code).any()]
    for judge_code in cities_of_judges:
        for proposal_code in cities_of_proposals:
            if judge_code == proposal_code:
                continue
            crossing = (roster.judge_city[judge] == judge_code) & (roster.proposal_city[proposal] == proposal_code)
            n_read = int(np.unique(proposal[crossing]).size)
            n_all = int((roster.proposal_city == proposal_code).sum())
            yield CityLink(roster.cities[judge_code], roster.cities[proposal_code], n_read, n_all, int(crossing.sum()))
