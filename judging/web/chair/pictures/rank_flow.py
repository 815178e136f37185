"""Rank flow: each proposal's rank by its raw mean and by its calibrated score, coloured by city."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from judging.web.chair.pictures.drawing import Canvas, Picture, PictureScale, colour, shown
from judging.web.chair.pictures.material import Material

_LEFT, _RIGHT, _TOP = 260.0, 740.0, 46.0


def rank_flow(material: Material) -> Picture:
    """Draw it; lines that cross the end of the shortlist stand out and are named at both ends."""
    drawn, seats = material.drawn, material.seats
    ranks = [rank for row in drawn for rank in (material.raw_rank[row.listed.key], row.rank or 0)]
    step = 15.0 if len(drawn) <= 40 else 10.5
    height = _TOP + (max(ranks) - min(ranks) + 1) * step + 20.0
    scale = PictureScale(min(ranks), max(ranks) + 1, _TOP + step / 2, height - 20.0 + step / 2)
    drawing = Canvas(1000.0, height)
    drawing.text(_LEFT, 20.0, _("By raw mean"), "head", "end")
    drawing.text(_RIGHT, 20.0, _("Calibrated"), "head")
    if seats:
        line = scale.at(seats + 0.5)
        drawing.line(20.0, line, _RIGHT + 90, line, "cut")
        drawing.text(20.0, line - 5, ngettext("%(num)s seat above", "%(num)s seats above", seats), "quiet")
    up: list[str] = []
    down: list[str] = []
    for row in sorted(drawn, key=lambda row: _crosses(material.raw_rank[row.listed.key], row.rank or 0, seats)):
        key, raw, now = row.listed.key, material.raw_rank[row.listed.key], row.rank or 0
        crosses = _crosses(raw, now, seats)
        (up if crosses and now <= seats else down if crosses else []).append(key)
        tone = colour(material.city_place(row.listed.city))
        name = _("%(proposal)s: %(raw)s by raw mean, %(rank)s calibrated", proposal=key, raw=raw, rank=now)
        y1, y2 = scale.at(raw), scale.at(now)
        drawing.line(_LEFT, y1, _RIGHT, y2, f"flow stroke-{tone}{' strong' if crosses else ''}", name)
        drawing.circle(_LEFT, y1, 3.2, f"fill-{tone}")
        drawing.circle(_RIGHT, y2, 3.2, f"fill-{tone}")
        if crosses or len(drawn) <= 40:
            drawing.text(_RIGHT + 10, y2 + 4, f"{now} · {key}", "strong" if crosses else "quiet")
            if crosses:
                drawing.text(_LEFT - 10, y1 + 4, f"{key} · {raw}", "strong", "end")
    if seats and up:
        title = ngettext(
            "Calibrating brings %(num)s proposal among the first %(seats)s that plain averages leave out",
            "Calibrating brings %(num)s proposals among the first %(seats)s that plain averages leave out",
            len(up),
            seats=seats,
        )
    elif seats and down:
        title = _("Calibrating brings no other proposal among the first %(seats)s", seats=seats)
    elif seats:
        title = _("Plain averages and calibrated scores have the same first %(seats)s", seats=seats)
    else:
        title = _("How calibrating moves ranks")
    has_cities = len(material.cities) > 1
    return Picture(
        key="rank-flow",
        title=title,
        svg=drawing.svg("rank-flow", title),
        note=_("Each line is one proposal; a line that crosses is drawn strongly. Quotas and decisions are not in it."),
        heads=(
            *(_("Proposal"), *((_("City"),) if has_cities else ())),
            *(_("Rank by raw mean"), _("Rank, calibrated"), _("Raw mean"), _("Calibrated")),
        ),
        rows=[
            (
                f"{row.listed.title} ({row.listed.key})",
                *((material.cities.get(row.listed.city, row.listed.city),) if has_cities else ()),
                str(material.raw_rank[row.listed.key]),
                str(row.rank),
                shown(row.result.raw),
                shown(row.result.calibrated),
            )
            for row in drawn
        ],
        legend=city_legend(material),
    )


def city_legend(material: Material) -> tuple[tuple[str, str], ...]:
    """Return the colours of the cities that have proposals; nothing where there is one city only."""
    if len(material.cities) < 2:
        return ()
    present = {row.listed.city for row in material.ranked}
    return tuple(
        (f"fill-{colour(place)}", name) for place, (key, name) in enumerate(material.cities.items()) if key in present
    )[:6]


def _crosses(raw: int, now: int, seats: int) -> bool:
    return bool(seats) and (raw <= seats) != (now <= seats)
