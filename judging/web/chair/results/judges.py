"""Judges and cities: each judge's estimates as plots and in words, and the variance components."""

from __future__ import annotations

from flask import render_template, request

from judging import request as this
from judging.calibration.report.judges import UnexpectedResult
from judging.calibration.values import half_width
from judging.competition import RoundRules
from judging.rubric import Scale
from judging.services.decisions import proposals
from judging.services.runs import calibration_runs
from judging.web.chair.blueprint import bp, city_sentences, frame_of, no_run
from judging.web.chair.results.judge_views import VIEWS, distrusted, view_of
from judging.web.responses.parts import remembered
from judging.web.words import wording


@bp.get("/<round_key>/judges")
@remembered
def judges(competition: str, round_key: str) -> str:
    """Show the judges' severity or another estimate, and the variance components."""
    shown = frame_of(competition, round_key)
    if shown.result is None:
        return no_run(shown, "judges")
    view = view_of(request.args.get("show", ""))
    reach = half_width(shown.level)
    listed = [(judge, view.figure_of(judge, reach=reach)) for judge in shown.result.judges]
    listed.sort(key=lambda pair: (pair[1].estimate is None, -(pair[1].estimate or 0.0), pair[0].judge))
    session = this.session()
    return render_template(
        "chair/results/judges.html",
        frame=shown,
        tab="judges",
        judges=listed,
        view=view,
        views=VIEWS,
        axis=view.axis(figure for _, figure in listed),
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
        titles={key: entry.title for key, entry in proposals.list_proposals(session, shown.row).items()},
        criteria={criterion.key: criterion for criterion in shown.rules.rubric.criteria},
        distrusted=distrusted(shown.result.judges),
        in_marks=lambda unexpected: in_marks(shown.rules, unexpected),
        reliability=wording.reliability(shown.result.reliability),
        own_scale=_own_scale(shown.rules),
        city_sentences=city_sentences(shown.result),
    )


def in_marks(rules: RoundRules, unexpected: UnexpectedResult) -> tuple[float, float]:
    """Return score and expected score of an unexpected score, on the scale of its criterion."""
    scale = rules.rubric.criterion(unexpected.criterion).scale
    return round(scale.from_hundred(unexpected.score), 6), scale.from_hundred(unexpected.expected)


def _own_scale(rules: RoundRules) -> Scale | None:
    """Return the scale that all criteria share; None when they differ."""
    scales = {criterion.scale for criterion in rules.rubric.criteria}
    return scales.pop() if len(scales) == 1 else None
