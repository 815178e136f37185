"""Rules of a shortlist that need several fields; see ``judging.schemas.definitions.definition_checks``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from judging.competition import CompetitionRules
from judging.errors import Message
from judging.rubric import Scale
from judging.schemas.definitions.occasion_checks import Complain
from judging.schemas.nearest_words import nearest


def check_shortlist(
    rule: Mapping[str, Any] | None,
    scales: Mapping[str, Scale | None],
    competition: CompetitionRules | None,
    complain: Complain,
) -> None:
    """Check the size, the quotas and the floors of a shortlist rule against each other and the competition."""
    if rule is None:
        return
    size = rule.get("size")
    for kind in ("city", "category"):
        minima, caps = rule.get(f"{kind}_minimum") or {}, rule.get(f"{kind}_cap") or {}
        if competition is not None:
            groups = competition.cities if kind == "city" else competition.categories
            _check_quotas(kind, (minima, caps), [group.key for group in groups], complain)
        for key in sorted(set(minima) & set(caps)):
            if minima[key] > caps[key]:
                text = Message(
                    "a minimum of {minimum} above the cap of {cap}; lower it, or raise the cap",
                    minimum=minima[key],
                    cap=caps[key],
                )
                complain(("shortlist", f"{kind}_minimum", key), text)
        if size is not None and sum(minima.values()) > size:
            text = Message(
                "the minima sum to {total}, more than the size of {size}; lower some",
                total=sum(minima.values()),
                size=size,
            )
            complain(("shortlist", f"{kind}_minimum"), text)
        everybody = {city.key for city in competition.cities} if competition and kind == "city" else {None}
        if size is not None and everybody <= set(caps) and sum(caps.values()) < size:
            text = Message(
                "the caps sum to {total}, less than the size of {size}; raise some", total=sum(caps.values()), size=size
            )
            complain(("shortlist", f"{kind}_cap"), text)
    for key, floor in (rule.get("floors") or {}).items():
        scale = scales.get(key)
        if key not in scales:
            complain(
                ("shortlist", "floors", key),
                Message("there is no criterion `{key}`; {advice}", key=key, advice=nearest(key, list(scales))),
            )
        elif scale is not None and not scale.minimum <= floor <= scale.maximum:
            text = Message(
                "{value} is not on the scale; write one of {minimum} to {maximum}",
                value=f"{floor:g}",
                minimum=f"{scale.minimum:g}",
                maximum=f"{scale.maximum:g}",
            )
            complain(("shortlist", "floors", key), text)


def _check_quotas(kind: str, quotas: Iterable[Mapping[str, int]], known: Sequence[str], complain: Complain) -> None:
    for name, quota in zip((f"{kind}_minimum", f"{kind}_cap"), quotas, strict=True):
        for key in _unknown(quota, known):
            advice = nearest(key, known)
            text = (
                Message("there is no city `{key}`; {advice}", key=key, advice=advice)
                if kind == "city"
                else Message("there is no category `{key}`; {advice}", key=key, advice=advice)
            )
            complain(("shortlist", name, key), text)


def _unknown(keys: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    return (key for key in keys if key not in known)
