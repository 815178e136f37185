"""Judges' severity, and what the scores vary by."""

from __future__ import annotations

from flask import render_template

from judging import request as this
from judging.competition import Round
from judging.rubric import Scale
from judging.services import results
from judging.web.chair.blueprint import bp, city_sentences, frame_of, no_run
from judging.web.plots import Axis


@bp.get("/<round_key>/judges")
def judges(competition: str, round_key: str) -> str:
    """Show judges' severity, and what the scores vary by."""
    shown = frame_of(competition, round_key)
    if shown.run is None:
        return no_run(shown, "judges")
    listed = sorted(
        shown.result["judges"], key=lambda judge: (judge["severity"] is None, -(judge["severity"] or 0), judge["judge"])
    )
    return render_template(
        "chair/judges.html",
        frame=shown,
        tab="judges",
        judges=listed,
        names=results.judges_by_key(this.session(), shown.row.competition_id),
        own_scale=_own_scale(shown.rules),
        city_sentences=city_sentences(shown.result),
        axis=Axis.around((judge[end] for judge in listed for end in ("severity", "low", "high")), zero=True),
    )


def _own_scale(rules: Round) -> Scale | None:
    """Return the scale that all criteria share, in whose marks people think; None when they differ."""
    scales = {criterion.scale for criterion in rules.rubric.criteria}
    return scales.pop() if len(scales) == 1 else None
