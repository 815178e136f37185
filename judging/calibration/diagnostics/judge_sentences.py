"""Sentences on the numbers of one judge, suitable to be read aloud to a panel; the same in pages, workbook and JSON."""

from __future__ import annotations

from collections.abc import Callable

from judging.calibration.report.judges import JudgeResult
from judging.calibration.values import half_width
from judging.errors import Message

FEWEST = 5
"""With fewer sheets scale use, consistency and drift are not reported."""

_SURE = 0.99
"""Confidence required of a finding not expected beforehand: with 24 judges, 90 % would flag two by chance."""

_NOISY = 1.5
_OFTEN = 0.25


def sentences_of(judge: JudgeResult) -> list[tuple[str, Message]]:
    """Return the sentences on one judge's row of the report.

    Parameters
    ----------
    judge : JudgeResult
        Its field ``readings`` is not used.

    Returns
    -------
    sentences : list of (subject, Message)
        Subject is the name of the number: ``severity`` first, always, where the model has it; ``scale_use``,
        ``consistency``, ``home``, ``drift``, ``infit`` and ``extreme_share`` where the number differs clearly from the
        usual.
    """
    if not judge.n_sheets:
        return [("n_sheets", Message("has not scored yet"))]
    messages: list[tuple[str, Message | None]] = [("severity", severity(judge))]
    few = judge.n_sheets < FEWEST
    if few and not (judge.scale_use is None and judge.consistency is None):
        messages.append(
            (
                "consistency",
                Message("scale use and consistency cannot be estimated: fewer than {least} sheets", least=FEWEST),
            )
        )
    elif not few:
        messages += [("scale_use", scale_use(judge)), ("consistency", consistency(judge))]
    messages += [
        ("home", _home(judge)),
        ("drift", _drift(judge)),
        ("infit", _infit(judge) if judge.consistency is None else None),
        ("extreme_share", _extreme(judge)),
    ]
    return [(subject, message) for subject, message in messages if message is not None]


def severity(judge: JudgeResult) -> Message | None:
    """Return the sentence on severity compared with the panel; None where the model has none."""
    estimate, low, high = judge.severity, judge.low, judge.high
    if estimate is None:
        return None
    if low is None or high is None:
        return Message("severity cannot be estimated")
    if low > 0:
        return Message("about {points} points stricter than the panel", points=points(estimate))
    if high < 0:
        return Message("about {points} points more generous than the panel", points=points(estimate))
    return Message("no clear difference in severity from the panel")


def scale_use(judge: JudgeResult) -> Message | None:
    """Return the sentence on the spread of the scores; None where nothing is clear."""
    if judge.scale_use_low is None or judge.scale_use_high is None:
        return None
    if judge.scale_use_high < 0:
        return Message("gives low scores to work that the panel scores high: read with the scale turned round")
    if judge.scale_use_high < 1:
        return Message("uses less of the scale than the panel")
    return Message("uses more of the scale than the panel") if judge.scale_use_low > 1 else None


def consistency(judge: JudgeResult) -> Message | None:
    """Return the sentence on consistency and the weight of the scores; None where nothing is clear.

    The weight of a score is the square of its judge's scale use over the square of the consistency (the spread of the
    residuals): what the score tells about quality.
    """
    if (
        judge.consistency is None
        or judge.consistency_low is None
        or judge.consistency_high is None
        or judge.consistency_low <= 1 <= judge.consistency_high
    ):
        return None
    weight = (1.0 if judge.scale_use is None else judge.scale_use) ** 2 / judge.consistency**2
    for most, message in _WEIGHTED:
        if weight < most:
            return message()
    return Message("more consistent than the panel: weighted {times} times", times=f"{weight:.1f}")


# Functions, so that the extraction of texts finds each sentence.
_WEIGHTED: tuple[tuple[float, Callable[[], Message]], ...] = (
    (0.2, lambda: Message("far less consistent than the panel: hardly counts")),
    (0.29, lambda: Message("far less consistent than the panel: weighted a quarter")),
    (0.42, lambda: Message("less consistent than the panel: weighted a third")),
    (0.58, lambda: Message("less consistent than the panel: weighted half")),
    (0.71, lambda: Message("less consistent than the panel: weighted two thirds")),
    (1.0, lambda: Message("somewhat less consistent than the panel: weighted slightly less")),
    (1.4, lambda: Message("somewhat more consistent than the panel: weighted slightly more")),
    (1.75, lambda: Message("more consistent than the panel: weighted one and a half times")),
    (2.25, lambda: Message("more consistent than the panel: weighted double")),
)


def points(value: float) -> str:
    """Return the size of an effect rounded for people: whole points, or decimals below three."""
    size = abs(value)
    return f"{size:.0f}" if size >= 3 else f"{size:.1f}" if size >= 0.1 else f"{size:.2g}"


def _home(judge: JudgeResult) -> Message | None:
    if judge.home is None or judge.home_low is None or judge.home_high is None:
        return None
    if judge.home_low <= 0 <= judge.home_high:
        return None
    if judge.home > 0:
        return Message("gives the own city about {points} points more", points=points(judge.home))
    return Message("gives the own city about {points} points less", points=points(judge.home))


def _drift(judge: JudgeResult) -> Message | None:
    if judge.drift is None or not judge.drift_error:
        return None
    if abs(judge.drift) < half_width(_SURE, judge.drift_error):
        return None
    if judge.drift > 0:
        return Message(
            "grew about {points} points stricter from the first sheet to the last", points=points(judge.drift)
        )
    return Message(
        "grew about {points} points more generous from the first sheet to the last", points=points(judge.drift)
    )


def _infit(judge: JudgeResult) -> Message | None:
    if judge.infit is None or judge.infit_z is None or judge.n_sheets < FEWEST:
        return None
    if judge.infit >= _NOISY and judge.infit_z > half_width(_SURE):
        return Message(
            "varies more around the expected scores than the panel (infit {infit})", infit=f"{judge.infit:.2f}"
        )
    return None


def _extreme(judge: JudgeResult) -> Message | None:
    share = judge.extreme_share
    if share is None or share < _OFTEN or judge.n_sheets < FEWEST:
        return None
    return Message("{percent} % of the sheets lie wholly at one end of the scale", percent=f"{100 * share:.0f}")
