"""The pictures of a run on one page, each with its table."""

from __future__ import annotations

from flask import render_template

from judging.reading_log import logged
from judging.web.chair.blueprint import bp, frame_of, no_run
from judging.web.chair.pictures.caterpillar import caterpillar
from judging.web.chair.pictures.city_seats import city_seats
from judging.web.chair.pictures.heat_map import heat_map
from judging.web.chair.pictures.mark_histograms import mark_histograms
from judging.web.chair.pictures.material import material_of
from judging.web.chair.pictures.quadrants import quadrants
from judging.web.chair.pictures.rank_flow import rank_flow
from judging.web.responses.parts import remembered


@bp.get("/<round_key>/pictures")
@logged("viewed.ranking")
@remembered
def pictures(competition: str, round_key: str) -> str:
    """Show the pictures of a run."""
    shown = frame_of(competition, round_key)
    material = material_of(shown)
    if material is None:
        return no_run(shown, "pictures")
    drawn = (
        city_seats(material),
        rank_flow(material),
        caterpillar(material, level=round(100 * shown.level)),
        quadrants(material),
        heat_map(material),
        mark_histograms(material),
    )
    return render_template(
        "chair/results/pictures.html",
        frame=shown,
        tab="pictures",
        pictures=[picture for picture in drawn if picture is not None],
        material=material,
    )
