"""Rules between the fields of a definition.

Each function gets the fields that the schema could load; some may be missing. It calls ``complain`` with the path of
each invalid value and a correction. Missing fields have been reported already and are ignored.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from judging.competition import CONFLICT_KINDS, CRITERION_TIE_BREAK, MAX_TIE_BREAKS, TIE_BREAKS, CompetitionRules
from judging.errors import Message
from judging.rubric import LANGUAGES, Text
from judging.schemas.definitions.occasion_checks import Complain, Steps, check_earlier
from judging.schemas.definitions.practice_checks import check_practice
from judging.schemas.definitions.rubric_checks import check_levels, check_phrases, check_scales, check_weights
from judging.schemas.definitions.shortlist_checks import check_shortlist
from judging.schemas.nearest_words import nearest


def check_competition(data: Mapping[str, Any], complain: Complain) -> None:
    """Check the rules within ``competition.yaml``."""
    _check_texts(data, (), [language for language in data.get("languages") or LANGUAGES if language], complain)
    for name in ("languages", "cities", "categories", "rounds"):
        _check_distinct(data, name, complain)
    for name in ("languages", "cities", "rounds"):
        if data.get(name) == []:
            complain((name,), Message("is empty; list at least one"))
    zone = data.get("time_zone")
    if zone is not None and not _is_zone(zone):
        complain(
            ("time_zone",), Message("`{zone}` is no time zone; {advice}", zone=zone, advice=advice_on_zone(str(zone)))
        )
    _check_parents(data.get("categories") or [], complain)
    _check_conflict_kinds(data.get("policies") or {}, complain)


def check_round(
    data: Mapping[str, Any], complain: Complain, *, competition: CompetitionRules | None, languages: Sequence[str]
) -> None:
    """Check the rules within one round, and those between it and its competition when that is known."""
    _check_texts(data, (), languages, complain)
    rubric = data.get("rubric") or {}
    scales = check_scales(rubric, complain)
    criteria = rubric.get("criteria") or []
    if rubric.get("criteria") == []:
        complain(("rubric", "criteria"), Message("is empty; list at least one criterion"))
    _check_distinct(rubric, "criteria", complain, above=("rubric",))
    check_weights(criteria, complain)
    for index, criterion in enumerate(criteria):
        scale = scales[index]
        if criterion and criterion.get("levels") and scale is not None:
            check_levels(criterion["levels"], scale, ("rubric", "criteria", index, "levels"), complain)
        check_phrases((criterion or {}).get("phrases"), ("rubric", "criteria", index, "phrases"), complain)
    by_key = {c["key"]: scales[i] for i, c in enumerate(criteria) if c and "key" in c}
    _check_tie_breaks(data.get("tie_breaks"), list(by_key), complain)
    check_shortlist(data.get("shortlist"), by_key, competition, complain)
    _check_readings(data.get("readings") or {}, complain)
    starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
    if starts_at and ends_at and ends_at <= starts_at:
        complain(("ends_at",), Message("is not after starts_at; exchange them or correct one"))
    _check_carry_over(data, competition, complain)
    if "practice" in data:
        check_practice(data, by_key, complain)
    check_earlier(data, competition, complain)


# Abbreviations that people write; others, such as CST, mean several zones.
_ZONES = {
    "HKT": "Asia/Hong_Kong",
    "MOT": "Asia/Macau",
    "SGT": "Asia/Singapore",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "PRC": "Asia/Shanghai",
    "BST": "Europe/London",
    "CET": "Europe/Paris",
}


_LONGEST_ABBREVIATION = 4


def advice_on_zone(name: str) -> str:
    """Return what to write in place of a name that is no time zone."""
    if meant := _ZONES.get(name.strip().upper()):
        return Message("did you mean `{word}`?", word=meant)
    known = sorted(available_timezones())
    of_city = [zone for zone in known if zone.rpartition("/")[2].lower() == name.strip().lower().replace(" ", "_")]
    if of_city:
        return Message("did you mean `{word}`?", word=of_city[0])
    # One other letter makes another zone of an abbreviation: HKT is not Hawaii's HST.
    advice = nearest(name, known) if len(name) > _LONGEST_ABBREVIATION else ""
    if advice.startswith("did"):
        return advice
    return Message("write one with its region, such as Asia/Hong_Kong or Europe/London")


def _is_zone(name: str) -> bool:
    # Listing all time zones reads hundreds of files; opening one does not.
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _check_texts(value: Any, steps: Steps, languages: Sequence[str], complain: Complain) -> None:
    if isinstance(value, Text):
        for language in languages:
            if language not in value.by_language:
                complain((*steps, language), Message("there is no text in {language}; write it", language=language))
    elif isinstance(value, Mapping):
        for key, content in value.items():
            _check_texts(content, (*steps, key), languages, complain)
    elif isinstance(value, list):
        for index, content in enumerate(value):
            _check_texts(content, (*steps, index), languages, complain)


def _check_distinct(data: Mapping[str, Any], name: str, complain: Complain, *, above: Steps = ()) -> None:
    """Complain about keys that are equal apart from case: some file systems and most people do not distinguish them."""
    seen: dict[str, tuple[int, str]] = {}
    for index, item in enumerate(data.get(name) or []):
        is_keyed = isinstance(item, Mapping)
        key = item.get("key") if is_keyed else item
        if not isinstance(key, str):
            continue
        first = seen.setdefault(key.casefold(), (index, key))
        if first[0] != index:
            steps: Steps = (*above, name, index, "key") if is_keyed else (*above, name, index)
            complain(
                steps, Message("`{key}` comes after `{first}`; give each a key of its own", key=key, first=first[1])
            )


def _check_parents(categories: Sequence[Any], complain: Complain) -> None:
    parents = {c["key"]: c.get("parent") for c in categories if c and "key" in c}
    for index, category in enumerate(categories):
        parent = (category or {}).get("parent")
        if parent is None:
            continue
        if parent not in parents:
            complain(
                ("categories", index, "parent"),
                Message("there is no category `{key}`; {advice}", key=parent, advice=nearest(parent, list(parents))),
            )
        elif loop := _loop(category.get("key"), parents):
            complain(
                ("categories", index, "parent"),
                Message("goes round in a circle ({loop}); cut it", loop=" > ".join(loop)),
            )


def _check_conflict_kinds(policies: Mapping[str, Any], complain: Complain) -> None:
    above: Steps = ("policies", "conflict_kinds")
    if policies.get("conflict_kinds") == []:
        complain(above, Message("is empty; list at least one kind, or remove the line"))
    _check_distinct(policies, "conflict_kinds", complain, above=("policies",))
    for index, kind in enumerate(policies.get("conflict_kinds") or []):
        if (kind or {}).get("key") in CONFLICT_KINDS:
            text = Message("every competition has `{key}` already; choose another key", key=kind["key"])
            complain((*above, index, "key"), text)


def _loop(key: str | None, parents: Mapping[str, str | None]) -> list[str]:
    path: list[str] = []
    while key is not None and key not in path:
        path.append(key)
        key = parents.get(key)
    return [*path, key] if key is not None and key == path[0] else []


def _check_tie_breaks(chain: Sequence[str | None] | None, criteria: Sequence[str], complain: Complain) -> None:
    if chain is None:
        return
    known = [*TIE_BREAKS, *(CRITERION_TIE_BREAK + key for key in criteria)]
    for index, key in enumerate(chain):
        if key is None:
            continue
        if key not in known:
            complain(
                ("tie_breaks", index), Message("`{key}` is no tie-break; {advice}", key=key, advice=nearest(key, known))
            )
        elif key in chain[:index]:
            complain(("tie_breaks", index), Message("`{key}` has been asked before; remove it", key=key))
    if len(chain) > MAX_TIE_BREAKS:
        complain(("tie_breaks",), Message("{n} keys; keep the first {most} at most", n=len(chain), most=MAX_TIE_BREAKS))
    if not chain or chain[-1] not in ("people", None):
        text = Message("does not end with people; what still ties is decided by the panel, never by chance")
        complain(("tie_breaks",), text)
    elif "people" in chain[:-1]:
        complain(("tie_breaks",), Message("goes on after people; put people last"))


def _check_readings(readings: Mapping[str, Any], complain: Complain) -> None:
    first, most, extra = (readings.get(name) for name in ("per_proposal", "maximum", "extra"))
    if readings.get("stop_below") is not None and not extra:
        text = Message("there are no extra readings to stop; write extra, or leave stop_below out")
        complain(("readings", "stop_below"), text)
    if first is None or most is None:
        return
    if most < first:
        text = Message("{most} is below per_proposal, {least}; write at least {least}", most=most, least=first)
        complain(("readings", "maximum"), text)
    elif extra and most == first:
        text = Message("leaves no room for extra readings; write at least {least}, or extra: 0", least=first + 1)
        complain(("readings", "maximum"), text)


def _check_carry_over(data: Mapping[str, Any], competition: CompetitionRules | None, complain: Complain) -> None:
    source = (data.get("carries_over") or {}).get("round")
    key = data.get("key")
    if source is None or competition is None or key not in competition.rounds:
        return
    earlier = competition.rounds[: competition.rounds.index(key)]
    if source not in earlier:
        complain(
            ("carries_over", "round"),
            Message("`{source}` is no round before this one; {advice}", source=source, advice=nearest(source, earlier)),
        )
