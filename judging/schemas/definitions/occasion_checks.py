"""Rules about earlier scoresheets in a definition; see ``judging.schemas.definitions.definition_checks``."""

from collections.abc import Callable, Mapping
from typing import Any

from judging.competition import CompetitionRules
from judging.schemas.strict_fields import nearest

Steps = tuple[str | int, ...]
Complain = Callable[[Steps, str], None]


def check_earlier(data: Mapping[str, Any], competition: CompetitionRules | None, complain: Complain) -> None:
    """Check that every occasion is named once, in full, and comes before the round."""
    listed = (data.get("calibration") or {}).get("earlier")
    if listed is None:
        return
    above: Steps = ("calibration", "earlier")
    if not listed:
        complain(above, "is empty; list at least one round, or remove the line")
    seen: set[tuple[str | None, str]] = set()
    for index, part in enumerate(listed):
        kind, source, other = ((part or {}).get(name) for name in ("kind", "round", "competition"))
        if kind is None or source is None:
            continue
        if kind == "year" and other is None:
            complain((*above, index, "competition"), "is missing; write the key of the competition of that year")
        elif kind != "year" and other is not None:
            complain((*above, index, "competition"), f"only a year has one; remove it, or write kind: year, not {kind}")
        elif other is not None and competition is not None and other == competition.key:
            complain((*above, index, "competition"), f"`{other}` is this competition; write kind: round without it")
        elif other is None and competition is not None and data.get("key") in competition.rounds:
            before = competition.rounds[: competition.rounds.index(data["key"])]
            if source not in before:
                text = f"`{source}` is no round before this one; {nearest(source, before)}"
                complain((*above, index, "round"), text)
        if (other, source) in seen:
            complain((*above, index, "round"), f"`{source}` is listed twice; list every round once")
        seen.add((other, source))
