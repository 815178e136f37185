"""The mirror of a judge: own severity, spread and drift against the panel, for this judge only."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask_babel import gettext as _

from judging import request as this
from judging.calibration.report.judges import JudgeResult
from judging.decimals import FACTOR, SCORE
from judging.services.runs import mirrors
from judging.services.scoresheets import queues
from judging.web.judge.blueprint import bp
from judging.web.showing import number, signed
from judging.web.words import wording


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a judge: its name, what it means, the estimate and its interval as shown, and the sentence."""

    name: str
    meaning: str
    estimate: str
    interval: str
    sentence: str


@bp.get("/<competition>/mirrors/<round_key>")
def mirror(competition: str, round_key: str) -> str:
    """Show the judge's own mirror, or why there is none."""
    found = mirrors.own_mirror(this.session(), this.actor(), competition, round_key)
    mine = queues.get_queue(this.session(), this.actor(), competition)
    return render_template(
        "judge/mirror.html",
        queue=mine,
        round=mine.round(round_key),
        mirror=found,
        quantities=[] if found.judge is None else _quantities(found.judge),
    )


def _quantities(judge: JudgeResult) -> list[Quantity]:
    sentences = {sentence.about: wording.note(sentence) for sentence in judge.readings}

    def quantity(about: str, name: str, meaning: str, digits: int, *numbers: float | None) -> Quantity:
        usual = _("no clear change") if about == "drift" else _("no clear difference from the panel")
        show = number if about == "scale_use" else signed
        estimate, low, high = (show(value, digits) for value in numbers)
        interval = "" if None in numbers else f"{low} … {high}"
        return Quantity(name, meaning, estimate, interval, sentences.get(about, usual))

    listed = [
        quantity(
            "severity",
            _("Severity"),
            _("points on 0–100; + is stricter than the panel"),
            SCORE.page,
            *(judge.severity, judge.low, judge.high),
        ),
        quantity(
            "scale_use",
            _("Spread"),
            _("how far you spread scores; 1 is the panel"),
            FACTOR.page,
            *(judge.scale_use, judge.scale_use_low, judge.scale_use_high),
        ),
        quantity(
            "drift",
            _("Drift"),
            _("points by which you grew stricter (+) from your first sheet to your last"),
            SCORE.page,
            *(judge.drift, judge.drift_low, judge.drift_high),
        ),
    ]
    values = (judge.severity, judge.scale_use, judge.drift)
    return [one for one, value in zip(listed, values, strict=True) if value is not None]
