"""Rules of a round of practice that need several fields; see ``judging.schemas.definitions.definition_checks``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judging.errors import Message
from judging.rubric import Scale
from judging.schemas.definitions.occasion_checks import Complain, offered
from judging.schemas.nearest_words import nearest

# What ranks proposals, which a round of practice does not do.
_OF_A_RANKING = ("shortlist", "carries_over")


def check_practice(
    data: Mapping[str, Any],
    scales: Mapping[str, Scale | None],
    complain: Complain,
) -> None:
    """Check the practice proposals of a round: named once, with reference scores that a judge could give."""
    for name in _OF_A_RANKING:
        if name in data:
            complain((name,), Message("a round of practice is not ranked; remove this, or remove practice"))
    proposals = (data.get("practice") or {}).get("proposals")
    if proposals == []:
        complain(("practice", "proposals"), Message("is empty; list at least one proposal"))
    seen: set[str] = set()
    for index, proposal in enumerate(proposals or []):
        steps = ("practice", "proposals", index)
        key = (proposal or {}).get("key")
        if key is not None and key.casefold() in seen:
            complain((*steps, "key"), Message("`{key}` is listed twice; give each proposal once", key=key))
        if key is not None:
            seen.add(key.casefold())
        _check_reference((proposal or {}).get("reference") or [], scales, (*steps, "reference"), complain)


def _check_reference(
    scores: list[Any],
    scales: Mapping[str, Scale | None],
    steps: tuple[str | int, ...],
    complain: Complain,
) -> None:
    seen: set[str] = set()
    for index, reference in enumerate(scores):
        criterion, score = (reference or {}).get("criterion"), (reference or {}).get("score")
        if criterion is None:
            continue
        if criterion not in scales:
            complain(
                (*steps, index, "criterion"),
                Message(
                    "there is no criterion `{key}`; {advice}", key=criterion, advice=nearest(criterion, list(scales))
                ),
            )
            continue
        if criterion in seen:
            complain(
                (*steps, index, "criterion"),
                Message("`{criterion}` is listed twice; give each criterion one score", criterion=criterion),
            )
        seen.add(criterion)
        scale = scales[criterion]
        if score is not None and scale is not None and not scale.contains(score):
            text = Message(
                "{value} is not on the scale; write one of {offered}", value=f"{score:g}", offered=offered(scale)
            )
            complain((*steps, index, "score"), text)
