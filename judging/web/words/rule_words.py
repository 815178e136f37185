"""The rules of a round in words: the meaning of a clause, and the name of a value in a definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext

from judging.calibration.settings import ASSUMPTIONS, HOME_CITY_POLICIES, MODELS, QUALITY_PRIORS
from judging.competition import CRITERION_TIE_BREAK, CompetitionRules, RoundRules
from judging.request_language import translate
from judging.round_policies import EarlierSheets
from judging.web.showing import localised, moment
from judging.web.words import wording


def _(text: str, /, **values: Any) -> str:
    return str(gettext(text, **values))


def names() -> dict[str, str]:
    """Return the names of values in a definition, by the last word of their path."""
    return {
        "rubric": _("Rubric"),
        "criteria": _("Criteria"),
        "scale": _("Scale"),
        "minimum": _("lowest"),
        "maximum": _("highest"),
        "step": _("step"),
        "weight": _("Weight"),
        "levels": _("Levels"),
        "phrases": _("Phrases for the comment"),
        "justify_ends": _("Reason for the lowest and highest score"),
        "name": _("its name"),
        "title": _("Title"),
        "description": _("Description"),
        "briefing": _("Briefing"),
        "shortlist": _("Shortlist"),
        "size": _("Seats"),
        "reserves": _("Reserves"),
        "city_minimum": _("At least, of a city"),
        "city_cap": _("At most, of a city"),
        "category_minimum": _("At least, of a category"),
        "category_cap": _("At most, of a category"),
        "floors": _("Floors"),
        "floors_by": _("Floors compare"),
        "tie_breaks": _("Order among equal scores"),
        "calibration": _("Calibration"),
        "model": _("Model"),
        "home_city": _("Home-city advantage"),
        "quality_prior": _("Expected quality"),
        "assumption": _("Assumption"),
        "interval": _("Probability of intervals"),
        "n_draws": _("Draws"),
        "seed": _("Seed"),
        "earlier": _("Earlier scoresheets of the judges"),
        "readings": _("Scoresheets"),
        "per_proposal": _("Scoresheets a proposal"),
        "extra": _("Further scoresheets in all"),
        "cross_city": _("Proposals scored across cities"),
        "stop_below": _("No further scoresheet below this probability of a change, percent"),
        "privacy": _("Privacy"),
        "teams_hidden": _("Teams hidden"),
        "identity_flags": _("Flags that a team is recognisable"),
        "mirror": _("Mirror for judges"),
        "starts_at": _("Begin"),
        "ends_at": _("Deadline"),
        "carries_over": _("Carried over"),
        "round": _("Round"),
        "practice": _("Practice"),
        "proposals": _("Proposals"),
        "reference": _("Agreed scores"),
        "reason": _("Reason"),
        "pitches": _("Pitches"),
        "pitch_minutes": _("Minutes for a pitch"),
        "questions_minutes": _("Minutes for questions"),
        "scoring_minutes": _("Minutes for scoring"),
        "kind": _("Kind"),
    }


def path(steps: Sequence[str], rules: RoundRules, competition: CompetitionRules) -> str:
    """Return the path to a value in a definition, in words."""
    known = names()
    own = {criterion.key: localised(criterion.name) for criterion in rules.rubric.criteria}
    own |= {city.key: localised(city.name) for city in competition.cities}
    own |= {category.key: localised(category.name) for category in competition.categories}
    if steps and steps[-1] == "maximum" and "readings" in steps:
        return f"{known['readings']} › {_('at most a proposal')}"
    return " › ".join(own.get(step) or known.get(step, step) for step in steps)


def fault(place: str, text: str, rules: RoundRules, competition: CompetitionRules) -> str:
    """Return a complaint about proposed rules with its place in words; an untranslated text stays English."""
    steps = place.split(".") if place else []
    criteria = rules.rubric.criteria
    for n in range(1, len(steps)):
        if steps[n - 1] == "criteria" and steps[n].isdecimal() and int(steps[n]) < len(criteria):
            steps[n] = criteria[int(steps[n])].key
    if not steps:
        return translate(text)
    return _("%(place)s: %(text)s", place=path(steps, rules, competition), text=translate(text))


def with_line(complaint: str, told: str) -> str:
    """Return a complaint in words with the line of the same one about a file, ``file:line:column: ...``."""
    found = re.match(r"[^:]*:(\d+):\d+: ", complaint)
    return told if found is None else _("Line %(line)s: %(text)s", line=found[1], text=told)


def tie_break(key: str, rules: RoundRules) -> str:
    """Return the meaning of one key of the tie-break chain."""
    if key.startswith(CRITERION_TIE_BREAK):
        criterion_key = key.removeprefix(CRITERION_TIE_BREAK)
        name = next(
            (localised(criterion.name) for criterion in rules.rubric.criteria if criterion.key == criterion_key),
            criterion_key,
        )
        return _("higher mean score on “%(criterion)s”", criterion=name)
    return plain_tie_breaks().get(key, key)


def plain_tie_breaks() -> dict[str, str]:
    """Return the meaning of the keys that no criterion stands in; people come last."""
    return {
        "calibrated": _("higher calibrated score"),
        "raw": _("higher raw mean"),
        "median": _("higher median of its judges' totals"),
        "p_shortlist": _("higher probability of making the shortlist"),
        "n_judges": _("more judges"),
        "disagreement": _("less disagreement between its judges"),
        "people": _("people decide"),
    }


def home_city(policy: str) -> str:
    """Return how the calibration treats the home-city effect."""
    words = {
        "adjust": _("estimated, shown, and taken out of the scores"),
        "report": _("estimated and shown; it stays in the scores"),
        "ignore": _("left out of the model"),
    }
    return words.get(policy, policy)


def choices(*, has_cities: bool = True) -> dict[str, dict[str, str]]:
    """Return the values that a clause can have, each with its meaning, by the path of the clause.

    ``has_cities`` is False in an event of one city: its meanings do not speak of cities.
    """
    return {
        "calibration.model": {model: wording.method(model, has_cities=has_cities) for model in MODELS},
        "calibration.home_city": {policy: home_city(policy) for policy in HOME_CITY_POLICIES},
        "calibration.quality_prior": {
            policy: quality_prior(policy, has_cities=has_cities)
            for policy in QUALITY_PRIORS
            if has_cities or policy in ("city_blind", "category")
        },
        "calibration.assumption": {name: wording.assumption(name) for name in ASSUMPTIONS},
    }


def value(steps: Sequence[str], written: str, time_zone: str) -> str:
    """Return a value of a definition as people read it.

    The meaning of a choice, a time in the competition's zone, anything else as written.
    """
    if steps and steps[-1] in ("starts_at", "ends_at"):
        try:
            return moment(datetime.fromisoformat(written), time_zone)
        except ValueError:
            return written
    return choices().get(".".join(steps), {}).get(written, written)


def quality_prior(policy: str, *, has_cities: bool = True) -> str:
    """Return the prior expectation of the quality of a proposal; of an event of one city without a word of cities."""
    words = {
        "city_blind": _("the same of every proposal, whatever its city and category")
        if has_cities
        else _("the same of every proposal, whatever its category"),
        "city": _("the usual level of its city"),
        "category": _("the usual level of its category"),
        "city_and_category": _("the usual level of its city and category"),
    }
    return words.get(policy, policy)


def earlier_sheets(part: EarlierSheets) -> str:
    """Return which earlier scoresheets count for what they say about the judges."""
    words = {
        "round": _("of the earlier round %(name)s", name=part.name),
        "anchor": _("of the practice proposals of %(name)s", name=part.name),
        "year": _("of another competition, %(name)s; judges are matched by account", name=part.name),
    }
    return words[part.kind]
