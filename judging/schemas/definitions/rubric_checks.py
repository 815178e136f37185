"""Rules of the criteria of a form; see ``judging.schemas.definitions.definition_checks``."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from judging.errors import Message
from judging.rubric import Scale, Text
from judging.schemas.definitions.occasion_checks import Complain, Steps, offered

# The form must display every value, and a rating-scale model has a threshold between each two of them.
_MOST_VALUES = 1001
# Phrases are buttons over a comment.
_MOST_PHRASES, _LONGEST_PHRASE = 8, 120


def check_scales(rubric: Mapping[str, Any], complain: Complain) -> list[Scale | None]:
    """Return the scale of each criterion; None where it has a fault."""
    shared = rubric.get("scale")
    own = [(criterion or {}).get("scale") for criterion in rubric.get("criteria") or []]
    if shared is not None:
        common = _scale(shared, ("rubric", "scale"), complain)
        if own and None not in own:
            complain(("rubric", "scale"), Message("every criterion has a scale of its own; remove this one"))
    else:
        common = None
    scales: list[Scale | None] = []
    for index, scale in enumerate(own):
        if scale is not None:
            scales.append(_scale(scale, ("rubric", "criteria", index, "scale"), complain))
            continue
        if "scale" not in rubric:
            complain(
                ("rubric", "criteria", index, "scale"),
                Message("is missing; add it here, or one for all as rubric.scale"),
            )
        scales.append(common)
    return scales


def _scale(data: Mapping[str, float], steps: Steps, complain: Complain) -> Scale | None:
    if not {"minimum", "maximum", "step"} <= set(data):
        return None
    minimum, maximum, step = data["minimum"], data["maximum"], data["step"]
    if minimum >= maximum:
        text = Message(
            "{maximum} is not above the minimum, {minimum}; exchange them or correct one",
            maximum=f"{maximum:g}",
            minimum=f"{minimum:g}",
        )
        complain((*steps, "maximum"), text)
        return None
    if (maximum - minimum) / step > _MOST_VALUES - 1:
        text = Message("{step} makes more than {most} values; write a wider step", step=f"{step:g}", most=_MOST_VALUES)
        complain((*steps, "step"), text)
        return None
    try:
        return Scale(minimum, maximum, step)
    except ValueError:
        n_steps = max(1, round((maximum - minimum) / step))
        fitting = (maximum - minimum) / n_steps
        text = Message(
            "steps of {step} do not lead from {minimum} to {maximum}; {fitting} would, in {n} steps",
            step=f"{step:g}",
            minimum=f"{minimum:g}",
            maximum=f"{maximum:g}",
            fitting=f"{fitting:g}",
            n=n_steps,
        )
        complain((*steps, "step"), text)
        return None


def check_weights(criteria: Sequence[Any], complain: Complain) -> None:
    """Check that the weights sum to 100."""
    weights = [criterion["weight"] for criterion in criteria if criterion and "weight" in criterion]
    if not weights or len(weights) < len(criteria):
        return
    total = math.fsum(weights)
    if not math.isclose(total, 100, abs_tol=1e-6):
        values = {
            "total": f"{total:g}",
            "terms": " + ".join(f"{weight:g}" for weight in weights),
            "off": f"{abs(total - 100):g}",
        }
        text = (
            Message("the weights sum to {total} ({terms}), not to 100; take {off} away", **values)
            if total > 100
            else Message("the weights sum to {total} ({terms}), not to 100; add {off}", **values)
        )
        complain(("rubric", "criteria"), text)


def check_levels(levels: Sequence[Any], scale: Scale, steps: Steps, complain: Complain) -> None:
    """Check that the levels rise, are values of the scale, and describe both of its ends."""
    values = [(level or {}).get("value") for level in levels]
    for index, value in enumerate(values):
        if value is not None and not scale.contains(value):
            text = Message(
                "{value} is not on the scale; write one of {offered}", value=f"{value:g}", offered=offered(scale)
            )
            complain((*steps, index, "value"), text)
    for index, (low, high) in enumerate(pairwise(values), 1):
        if low is not None and high is not None and low >= high:
            complain(
                (*steps, index, "value"),
                Message(
                    "{high} does not follow {low}; sort the levels upwards, each once", high=f"{high:g}", low=f"{low:g}"
                ),
            )
    # Levels may be left out; where there are some, a judge has to know both ends.
    if values and None not in values:
        lowest, highest = f"{scale.minimum:g}", f"{scale.maximum:g}"
        if scale.minimum not in values:
            complain(
                steps, Message("the lower end of the scale has no level; describe the value {value}", value=lowest)
            )
        if scale.maximum not in values:
            complain(
                steps, Message("the upper end of the scale has no level; describe the value {value}", value=highest)
            )


def check_phrases(phrases: Sequence[Text | None] | None, steps: Steps, complain: Complain) -> None:
    """Check the number and the length of phrases."""
    if phrases is None:
        return
    if not phrases:
        complain(steps, Message("is empty; list at least one phrase, or remove the line"))
    if len(phrases) > _MOST_PHRASES:
        complain(
            steps,
            Message(
                "{n} phrases; keep {most} at most, a judge has to see them all", n=len(phrases), most=_MOST_PHRASES
            ),
        )
    for index, phrase in enumerate(phrases):
        for language, text in (phrase or Text()).by_language.items():
            if len(text) > _LONGEST_PHRASE:
                complain(
                    (*steps, index, language),
                    Message("{n} characters; write {most} at most", n=len(text), most=_LONGEST_PHRASE),
                )
