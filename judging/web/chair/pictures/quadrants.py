"""Disagreement of the judges against the chance of a seat: what to discuss first."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from judging.documents.axis import Axis
from judging.web.chair.pictures.drawing import Canvas, Picture, PictureScale, shown
from judging.web.chair.pictures.material import Material
from judging.web.showing import percent, probability

OPEN = (0.2, 0.8)
"""Chances between which the scores leave a seat open."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 970.0, 34.0, 440.0


_LABEL = (34.0, 12.0)
"""Width and height of a label, at most, in units of the drawing."""


def quadrants(material: Material) -> Picture | None:
    """Draw it; None without chances or without disagreement."""
    known = [
        (row, row.result.p_shortlist, row.result.disagreement)
        for row in material.ranked
        if row.result.p_shortlist is not None and row.result.disagreement is not None
    ]
    if len(known) < 2:
        return None
    spread = sorted(value for _row, _p, value in known)
    middle = spread[len(spread) // 2]
    axis = Axis.around([0.0, spread[-1]])
    across, up = PictureScale(0.0, 1.0, _LEFT, _RIGHT), PictureScale(0.0, axis.high, _BOTTOM, _TOP)
    drawing = Canvas(1000.0, 480.0)
    drawing.rect(
        across.at(OPEN[0]), _TOP, across.at(OPEN[1]) - across.at(OPEN[0]), up.at(middle) - _TOP, "first-ground"
    )
    for chance in OPEN:
        drawing.line(across.at(chance), _TOP, across.at(chance), _BOTTOM, "cut")
    drawing.line(_LEFT, up.at(middle), _RIGHT, up.at(middle), "cut")
    for tick in axis.ticks:
        if tick >= 0:
            drawing.text(_LEFT - 6, up.at(tick) + 4, shown(tick, axis.digits), "quiet", "end")
    for chance in (0.0, 0.2, 0.5, 0.8, 1.0):
        drawing.text(across.at(chance), _BOTTOM + 18, percent(chance), "quiet", "middle")
    drawing.text((_LEFT + _RIGHT) / 2, _BOTTOM + 36, _("chance of a seat"), "quiet", "middle")
    drawing.text(0.0, 18.0, _("disagreement of its judges, points"), "quiet")
    drawing.text(across.at(0.5), 28.0, _("discuss first: open and disputed"), "strong", "middle")
    drawing.text(across.at(0.5), _BOTTOM - 8, _("open, judges agree"), "quiet", "middle")
    drawing.text(across.at(0.1), _BOTTOM - 8, _("out"), "quiet", "middle")
    drawing.text(across.at(0.9), _BOTTOM - 8, _("in"), "quiet", "middle")
    first: list[str] = []
    # Labels cover neither each other nor a dot that has a label.
    taken = [
        (across.at(p) - 5, up.at(value) - 5, 10.0, 10.0) for _row, p, value in known if _is_first(p, value, middle)
    ]
    for row, chance, value in sorted(known, key=lambda one: (one[1], -one[2])):
        is_first = _is_first(chance, value, middle)
        said = f"{row.listed.key}: {probability(chance)}, {shown(value)}"
        drawing.circle(
            across.at(chance), up.at(value), 5.0 if is_first else 3.6, "dot" if is_first else "dot-quiet", said
        )
        if is_first:
            first.append(row.listed.key)
            left, top = _free_place(across.at(chance), up.at(value), taken)
            taken.append((left, top, *_LABEL))
            drawing.text(left, top + 10, row.listed.key, "strong small")
    title = (
        ngettext(
            "Discuss %(num)s proposal first: its seat is open and its judges disagree",
            "Discuss %(num)s proposals first: their seats are open and their judges disagree",
            len(first),
        )
        if first
        else _("No proposal is both open and disputed")
    )
    order = sorted(known, key=lambda one: (one[0].listed.key not in first, -one[2], one[0].listed.key))
    return Picture(
        key="discuss",
        title=title,
        svg=drawing.svg("discuss", title),
        note=_(
            "Open: a chance of a seat from 20 to 80 %%. Disputed: more disagreement than half of the proposals, above "
            "%(points)s points.",
            points=shown(middle),
        ),
        heads=(_("Proposal"), _("Chance of a seat"), _("Disagreement"), _("Discuss first")),
        rows=[
            (
                f"{row.listed.title} ({row.listed.key})",
                probability(chance),
                shown(value),
                _("yes") if row.listed.key in first else "–",
            )
            for row, chance, value in order
        ],
    )


def _is_first(chance: float, disagreement: float, middle: float) -> bool:
    return OPEN[0] <= chance <= OPEN[1] and disagreement >= middle


def _free_place(x: float, y: float, taken: list[tuple[float, float, float, float]]) -> tuple[float, float]:
    """Return left and top of a label near a dot where no box (left, top, width, height) is, or right of the dot."""
    width, height = _LABEL
    right, left, middle = x + 8, x - 8 - width, x - width / 2
    rows = (y - height / 2, y - height - 6, y + 6)
    places = [(right, rows[0]), (left, rows[0]), (middle, rows[1]), (middle, rows[2])]
    places += [(side, row) for row in rows[1:] for side in (right, left)]
    for place in places:
        if not any(
            place[0] < box[0] + box[2]
            and box[0] < place[0] + width
            and place[1] < box[1] + box[3]
            and box[1] < place[1] + height
            for box in taken
        ):
            return place
    return places[0]
