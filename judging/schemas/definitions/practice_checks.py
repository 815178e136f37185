"""Rules of a round of practice that need several fields; see ``judging.schemas.definitions.definition_checks``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judging.rubric import Scale
from judging.schemas.strict_fields import nearest

# What ranks proposals, which a round of practice does not do.
_OF_A_RANKING = ("shortlist", "carries_over")


def check_practice(
    data: Mapping[str, Any],
    scales: Mapping[str, Scale | None],
    complain: Callable[[tuple[str | int, ...], str], None],
) -> None:
    """Check the practice proposals of a round: named once, with reference scores that a judge could give."""
    for name in _OF_A_RANKING:
        if name in data:
            complain((name,), "a round of practice is not ranked; remove this, or remove practice")
    proposals = (data.get("practice") or {}).get("proposals")
    if proposals == []:
        complain(("practice", "proposals"), "is empty; list at least one proposal")
    seen: set[str] = set()
    for index, proposal in enumerate(proposals or []):
        steps = ("practice", "proposals", index)
        key = (proposal or {}).get("key")
        if key is not None and key.casefold() in seen:
            complain((*steps, "key"), f"`{key}` is listed twice; give each proposal once")
        if key is not None:
            seen.add(key.casefold())
        _check_reference((proposal or {}).get("reference") or [], scales, (*steps, "reference"), complain)


def _check_reference(
    scores: list[Any],
    scales: Mapping[str, Scale | None],
    steps: tuple[str | int, ...],
    complain: Callable[[tuple[str | int, ...], str], None],
) -> None:
    seen: set[str] = set()
    for index, reference in enumerate(scores):
        criterion, score = (reference or {}).get("criterion"), (reference or {}).get("score")
        if criterion is None:
            continue
        if criterion not in scales:
            complain(
                (*steps, index, "criterion"), f"there is no criterion `{criterion}`; {nearest(criterion, list(scales))}"
            )
            continue
        if criterion in seen:
            complain((*steps, index, "criterion"), f"`{criterion}` is listed twice; give each criterion one score")
        seen.add(criterion)
        scale = scales[criterion]
        if score is not None and scale is not None and not scale.contains(score):
            offered = f"{scale.minimum:g} to {scale.maximum:g} in steps of {scale.step:g}"
            complain((*steps, index, "score"), f"{score:g} is not on the scale; write one of {offered}")
