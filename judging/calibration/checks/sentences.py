"""The words of the model check, for chairs: what was found, and what it changes."""

from __future__ import annotations

from judging.calibration.report.checks import DECIDE, WITH_RESERVATION
from judging.errors import Message

_NAMED = 4


def verdict(name: str) -> Message:
    """Return the verdict in words."""
    if name == DECIDE:
        return Message("These numbers can carry a decision.")
    if name == WITH_RESERVATION:
        return Message(
            "These numbers can carry a decision with a reservation: people must look at what is named below."
        )
    return Message("Do not decide by these numbers before what is named below is resolved.")


def left_out(*, too_large: bool) -> Message:
    """Return why a check was not done."""
    if too_large:
        return Message("Not simulated: the round has too many scoresheets.")
    return Message("Nothing to test in these scores.")


def passed(name: str) -> Message:
    """Return what holds."""
    return {
        "unequal_work": Message("The judges were assigned work of equal quality, as far as chance allows."),
        "tied_to_severity": Message("Severity is not tied to the quality of the work that judges were assigned."),
        "agreeing_pairs": Message("No two judges agree more closely than judges do who score for themselves."),
        "against_panel": Message("No judge scores against the panel."),
        "drift": Message("No judge grew stricter or more generous during the round."),
        "far_out": Message("No single score is far from what its proposal and judge lead to expect."),
        "spread": Message("Every judge spreads the scores of each criterion as the model expects."),
        "one_answer": Message("Two different starting points lead to the same scores."),
        "links": Message("No comparison rests on one judge alone."),
        "repeated": Message("No scoresheet repeats a judge and proposal."),
        "weight_on_one": Message("No judge has more than half of the weight of a proposal with three judges or more."),
    }[name]


def found(name: str, judge: str) -> Message:
    """Return what a simulated check found."""
    match name:
        case "unequal_work":
            return Message("Some judges were assigned better work than others.")
        case "tied_to_severity":
            return Message("Severity is tied to the quality of the work that judges were assigned.")
        case "against_panel":
            return Message("{judge} scores against the panel: high where the others score low.", judge=judge)
        case "drift":
            return Message("{judge} changed in severity during the round.", judge=judge)
        case "far_out":
            return Message(
                "{judge} gave a score far from what its proposal and judge lead to expect; it may be a slip.",
                judge=judge,
            )
    return Message("{judge} spreads the scores of a criterion unlike what the model expects.", judge=judge)


def agreeing_pair(first: str, second: str, n_shared: int, ratio: float) -> Message:
    """Return the finding on two judges who agree too well."""
    return Message(
        "{first} and {second} agree too closely on {n} proposals: the squared differences of their scores are"
        " {percent} % of those of two judges who score for themselves.",
        first=first,
        second=second,
        n=n_shared,
        percent=f"{100 * ratio:.0f}",
    )


def not_linked(n_sets: int) -> Message:
    """Return the finding on judges in several linked sets."""
    return Message("The judges fall into {n_sets} sets that share no proposal.", n_sets=n_sets)


def sole_link(judge: str, part: list[str]) -> Message:
    """Return the finding on a comparison that rests on one judge."""
    named = ", ".join(part[:_NAMED]) + (f" (+{len(part) - _NAMED})" if len(part) > _NAMED else "")
    return Message(
        "What compares {judges} with the rest of the panel rests on {judge} alone.", judges=named, judge=judge
    )


def repeated(n: int) -> Message:
    """Return the finding on repeated sheets."""
    return Message("Scoresheets that repeat a judge and proposal: {n}.", n=n)


def two_answers(distance: float) -> Message:
    """Return the finding on two starting points."""
    return Message(
        "Two different starting points lead to scores that differ by up to {distance} standard errors.",
        distance=f"{distance:.1f}",
    )


def weight_on_one(n: int, n_several: int, most: float) -> Message:
    """Return the finding on proposals whose score rests on one judge."""
    return Message(
        "In {n} of {of} proposals with three judges or more, one judge has more than half of the weight, up to "
        "{percent} %.",
        n=n,
        of=n_several,
        percent=f"{100 * most:.0f}",
    )


_UNEQUAL_WORK = (
    Message("The model allows for it: differences of work are not taken for differences of severity."),
    Message("The model takes part of it for severity, or corrects none of it: choose `hierarchical` or `additive`."),
)
_ONE_ANSWER = Message("The scores do not decide between the two. Compare with `additive`.")
_WEIGHT_ON_ONE = Message("These scores depend on one person more than on the others together.")
_SPREAD = Message("The intervals of this judge's proposals may be too narrow or too wide.")
_CONSEQUENCES = {
    "unequal_work": _UNEQUAL_WORK,
    "tied_to_severity": _UNEQUAL_WORK,
    "agreeing_pairs": (
        Message("The model counts the two as one reading. Ask them whether they settled their scores."),
        Message("The model counts one opinion twice: choose `hierarchical`, or ask the two judges."),
    ),
    "against_panel": (
        Message("The model turns these scores round. Ask whether the lowest score was taken for the best."),
        Message("The model takes these scores as they are. Ask whether the lowest was taken for the best."),
    ),
    "drift": (
        Message("The model estimates each judge's change over the order of scoring and takes it out of the scores."),
        Message("The model takes severity as constant: early and late proposals of this judge are affected."),
    ),
    "far_out": (
        Message("The model gives this judge less weight. Look at the list of unexpected scores."),
        Message("The score moves all that depends on this judge. Look at the list of unexpected scores."),
    ),
    "links": (
        Message("If this judge differs from the others, the comparison is wrong. Let others read across too."),
        Message("Comparing proposals of different sets rests on the assumption that the sets are alike."),
    ),
    "repeated": (
        Message("The model counts them together as one reading."),
        Message("The model counts one opinion more than once: intervals are too narrow."),
    ),
    "one_answer": (_ONE_ANSWER, _ONE_ANSWER),
    "weight_on_one": (_WEIGHT_ON_ONE, _WEIGHT_ON_ONE),
    "spread": (_SPREAD, _SPREAD),
}
"""What a finding changes, where the model allows for it and where it does not, by the name of the check."""


def consequence(name: str, *, allowed: bool) -> Message:
    """Return what a finding changes; ``allowed``: whether the model allows for it."""
    return _CONSEQUENCES[name][0 if allowed else 1]
