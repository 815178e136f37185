"""The fields of the editor of definitions in words: their names, what they mean, and what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from judging.competition import CRITERION_TIE_BREAK
from judging.request_language import current_language
from judging.schemas.definitions.drafts.draft import Draft
from judging.schemas.definitions.drafts.typed_fields import Steps, value_at
from judging.web.showing import percent
from judging.web.words import rule_words

Choices = list[tuple[str, str]]


def _(text: str, /, **values: Any) -> str:
    return str(gettext(text, **values))


def _names() -> dict[str, str]:
    """Return the names of fields by the last words of their path."""
    return rule_words.names() | {
        "key": _("Key"),
        "competition.name": _("Name of the event"),
        "rounds.name": _("Name of the round"),
        "criteria.name": _("Name of the criterion"),
        "languages": _("Languages"),
        "time_zone": _("Time zone"),
        "places": _("What judges and teams belong to"),
        "cities": _("Cities"),
        "categories": _("Categories"),
        "parent": _("Part of the category"),
        "rounds": _("Rounds"),
        "policies": _("Policies"),
        "release": _("Who signs a release"),
        "appointments": _("Who appoints chairs and auditors"),
        "conflicts": _("Ties to a team that a judge is asked to declare"),
        "conflict_kinds": _("Further ties"),
        "conflict_kinds.name": _("What ties the judge to the team"),
        "feedback": _("Teams get a letter after the release"),
        "letters": _("What a letter says, beside awards"),
        "code_of_conduct": _("Code of conduct"),
        "publication.results": _("Who reads released results"),
        "publication.order": _("Their order"),
        "criteria.description": _("Guidance"),
        "levels.value": _("Score"),
        "levels.title": _("Short title"),
        "readings.maximum": _("Most scoresheets of one proposal"),
        "size": _("Places on the shortlist"),
        "floors": _("Lowest score"),
        "earlier.round": _("Round"),
        "earlier.competition": _("Key of the competition of that year"),
        "carries_over.weight": _("Percent of the score"),
        "carries_over.round": _("Earlier round"),
        "proposals.key": _("Key of the proposal"),
        "criterion": _("Criterion"),
        "score": _("Score"),
    }


def hints() -> dict[str, str]:
    """Return explanations of fields by the last words of their path."""
    return {
        "criteria.description": _("The question that a judge answers with the score."),
        "justify_ends": _("Judges write a comment with the lowest and the highest score."),
        "phrases": _("Sentences that a judge puts into the comment with one tap."),
        "briefing": _("Judges read it before they score."),
        "ends_at": _("In the time zone of the competition. The round closes by itself."),
        "key": _("For addresses and files: letters, digits, - and _. It stays as it is once it is saved."),
        "identity_flags": _("So many independent reports of judges bring a proposal to the chair."),
        "mirror": _("After the round, judges see how their own scores compare with the panel."),
        "extra": _("They are assigned where they would change the shortlist most. 0: a fixed design."),
        "cross_city": _("So many proposals of each city are also scored by a judge of another city."),
        "stop_below": _("Empty: as long as a scoresheet could change the shortlist at all."),
        "reserves": _("In order, below the last place."),
        "floors": _(
            "A proposal with a lower score on the criterion is passed over. A score, or per cent of the scale "
            "(%(example)s). Empty: no limit.",
            example=percent(0.3),
        ),
        "interval": _("0.9: intervals that cover the truth in 90 of 100 cases."),
        "seed": _("Any whole number: the same seed gives the same draws."),
        "time_zone": _("With its region, for example Asia/Hong_Kong."),
        "code_of_conduct": _("A judge accepts it before the first scoresheet. Empty: none."),
        "conflict_kinds": _(
            "Of this event alone, for example a supplier of the same company. Judges declare them too."
        ),
        "practice": _("Every judge scores these proposals, and nothing is ranked."),
    }


def name_at(steps: Steps) -> str:
    """Return the name of a field or a part, without where it stands."""
    names = _names()
    words = [str(step) for step in steps if not isinstance(step, int)]
    return names.get(".".join(words[-2:])) or names.get(words[-1], words[-1])


def hint_at(steps: Steps) -> str:
    """Return the explanation of a field; empty without one."""
    known = hints()
    words = [str(step) for step in steps if not isinstance(step, int)]
    if words[-2:-1] == ["levels"]:
        return ""
    return known.get(".".join(words[-2:])) or known.get(words[-1], "")


def place_of(draft: Draft, steps: Steps) -> str:
    """Return where a fault stands, in words: the round, the row and the field."""
    told = []
    languages = {"en": _("English"), "zh-Hant-HK": _("Traditional Chinese"), "zh-Hans-CN": _("Simplified Chinese")}
    for n in range(2, len(steps) + 1):
        step, above = steps[n - 1], steps[n - 2]
        if isinstance(step, int):
            told.append(_row_name(draft, steps[:n], above))
        elif step in languages and not isinstance(above, int):
            told.append(languages[step])
        elif n < len(steps) and isinstance(steps[n], int):
            continue
        elif above in ("city_minimum", "city_cap", "category_minimum", "category_cap", "floors"):
            told.append(_key_name(draft, steps[:n]))
        elif step not in ("policies", "rubric"):
            told.append(name_at(steps[:n]))
    return " › ".join(told) or name_at(steps)


def text_of(value: Any, fallback: str = "") -> str:
    """Return a text of a draft in the reader's language, or in any other."""
    texts = value if isinstance(value, dict) else {}
    found = texts.get(current_language()) or next(iter(texts.values()), "")
    return str(found).strip() or fallback


def _row_name(draft: Draft, steps: Steps, of: str | int) -> str:
    row = value_at(draft, steps)
    number = int(steps[-1]) + 1
    name = text_of(row.get("name")) if isinstance(row, dict) else ""
    if name:
        return _("“%(name)s”", name=name)
    words = {
        "criteria": _("criterion %(number)s", number=number),
        "levels": _("level %(number)s", number=number),
        "phrases": _("phrase %(number)s", number=number),
        "cities": _("city %(number)s", number=number),
        "categories": _("category %(number)s", number=number),
        "rounds": _("round %(number)s", number=number),
    }
    return words.get(str(of), _("%(what)s %(number)s", what=name_at(steps[:-1]), number=number))


def _key_name(draft: Draft, steps: Steps) -> str:
    of = str(steps[-2])
    path: Steps = (*steps[:2], "rubric", "criteria")
    if of != "floors":
        path = ("competition", "cities" if of.startswith("city") else "categories")
    return next(
        (
            text_of(row.get("name"), str(steps[-1]))
            for row in value_at(draft, path) or []
            if row.get("key") == steps[-1]
        ),
        str(steps[-1]),
    )


def keyed_choices(rows: Sequence[Any] | None) -> Choices:
    """Return rows with keys, such as cities, as choices."""
    return [(str(row["key"]), text_of(row.get("name"), str(row["key"]))) for row in rows or [] if row.get("key")]


def tie_breaks(criteria: Sequence[Any] | None) -> Choices:
    """Return what can decide among equal scores."""
    plain = list(rule_words.plain_tie_breaks().items())
    own = [
        (CRITERION_TIE_BREAK + key, _("higher mean score on “%(criterion)s”", criterion=name))
        for key, name in keyed_choices(criteria)
    ]
    return [*plain[:-1], *own, plain[-1]]


def choices_at(steps: Steps) -> Choices:
    """Return what can be chosen in a field, in words."""
    words = [str(step) for step in steps if not isinstance(step, int)]
    path = ".".join(words[-2:])
    listed = rule_words.choices().get(path) or _choices().get(path) or _choices().get(words[-1], {})
    return list(listed.items())


def _choices() -> dict[str, dict[str, str]]:
    return {
        "languages": {"en": "English", "zh-Hant-HK": "繁體中文", "zh-Hans-CN": "简体中文"},
        "places": {"cities": _("cities"), "countries": _("countries")},
        "release": {
            "every-city": _("a chair of every city signs the same results"),
            "one-chair": _("one chair signs"),
        },
        "appointments": {
            "": _("an organiser and a second person who is independent of the first"),
            "organiser-alone": _(
                "one organiser alone, and whoever else is organiser or chair confirms paper; released results say so"
            ),
        },
        "conflicts": {
            "family": _("Family or close friends"),
            "employer": _("Same employer, now or recently"),
            "mentoring": _("Advised or taught the team"),
            "sponsor": _("Sponsors the team or gains from its success"),
        },
        "letters": {
            "decision": _("selected or not"),
            "band": _("in which part of the list the proposal is"),
            "profile": _("where it is on each criterion"),
            "comments": _("comments of judges, without names, that an organiser has read"),
        },
        "publication.results": {
            "": _("chairs, organisers and auditors"),
            "signed-in": _("everybody with a role in the competition"),
            "public": _("anybody, without signing in"),
        },
        "publication.order": {
            "alphabetical": _("by title, without ranks"),
            "rank": _("by rank, with the ranks"),
        },
        "floors_by": {
            "raw": _("the mean of the scores on the criterion"),
            "calibrated": _("the calibrated score on the criterion"),
        },
        "earlier.kind": {
            "round": _("an earlier round of this competition"),
            "anchor": _("practice proposals that everybody scored"),
            "year": _("a round of another competition"),
        },
    }


def change_name(path: Sequence[str]) -> str:
    """Return where two definitions differ, in words as far as there are some."""
    names = _names()
    return " › ".join(names.get(step, step) for step in path)
