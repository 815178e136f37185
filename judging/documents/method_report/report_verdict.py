"""Whether the numbers of a run can carry a decision, as a box."""

from __future__ import annotations

from judging import phrases
from judging.calibration.report.checks import DECIDE, WITH_RESERVATION
from judging.documents.document import Callout, Paragraph
from judging.documents.method_report.telling import Telling
from judging.errors import Message

_TONES = {DECIDE: "good", WITH_RESERVATION: "careful"}


def verdict(telling: Telling) -> Callout:
    """Return whether the numbers can carry a decision."""
    checks = telling.report.checks
    if checks is None:
        return Callout(
            telling.say(
                Message(
                    "The assumptions of the model were not checked for this run: there is no verdict on its numbers."
                )
            )
        )
    return Callout(telling.say(Message(checks.text)), _TONES.get(checks.verdict, "bad"))


def joint_verdict(telling: Telling) -> Paragraph:
    """Return what check and prediction say together, in the words of the page of the ranking."""
    report = telling.report
    said = phrases.joint_verdict(
        None if report.checks is None else report.checks.verdict,
        None if report.sensitivity is None else report.sensitivity.prediction,
        model=report.model,
    )
    seats = phrases.seats_under_plain_means(report.sensitivity, is_part=bool(telling.book.hidden))
    return Paragraph(telling.sentences(*said, *(() if seats is None else (seats,))))
