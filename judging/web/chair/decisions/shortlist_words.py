"""The sealed shortlist rule and reading policy in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask_babel import gettext, ngettext

from judging.competition import RoundRules
from judging.round_policies import ReadingPolicy
from judging.services.rounds.missing_sheets import ReadProposal
from judging.shortlist import ShortlistRule
from judging.web.showing import localised, number
from judging.web.words.rule_words import tie_break

Name = Callable[[str], str]


def _(text: str, **values: Any) -> str:
    return str(gettext(text, **values))


def shortlist_sentences(rules: RoundRules, *, city: Name, category: Name) -> list[str]:
    """Return the shortlist rule in sentences, one for each clause; empty without a rule."""
    rule = rules.shortlist
    if rule is None:
        return []
    selected = ngettext(
        "%(num)s proposal is selected, the best by rank.",
        "%(num)s proposals are selected, the best by rank.",
        rule.size,
    )
    sentences = [str(selected), *_quotas(rule, city, category)]
    for key, floor in rule.floors.items():
        criterion = rules.rubric.criterion(key)
        values = {
            "floor": _mark(floor),
            "maximum": _mark(criterion.scale.maximum),
            "criterion": localised(criterion.name),
        }
        sentences.append(
            _(
                "Whoever has a calibrated score below %(floor)s (of %(maximum)s) for “%(criterion)s” is passed over.",
                **values,
            )
            if rule.floors_by == "calibrated"
            else _(
                "Whoever has a mean score below %(floor)s (of %(maximum)s) for “%(criterion)s” is passed over.",
                **values,
            )
        )
    if rule.reserves:
        sentences.append(
            str(ngettext("%(num)s reserve is named.", "%(num)s reserves are named, in order.", rule.reserves))
        )
    return [*sentences, tie_break_sentence(rules)]


def tie_break_sentence(rules: RoundRules) -> str:
    """Return how equal scores are ordered."""
    names = [tie_break(key, rules) for key in rules.tie_breaks if key != "people"]
    if not names:
        return _("Equal scores share a rank; at the line, people decide between them.")
    return _(
        "Equal scores are ordered by: %(keys)s. What is still equal shares a rank; at the line, people decide.",
        keys=_("; ").join(names),
    )


def handed_in_sentence(read: Collection[ReadProposal]) -> str:
    """Return how many proposals have how many scoresheets, most first: what happened, not what was planned."""
    found = sorted(Counter(proposal.n_submitted for proposal in read).items(), reverse=True)
    parts = [
        ngettext("%(num)s proposal with %(sheets)s", "%(num)s proposals with %(sheets)s", n, sheets=sheets)
        for sheets, n in found
    ]
    return _("Scoresheets that count: %(parts)s.", parts=_(", ").join(parts)) if parts else ""


def reading_sentence(policy: ReadingPolicy) -> str:
    """Return how many judges are to score each proposal, by the rules."""
    base = ngettext(
        "By the rules, %(num)s judge scores every proposal.",
        "By the rules, %(num)s judges score every proposal.",
        policy.per_proposal,
    )
    if not policy.extra:
        return str(base)
    sentence = f"{base} " + _(
        "Up to %(extra)s further scoresheets are assigned where they change the shortlist most; no proposal gets "
        "more than %(maximum)s.",
        extra=policy.extra,
        maximum=policy.maximum,
    )
    if policy.stop_below is None:
        return sentence
    return f"{sentence} " + _(
        "None is assigned that would change the shortlist with a probability below %(percent)s %%.",
        percent=f"{policy.stop_below:g}",
    )


def _quotas(rule: ShortlistRule, city: Name, category: Name) -> list[str]:
    def listed(quota: Mapping[str, int], name: Name) -> str:
        return _(", ").join(f"{name(key)} {count}" for key, count in quota.items())

    sentences = []
    if rule.city_minimum:
        sentences.append(_("At least, of each city: %(quota)s.", quota=listed(rule.city_minimum, city)))
    if rule.city_cap:
        sentences.append(_("At most, of each city: %(quota)s.", quota=listed(rule.city_cap, city)))
    if rule.category_minimum:
        sentences.append(_("At least, of each category: %(quota)s.", quota=listed(rule.category_minimum, category)))
    if rule.category_cap:
        sentences.append(_("At most, of each category: %(quota)s.", quota=listed(rule.category_cap, category)))
    return sentences


def _mark(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 1)
