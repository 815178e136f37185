"""The quantities that the data of a round will not identify well: a sentence each, with a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from judging import competition, phrases, tables
from judging.assignment.roster import Ints, Roster
from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Ratings
from judging.calibration.settings import SCALE_USE_MODELS
from judging.errors import Listed, Message
from judging.rubric import Text
from judging.services.assignments.panels import Pair, Panel

# With fewer scoresheets, the estimates of scale use and consistency are close to the prior of the model.
ENOUGH_SHEETS = 5
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Limit:
    """A quantity that the data will not identify well: the sentence, and a remedy.

    ``is_inherent`` is what no other assignment of these proposals to these judges would change.
    """

    text: Message
    remedy: Message
    is_inherent: bool = False


def limits_of(
    panel: Panel,
    definition: competition.CompetitionRules,
    rules: competition.RoundRules,
    counts: Ints,
    load: Ints,
    linkage: Linkage | None,
    design: Ratings | None,
) -> Iterator[Limit]:
    """Yield the limits of the data, the most serious first."""
    roster = panel.roster
    if linkage is None or design is None:
        return
    yield from _limits_of_links(panel, linkage, design)
    if linkage.n_linked_sets == 1 and len(definition.cities) > 1:
        yield from _limits_of_cities(roster, definition, rules, linkage, panel)
    yield from _limits_of_readings(panel, rules, counts)
    yield from _limits_of_judges(panel, rules, load)
    yield from _limits_of_pairs(panel)


def _limits_of_links(panel: Panel, linkage: Linkage, design: Ratings) -> Iterator[Limit]:
    sets = linked_sets_of(design, linkage)
    if len(sets) > 1:
        names = "; ".join(_names(panel, judges) for judges in sets)
        yield Limit(
            Message(
                "The judges fall into {n} linked sets that share no proposal: {names}. Scores of different sets can be "
                "compared by an assumption only.",
                n=len(sets),
                names=names,
            ),
            Message("Let a judge of each set score at least two proposals of another set."),
        )


def _limits_of_cities(
    roster: Roster,
    definition: competition.CompetitionRules,
    rules: competition.RoundRules,
    linkage: Linkage,
    panel: Panel,
) -> Iterator[Limit]:
    assumption = phrases.assumption(rules.calibration.assumption)
    across = Message("Let judges of each city score at least {n} proposals of the other.", n=_n_required_across(rules))
    if linkage.links == "none":
        yield Limit(
            Message(
                "No judge scores a proposal of another city. The cities' severities cannot be separated from the "
                "quality of their proposals; the assumption in force is “{assumption}”.",
                assumption=assumption,
            ),
            across,
        )
    elif linkage.links == "one_way":
        yield Limit(
            Message(
                "Scoresheets across the cities go in one direction only. A city's severity and the home-city "
                "advantage cannot be separated."
            ),
            across,
        )
    elif linkage.links == "both" and not linkage.severity_identified:
        yield Limit(
            Message(
                "Scoresheets cross the cities in both directions, but the cities' severities still cannot be "
                "estimated: the judges who score across share too few proposals with the others. The assumption "
                "in force is “{assumption}”.",
                assumption=assumption,
            ),
            across,
        )
    elif linkage.links == "both" and not linkage.home_identified:
        yield Limit(
            Message("The advantage of being scored by one's own city cannot be estimated."),
            Message("Let some proposals be scored by judges of both cities."),
        )
    if rules.readings.cross_city:
        yield from _too_few_across(roster, definition, rules, panel)


def _too_few_across(
    roster: Roster, definition: competition.CompetitionRules, rules: competition.RoundRules, panel: Panel
) -> Iterator[Limit]:
    proposal, judge = panel.codes()
    crossing = np.unique(proposal[roster.crosses[proposal, judge]])
    names = {city.key: city.name for city in definition.cities}
    for code, key in enumerate(roster.cities):
        n_all = int((roster.proposal_city == code).sum())
        required = min(rules.readings.cross_city, n_all)
        n_read = int((roster.proposal_city[crossing] == code).sum())
        if n_read < required:
            yield Limit(
                Message(
                    "Of the proposals of {city}, {n} are scored by a judge of another city; the rules ask for "
                    "{wanted}.",
                    city=names.get(key, Text(key)),
                    n=n_read,
                    wanted=required,
                ),
                Message("Plan the assignments again with scoresheets across cities, or assign some by hand."),
            )


def _limits_of_readings(panel: Panel, rules: competition.RoundRules, counts: Ints) -> Iterator[Limit]:
    names = [f"{key} {panel.titles[key]}" for key in panel.roster.proposals]
    unread = [name for name, n in zip(names, counts, strict=True) if n == 0]
    short = [name for name, n in zip(names, counts, strict=True) if 0 < n < rules.readings.per_proposal]
    if unread:
        yield Limit(
            Message(
                "Nobody scores {proposals}: without a scoresheet a proposal has no rank.", proposals=_shortened(unread)
            ),
            Message("Give each at least {n} judges.", n=rules.readings.per_proposal),
        )
    above = [name for name, n in zip(names, counts, strict=True) if n > rules.readings.maximum]
    if above and rules.practice is None:
        yield Limit(
            Message(
                "{proposals} have more than the {n} scoresheets that the rules allow (readings: maximum): their scores "
                "would be more certain than others.",
                proposals=_shortened(above),
                n=rules.readings.maximum,
            ),
            Message("Take back what is not begun, or propose another maximum and let the chairs consent."),
        )
    if short:
        yield Limit(
            Message(
                "{proposals} have fewer than the {n} scoresheets that the rules ask for: their scores will be "
                "the least certain.",
                proposals=_shortened(short),
                n=rules.readings.per_proposal,
            ),
            Message("Plan the assignments again, or give these proposals a further judge by hand."),
        )


def _limits_of_judges(panel: Panel, rules: competition.RoundRules, load: Ints) -> Iterator[Limit]:
    n_sheets = dict(zip(panel.roster.judges, load.tolist(), strict=True))
    few = [key for key, n in n_sheets.items() if 0 < n < ENOUGH_SHEETS]
    if few and rules.calibration.model in SCALE_USE_MODELS:
        yield _few_sheets(panel, rules, few)

    over = [key for key, n in n_sheets.items() if (most := panel.judges[key].max_load) is not None and n > most]
    if over:
        yield Limit(
            Message("{judges} have more proposals than they take.", judges=_names(panel, over)),
            Message("Plan the assignments again, or raise what they take."),
        )


def _few_sheets(panel: Panel, rules: competition.RoundRules, few: Sequence[str]) -> Limit:
    n_wanted = len(panel.roster.proposals) * rules.readings.per_proposal
    if n_wanted < ENOUGH_SHEETS * len(panel.roster.judges):
        # So few proposals cannot give every judge enough: no plan would.
        return Limit(
            Message(
                "There are few proposals for each judge. How strict each judge is will be estimated all the same; it "
                "is assumed that all judges use the scale alike and are equally consistent."
            ),
            Message("In an event of this size that is normal: nothing needs to be done."),
            is_inherent=True,
        )
    return Limit(
        Message(
            "{judges} score fewer than {n} proposals: their scale use and consistency will be those that the "
            "model expects of any judge.",
            judges=_names(panel, few),
            n=ENOUGH_SHEETS,
        ),
        Message("Give them more proposals, or fewer judges more proposals each."),
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
    ineligible = [
        (roster.proposals[i], roster.judges[j])
        for i, j in zip(proposal[outside], judge[outside], strict=True)
        if (roster.proposals[i], roster.judges[j]) not in panel.conflicts
    ]
    if ineligible:
        yield Limit(
            Message(
                "Assigned outside the judge's categories or languages: {pairs}.",
                pairs=_pairs(panel, sorted(ineligible)),
            ),
            Message("Make sure that this is meant, or plan again."),
        )


def _n_required_across(rules: competition.RoundRules) -> int:
    return max(rules.readings.cross_city, 4)


def _names(panel: Panel, keys: Sequence[str]) -> str:
    return _shortened([_name(panel.judges, key) for key in keys])


def _name(judges: Mapping[str, tables.Judge], key: str) -> str:
    return judges[key].name if key in judges else key


def _pairs(panel: Panel, pairs: Sequence[Pair]) -> str:
    return _shortened([f"{_name(panel.judges, judge)} · {proposal}" for proposal, judge in pairs])


def _shortened(names: Sequence[str]) -> str:
    return Listed(names, most=_MOST_NAMED)


def linked_sets_of(design: Ratings, linkage: Linkage) -> tuple[tuple[str, ...], ...]:
    """Return the judges of each linked set, the largest set first."""
    return tuple(
        tuple(name for name, number in zip(design.judges, linkage.judge_set, strict=True) if number == set_number)
        for set_number in range(linkage.n_linked_sets)
    )
