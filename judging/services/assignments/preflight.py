"""Before the first score: what the design of a round can tell, what it cannot, and which readings would help most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from judging.services.assignments.variances import Known, variances_for
from judging.services.competitions import definition_of, rules_of

_HELPFUL = 5


@dataclass(frozen=True, slots=True)
class JudgeLoad:
    """What one judge is to read."""

    judge: tables.Judge
    n_sheets: int


@dataclass(frozen=True, slots=True)
class CityLink:
    """Readings between two cities: of so many proposals of a city, so many are read by judges of the other."""

    judge_city: str
    proposal_city: str
    n_read: int
    n_proposals: int
    n_readings: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Preflight:
    """What a round's assignments will be able to tell.

    Attributes
    ----------
    row, rules : the round
    n_proposals, n_judges, n_readings : int
        Judges are those with a reading.
    readings : tuple of (readings, proposals)
        How many proposals have how many readings, fewest readings first.
    linked_sets : tuple of tuple of judge keys
        Largest first; one when every judge can be compared with every other.
    connectivity : float
        0 (cut in two) to 1 (everybody reads everything).
    loads : tuple of JudgeLoad
        Fullest first; every judge who could read in this round.
    links : tuple of CityLink
        Between each two different cities, in both directions.
    expected : Forecast or None
        None while nothing is assigned.
    known : Known
        Where the variances of the forecast come from.
    level : float
        Probability of the round's intervals.
    helpful : tuple of HelpfulAssignment
        Further readings that would cut the error of differences most, best first.
    limits : tuple of Limit
    """

    row: tables.Round
    rules: competition.Round
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
    known: Known
    level: float
    helpful: tuple[HelpfulAssignment, ...]
    limits: tuple[Limit, ...]

    @property
    def smallest_load(self) -> int:
        """Return the fewest scoresheets of a judge who has any."""
        return min((load.n_sheets for load in self.loads if load.n_sheets), default=0)

    @property
    def largest_load(self) -> int:
        """Return the most scoresheets of one judge."""
        return max((load.n_sheets for load in self.loads), default=0)

    @property
    def told_apart(self) -> float | None:
        """Return the difference between two proposals from which on their interval leaves zero out."""
        if self.expected is None:
            return None
        return half_width(self.level, self.expected.difference_error)


def preflight(session: Session, actor: Actor, competition_key: str, round_key: str) -> Preflight:
    """Return what the assignments of a round, in whatever state it is, will be able to tell."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    definition, rules = definition_of(competition_row), rules_of(row)
    panel = panel_of(session, competition_row, row)
    roster = panel.roster
    proposal, judge = panel.codes()
    known = variances_for(session, competition_row, row)
    reading = np.unique(judge)
    expected = None
    if proposal.size:
        # Judges without a reading would widen the cities' means, and are not asked.
        compact = _only_judges(roster, reading)
        expected = forecast(compact, proposal, np.searchsorted(reading, judge), known.variances)
    counts = np.bincount(proposal, minlength=len(roster.proposals))
    load = np.bincount(judge, minlength=len(roster.judges))
    design = _design(panel)
    linkage = None if design is None else find_linkage(design)
    return Preflight(
        row=row,
        rules=rules,
        panel=panel,
        n_proposals=len(roster.proposals),
        n_judges=int(reading.size),
        n_readings=int(proposal.size),
        readings=tuple(sorted(Counter(counts.tolist()).items())),
        linked_sets=() if design is None or linkage is None else linked_sets_of(design, linkage),
        connectivity=0.0 if linkage is None else linkage.algebraic_connectivity,
        loads=tuple(
            sorted(
                (JudgeLoad(panel.judges[key], int(n)) for key, n in zip(roster.judges, load, strict=True)),
                key=lambda one: (-one.n_sheets, one.judge.key),
            )
        ),
        links=tuple(_links(roster, proposal, judge)),
        expected=expected,
        known=known,
        level=rules.calibration.interval,
        helpful=_helpful(panel, row, known),
        limits=tuple(limits_of(panel, definition, rules, counts, load, linkage, design)),
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


def _helpful(panel: Panel, row: tables.Round, known: Known) -> tuple[HelpfulAssignment, ...]:
    if row.state == "closed" or not panel.assigned or len(panel.roster.proposals) < 2:
        return ()
    return helpful_assignments(panel.roster, *panel.codes(), n=_HELPFUL, variances=known.variances)


def _design(panel: Panel) -> Ratings | None:
    """Return the readings as ratings without scores: what can be told depends on who reads what alone."""
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
    judging = [code for code in range(len(roster.cities)) if (roster.judge_city == code).any()]
    judged = [code for code in range(len(roster.cities)) if (roster.proposal_city == code).any()]
    for a in judging:
        for b in judged:
            if a == b:
                continue
            crossing = (roster.judge_city[judge] == a) & (roster.proposal_city[proposal] == b)
            n_read = int(np.unique(proposal[crossing]).size)
            n_all = int((roster.proposal_city == b).sum())
            yield CityLink(roster.cities[a], roster.cities[b], n_read, n_all, int(crossing.sum()))
