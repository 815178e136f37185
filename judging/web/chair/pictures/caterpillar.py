"""All calibrated scores with their intervals, best first, with the cut-off, the seats and what is not settled."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from judging.documents.axis import Axis
from judging.web.chair.pictures.drawing import Canvas, Picture, PictureScale, shown
from judging.web.chair.pictures.material import Material
from judging.web.showing import probability

_TOP, _BOTTOM, _LEFT, _RIGHT = 20.0, 400.0, 46.0, 990.0


def caterpillar(material: Material, *, level: int) -> Picture:
    """Draw it over the full width: proposals from left to right, points upwards."""
    drawn, final = material.drawn, material.final
    ends = [end for row in drawn for end in (*(row.interval or ()), row.result.raw)]
    axis = Axis.around(ends)
    across, up = PictureScale(0, len(drawn), _LEFT, _RIGHT), PictureScale(axis.low, axis.high, _BOTTOM, _TOP)
    drawing = Canvas(1000.0, 450.0)
    width = across.at(1) - across.at(0)
    for tick in axis.ticks:
        drawing.line(_LEFT, up.at(tick), _RIGHT, up.at(tick), "grid")
        drawing.text(_LEFT - 6, up.at(tick) + 4, shown(tick, axis.digits), "quiet", "end")
    for place, row in enumerate(drawn):
        if row.listed.key in final.selected:
            drawing.rect(across.at(place), _TOP, width, _BOTTOM - _TOP, "seat-ground")
        if row.result.tie_band:
            drawing.rect(across.at(place), _BOTTOM, width, 9.0, "band-mark")
    if final.cut_off is not None:
        drawing.line(_LEFT, up.at(final.cut_off), _RIGHT, up.at(final.cut_off), "cut")
        drawing.text(
            _RIGHT, up.at(final.cut_off) - 5, _("cut-off %(score)s", score=shown(final.cut_off)), "strong", "end"
        )
    for place, row in enumerate(drawn):
        result, x = row.result, across.at(place + 0.5)
        name = f"{row.listed.key}: {shown(result.calibrated)}"
        if row.interval is not None:
            low, high = row.interval
            name += f" ({shown(low)}–{shown(high)})"
            drawing.line(x, up.at(low), x, up.at(high), "interval", name)
        if result.raw is not None:
            drawing.diamond(x, up.at(result.raw), min(4.0, width / 2.2), "raw")
        if result.calibrated is not None:
            drawing.circle(x, up.at(result.calibrated), min(4.0, width / 2.4), "dot", name)
        if (row.rank or 0) % 10 == 0 or row.rank == 1:
            drawing.text(x, _BOTTOM + 26, row.rank, "quiet", "middle")
    drawing.text((_LEFT + _RIGHT) / 2, _BOTTOM + 44, _("rank"), "quiet", "middle")
    n_open = sum(bool(row.result.tie_band) for row in material.ranked)
    title = (
        ngettext(
            "The scores alone do not settle %(num)s proposal",
            "The scores alone do not settle %(num)s proposals",
            n_open,
        )
        if material.seats
        else _("Calibrated scores and how surely they are known")
    )
    return Picture(
        key="scores",
        title=title,
        svg=drawing.svg("scores", title),
        note=_(
            "Dot and bar: calibrated score with its %(level)s %% interval. Diamond: raw mean. A mark below the axis: "
            "the chance of a seat is neither clearly high nor clearly low.",
            level=level,
        ),
        heads=(
            _("Proposal"),
            _("Rank"),
            _("Calibrated"),
            _("from"),
            _("to"),
            _("Raw mean"),
            _("Chance of a seat"),
            _("Seat"),
        ),
        rows=[
            (
                f"{row.listed.title} ({row.listed.key})",
                str(row.rank),
                shown(row.result.calibrated),
                shown(row.interval[0] if row.interval else None),
                shown(row.interval[1] if row.interval else None),
                shown(row.result.raw),
                probability(row.result.p_shortlist),
                _("yes") if row.listed.key in final.selected else "–",
            )
            for row in drawn
        ],
        legend=(("seat-ground", _("has a seat now")), ("band-mark", _("not settled by the scores"))),
    )
