"""Before the first score: what the design of a round can tell, what it cannot, and which readings would help most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from sqlmodel import Session

from judging import competition, tables
from judging.assignment.forecast import Forecast, Reading, forecast, helpful_readings
from judging.assignment.roster import Roster
from judging.calibration.linkage import Linkage, find_linkage
from judging.calibration.ratings import Ratings, ratings_from_sheets
from judging.errors import Message
from judging.rubric import Text
from judging.services.access import Actor, get_round
from judging.services.competitions import definition_of, rules_of
from judging.services.panels import Pair, Panel, panel_of
from judging.services.variances import Known, variances_for

READERS = ("chair", "organiser", "auditor")
# With fewer, scale use and consistency of a judge are what the model expects of any judge.
ENOUGH_SHEETS = 5
_NAMED = 6
_HELPFUL = 5


@dataclass(frozen=True, slots=True)
class Load:
    """What one judge is to read."""

    judge: tables.Judge
    n_sheets: int


@dataclass(frozen=True, slots=True)
class Link:
    """Readings between two cities: of so many proposals of a city, so many are read by judges of the other."""

    judge_city: str
    proposal_city: str
    n_read: int
    n_proposals: int
    n_readings: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that the data will not be able to tell: the sentence, and what would help."""

    text: Message
    remedy: Message


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
    loads : tuple of Load
        Fullest first; every judge who could read in this round.
    links : tuple of Link
        Between each two different cities, in both directions.
    expected : Forecast or None
        None while nothing is assigned.
    known : Known
        Where the variances of the forecast come from.
    level : float
        Probability of the round's intervals.
    helpful : tuple of Reading
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
    loads: tuple[Load, ...]
    links: tuple[Link, ...]
    expected: Forecast | None
    known: Known
    level: float
    helpful: tuple[Reading, ...]
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
        return NormalDist().inv_cdf(0.5 + self.level / 2) * self.expected.difference_error


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
        linked_sets=() if design is None or linkage is None else _linked_sets(design, linkage),
        connectivity=0.0 if linkage is None else linkage.algebraic_connectivity,
        loads=tuple(
            sorted(
                (Load(panel.judges[key], int(n)) for key, n in zip(roster.judges, load, strict=True)),
                key=lambda one: (-one.n_sheets, one.judge.key),
            )
        ),
        links=tuple(_links(roster, proposal, judge)),
        expected=expected,
        known=known,
        level=rules.calibration.interval,
        helpful=_helpful(panel, row, known),
        limits=tuple(_limits(panel, definition, rules, counts, load, linkage, design)),
    )


def _only_judges(roster: Roster, codes: np.ndarray) -> Roster:
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


def _helpful(panel: Panel, row: tables.Round, known: Known) -> tuple[Reading, ...]:
    if row.state == "closed" or not panel.assigned or len(panel.roster.proposals) < 2:
        return ()
    return helpful_readings(panel.roster, *panel.codes(), n=_HELPFUL, variances=known.variances)


def _design(panel: Panel) -> Ratings | None:
    """Return the readings as ratings without scores: what can be told depends on who reads what alone."""
    roster = panel.roster
    proposal, judge = panel.codes()
    if not proposal.size:
        return None

    def city_of(names: Sequence[str], codes: np.ndarray) -> dict[str, str]:
        return {name: roster.cities[code] for name, code in zip(names, codes, strict=True) if code >= 0}

    return ratings_from_sheets(
        [roster.proposals[code] for code in proposal],
        [roster.judges[code] for code in judge],
        score=np.zeros(proposal.size),
        proposals=roster.proposals,
        proposal_city=city_of(roster.proposals, roster.proposal_city),
        judge_city=city_of(roster.judges, roster.judge_city),
    )


def _linked_sets(design: Ratings, linkage: Linkage) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(name for name, number in zip(design.judges, linkage.judge_set, strict=True) if number == one)
        for one in range(linkage.n_linked_sets)
    )


def _links(roster: Roster, proposal: np.ndarray, judge: np.ndarray) -> Iterator[Link]:
    judging = [code for code in range(len(roster.cities)) if (roster.judge_city == code).any()]
    judged = [code for code in range(len(roster.cities)) if (roster.proposal_city == code).any()]
    for a in judging:
        for b in judged:
            if a == b:
                continue
            crossing = (roster.judge_city[judge] == a) & (roster.proposal_city[proposal] == b)
            n_read = int(np.unique(proposal[crossing]).size)
            n_all = int((roster.proposal_city == b).sum())
            yield Link(roster.cities[a], roster.cities[b], n_read, n_all, int(crossing.sum()))


def _limits(
    panel: Panel,
    definition: competition.Competition,
    rules: competition.Round,
    counts: np.ndarray,
    load: np.ndarray,
    linkage: Linkage | None,
    design: Ratings | None,
) -> Iterator[Limit]:
    """Say what the data will not tell, the gravest first."""
    roster = panel.roster
    if linkage is None or design is None:
        return
    yield from _limits_of_links(panel, linkage, design)
    if linkage.n_linked_sets == 1 and len(definition.cities) > 1:
        yield from _limits_of_cities(roster, definition, rules, linkage, panel)
    yield from _limits_of_readings(roster, rules, counts)
    yield from _limits_of_judges(panel, rules, load)
    yield from _limits_of_pairs(panel)


def _limits_of_links(panel: Panel, linkage: Linkage, design: Ratings) -> Iterator[Limit]:
    sets = _linked_sets(design, linkage)
    if len(sets) > 1:
        names = "; ".join(_names(panel, judges) for judges in sets)
        yield Limit(
            Message(
                "The judges fall into {n} linked sets that share no proposal: {names}. Scores of different sets can be "
                "compared by an assumption only.",
                n=len(sets),
                names=names,
            ),
            Message("Let a judge of each set read at least two proposals of another set."),
        )


def _limits_of_cities(
    roster: Roster,
    definition: competition.Competition,
    rules: competition.Round,
    linkage: Linkage,
    panel: Panel,
) -> Iterator[Limit]:
    assumption = rules.calibration.assumption
    across = Message("Let judges of each city read at least {n} proposals of the other.", n=_wanted_across(rules))
    if linkage.links == "none":
        yield Limit(
            Message(
                "No judge reads a proposal of another city. The cities' severities cannot be told from the quality of "
                "their proposals; the assumption in force is “{assumption}”.",
                assumption=assumption,
            ),
            across,
        )
    elif linkage.links == "one_way":
        yield Limit(
            Message(
                "Readings across the cities go in one direction only. A city's severity and the advantage of being "
                "read at home cannot be told from each other."
            ),
            across,
        )
    elif linkage.links == "both" and not linkage.severity_identified:
        yield Limit(
            Message(
                "Readings cross the cities in both directions, and still the cities' severities cannot be told: those "
                "who read across share too few proposals with the others. The assumption in force is “{assumption}”.",
                assumption=assumption,
            ),
            across,
        )
    elif linkage.links == "both" and not linkage.home_identified:
        yield Limit(
            Message("The advantage of being read by one's own city cannot be told."),
            Message("Let some proposals be read by judges of both cities."),
        )
    if rules.readings.cross_city:
        yield from _too_few_across(roster, definition, rules, panel)


def _too_few_across(
    roster: Roster, definition: competition.Competition, rules: competition.Round, panel: Panel
) -> Iterator[Limit]:
    proposal, judge = panel.codes()
    crossing = np.unique(proposal[roster.crosses[proposal, judge]])
    names = {city.key: city.name for city in definition.cities}
    for code, key in enumerate(roster.cities):
        n_all = int((roster.proposal_city == code).sum())
        wanted = min(rules.readings.cross_city, n_all)
        n_read = int((roster.proposal_city[crossing] == code).sum())
        if n_read < wanted:
            yield Limit(
                Message(
                    "Of the proposals of {city}, {n} are read by a judge of another city; the rules ask for {wanted}.",
                    city=names.get(key, Text(key)),
                    n=n_read,
                    wanted=wanted,
                ),
                Message("Plan the assignments again with readings across cities, or assign some by hand."),
            )


def _limits_of_readings(roster: Roster, rules: competition.Round, counts: np.ndarray) -> Iterator[Limit]:
    unread = [name for name, n in zip(roster.proposals, counts, strict=True) if n == 0]
    short = [name for name, n in zip(roster.proposals, counts, strict=True) if 0 < n < rules.readings.per_proposal]
    if unread:
        yield Limit(
            Message("Nobody reads {proposals}: without a scoresheet a proposal has no rank.", proposals=_some(unread)),
            Message("Give each at least {n} judges.", n=rules.readings.per_proposal),
        )
    if short:
        yield Limit(
            Message(
                "{proposals} have fewer than the {n} readings that the rules ask for: their scores will be the least "
                "certain.",
                proposals=_some(short),
                n=rules.readings.per_proposal,
            ),
            Message("Plan the assignments again, or give these proposals a further judge by hand."),
        )


def _limits_of_judges(panel: Panel, rules: competition.Round, load: np.ndarray) -> Iterator[Limit]:
    n_sheets = dict(zip(panel.roster.judges, load.tolist(), strict=True))
    few = [key for key, n in n_sheets.items() if 0 < n < ENOUGH_SHEETS]
    if few and rules.calibration.model == "hierarchical":
        yield Limit(
            Message(
                "{judges} read fewer than {n} proposals: how they use the scale, and how consistently, will be what "
                "the model expects of any judge.",
                judges=_names(panel, few),
                n=ENOUGH_SHEETS,
            ),
            Message("Give them more proposals, or fewer judges more proposals each."),
        )
    over = [key for key, n in n_sheets.items() if (most := panel.judges[key].max_load) is not None and n > most]
    if over:
        yield Limit(
            Message("{judges} have more proposals than they take.", judges=_names(panel, over)),
            Message("Plan the assignments again, or raise what they take."),
        )


def _limits_of_pairs(panel: Panel) -> Iterator[Limit]:
    conflicted = sorted(panel.assigned & panel.conflicts)
    if conflicted:
        yield Limit(
            Message("Assigned although a conflict of interest is declared: {pairs}.", pairs=_pairs(panel, conflicted)),
            Message("Take these assignments back, or plan again."),
        )
    roster = panel.roster
    proposal, judge = panel.codes()
    outside = ~roster.eligible[proposal, judge]
    strange = [
        (roster.proposals[i], roster.judges[j])
        for i, j in zip(proposal[outside], judge[outside], strict=True)
        if (roster.proposals[i], roster.judges[j]) not in panel.conflicts
    ]
    if strange:
        yield Limit(
            Message(
                "Assigned outside the judge's categories or languages: {pairs}.", pairs=_pairs(panel, sorted(strange))
            ),
            Message("Make sure that this is meant, or plan again."),
        )


def _wanted_across(rules: competition.Round) -> int:
    return max(rules.readings.cross_city, 4)


def _names(panel: Panel, keys: Sequence[str]) -> str:
    return _some([_name(panel.judges, key) for key in keys])


def _name(judges: Mapping[str, tables.Judge], key: str) -> str:
    return judges[key].name if key in judges else key


def _pairs(panel: Panel, pairs: Sequence[Pair]) -> str:
    return _some([f"{_name(panel.judges, judge)} · {proposal}" for proposal, judge in pairs])


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (+{rest})" if rest > 0 else "")
