"""Rules about earlier scoresheets in a definition; see ``judging.schemas.definitions.definition_checks``."""

from collections.abc import Callable, Mapping
from typing import Any

from judging.competition import CompetitionRules
from judging.errors import Message
from judging.rubric import Scale
from judging.schemas.nearest_words import nearest

Steps = tuple[str | int, ...]
Complain = Callable[[Steps, str], None]


def offered(scale: Scale) -> str:
    """Return the values of a scale in words."""
    values = {"low": f"{scale.minimum:g}", "high": f"{scale.maximum:g}", "step": f"{scale.step:g}"}
    return Message("{low} to {high} in steps of {step}", **values)


def check_earlier(data: Mapping[str, Any], competition: CompetitionRules | None, complain: Complain) -> None:
    """Check that every occasion is named once, in full, and comes before the round."""
    listed = (data.get("calibration") or {}).get("earlier")
    if listed is None:
        return
    above: Steps = ("calibration", "earlier")
    if not listed:
        complain(above, Message("is empty; list at least one round, or remove the line"))
    seen: set[tuple[str | None, str]] = set()
    for index, part in enumerate(listed):
        kind, source, other = ((part or {}).get(name) for name in ("kind", "round", "competition"))
        if kind is None or source is None:
            continue
        if kind == "year" and other is None:
            complain(
                (*above, index, "competition"), Message("is missing; write the key of the competition of that year")
            )
        elif kind != "year" and other is not None:
            complain(
                (*above, index, "competition"),
                Message("only a year has one; remove it, or write kind: year, not {kind}", kind=kind),
            )
        elif other is not None and competition is not None and other == competition.key:
            complain(
                (*above, index, "competition"),
                Message("`{other}` is this competition; write kind: round without it", other=other),
            )
        elif other is None and competition is not None and data.get("key") in competition.rounds:
            before = competition.rounds[: competition.rounds.index(data["key"])]
            if source not in before:
                text = Message(
                    "`{source}` is no round before this one; {advice}", source=source, advice=nearest(source, before)
                )
                complain((*above, index, "round"), text)
        if (other, source) in seen:
            complain(
                (*above, index, "round"), Message("`{source}` is listed twice; list every round once", source=source)
            )
        seen.add((other, source))
