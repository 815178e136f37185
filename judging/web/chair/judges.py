"""Judges and cities: each judge's numbers as pictures and in words, and what the scores vary by."""

from __future__ import annotations

from flask import render_template, request

from judging import request as this
from judging.calibration.report.judges import UnexpectedResult
from judging.calibration.values import half_width
from judging.competition import Round
from judging.rubric import Scale
from judging.services.decisions import proposals
from judging.services.runs import calibration_runs
from judging.web import wording
from judging.web.chair.blueprint import bp, city_sentences, frame_of, no_run
from judging.web.chair.judge_views import VIEWS, distrusted, view_of


@bp.get("/<round_key>/judges")
def judges(competition: str, round_key: str) -> str:
    """Show judges' severity or another of their numbers, and what the scores vary by."""
    shown = frame_of(competition, round_key)
    if shown.result is None:
        return no_run(shown, "judges")
    view = view_of(request.args.get("show", ""))
    reach = half_width(shown.level)
    listed = [(judge, view.figure_of(judge, reach=reach)) for judge in shown.result.judges]
    listed.sort(key=lambda one: (one[1].estimate is None, -(one[1].estimate or 0.0), one[0].judge))
    session = this.session()
    return render_template(
        "chair/judges.html",
        frame=shown,
        tab="judges",
        judges=listed,
        view=view,
        views=VIEWS,
        axis=view.axis(figure for _, figure in listed),
        names=calibration_runs.judges_by_key(session, shown.row.competition_id),
        titles={key: one.title for key, one in proposals.list_proposals(session, shown.row).items()},
        criteria={one.key: one for one in shown.rules.rubric.criteria},
        distrusted=distrusted(shown.result.judges),
        in_marks=lambda unexpected: in_marks(shown.rules, unexpected),
        reliability=wording.reliability(shown.result.reliability),
        own_scale=_own_scale(shown.rules),
        city_sentences=city_sentences(shown.result),
    )


def in_marks(rules: Round, unexpected: UnexpectedResult) -> tuple[float, float]:
    """Return score and expected score of an unexpected one on its criterion's own scale."""
    scale = rules.rubric.criterion(unexpected.criterion).scale
    return round(scale.from_hundred(unexpected.score), 6), scale.from_hundred(unexpected.expected)


def _own_scale(rules: Round) -> Scale | None:
    """Return the scale that all criteria share, in whose marks people think; None when they differ."""
    scales = {criterion.scale for criterion in rules.rubric.criteria}
    return scales.pop() if len(scales) == 1 else None
