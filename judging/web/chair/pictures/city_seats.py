"""Cities: the marks that judges of each city give to proposals of each city, and the seats of each city."""

from __future__ import annotations

import numpy as np
from flask_babel import gettext as _

from judging.web.chair.pictures.drawing import Canvas, Picture, PictureScale, colour, shown
from judging.web.chair.pictures.material import Material
from judging.web.showing import colon

_MOST_CITIES = 4


def city_seats(material: Material) -> Picture | None:
    """Draw it; None where there are not two to four cities, or where no seats are given."""
    present = [key for key in material.cities if any(row.listed.city == key for row in material.ranked)]
    if not 2 <= len(present) <= _MOST_CITIES or not material.seats:
        return None
    seats = material.seats
    counts = {
        "raw": _count(
            material, [row.listed.key for row in material.ranked if material.raw_rank[row.listed.key] <= seats]
        ),
        "calibrated": _count(material, [row.listed.key for row in material.ranked if (row.rank or 0) <= seats]),
        "now": _count(material, material.final.selected),
    }
    marks = _marks(material, present)
    drawing = Canvas(1000.0, 76.0 + 70.0 * max(len(present), 2.2))
    _draw_marks(drawing, material, present, marks)
    _draw_seats(drawing, material, present, counts)
    labels = seat_labels()
    largest = max(present, key=lambda key: counts["raw"].get(key, 0))
    title = _(
        "By plain averages %(city)s would have %(raw)s of the first %(seats)s places; calibrated it has "
        "%(calibrated)s, and %(now)s seats now",
        city=material.cities[largest],
        raw=counts["raw"].get(largest, 0),
        seats=seats,
        calibrated=counts["calibrated"].get(largest, 0),
        now=counts["now"].get(largest, 0),
    )
    rows = [
        (labels[name], *(str(counts[name].get(key, 0)) for key in present)) for name in ("raw", "calibrated", "now")
    ]
    rows += [
        (
            _("Mean mark by judges of %(city)s", city=material.cities[judge]),
            *(
                _("%(mean)s (%(n)s scoresheets)", mean=shown(marks[judge, key][0]), n=marks[judge, key][1])
                if (judge, key) in marks
                else "–"
                for key in present
            ),
        )
        for judge in present
    ]
    return Picture(
        key="cities",
        title=title,
        svg=drawing.svg("cities", title),
        note=_(
            "Left: the mean mark, as given, of judges of one city for proposals of another. Right: who has the places."
        ),
        heads=("", *(_("Proposals of %(city)s", city=material.cities[key]) for key in present)),
        rows=rows,
    )


def seat_labels() -> dict[str, str]:
    """Return the name of each way to give the places."""
    return {
        "raw": _("First places by raw mean"),
        "calibrated": _("First places, calibrated"),
        "now": _("Seats now: rule and decisions"),
    }


def _count(material: Material, keys: object) -> dict[str, int]:
    wanted = set(keys)  # type: ignore[call-overload]
    counted: dict[str, int] = {}
    for row in material.ranked:
        if row.listed.key in wanted:
            counted[row.listed.city] = counted.get(row.listed.city, 0) + 1
    return counted


def _marks(material: Material, present: list[str]) -> dict[tuple[str, str], tuple[float, int]]:
    """Return mean total and number of scoresheets by city of judge and of proposal, of visible proposals."""
    ratings = material.ratings
    visible = {row.listed.key for row in material.ranked}
    seen = np.array([key in visible for key in ratings.proposals], dtype=bool)[ratings.proposal]
    found = {}
    for judge in present:
        for key in present:
            if judge in ratings.cities and key in ratings.cities:
                of_judge = ratings.judge_city[ratings.judge] == ratings.cities.index(judge)
                of_proposal = ratings.proposal_city[ratings.proposal] == ratings.cities.index(key)
                totals = ratings.total[seen & of_judge & of_proposal]
                if len(totals):
                    found[judge, key] = (float(totals.mean()), len(totals))
    return found


def _draw_marks(
    drawing: Canvas, material: Material, present: list[str], marks: dict[tuple[str, str], tuple[float, int]]
) -> None:
    size, left, top = min(120.0, 300.0 / len(present)), 130.0, 66.0
    drawing.text(left, 18.0, _("Mean mark, proposals of"), "head")
    for column, key in enumerate(present):
        drawing.text(left + (column + 0.5) * size, top - 10, material.cities[key], "strong", "middle")
    drawing.text(0.0, top - 10, _("judges of"), "quiet")
    for line, judge in enumerate(present):
        drawing.text(left - 10, top + line * 70.0 + 40, material.cities[judge], "strong", "end")
        for column, key in enumerate(present):
            x, y = left + column * size, top + line * 70.0
            drawing.rect(x + 2, y + 2, size - 4, 66.0, "cell-own" if judge == key else "cell-other")
            if (judge, key) in marks:
                mean, n = marks[judge, key]
                drawing.text(x + size / 2, y + 34, shown(mean), "large", "middle")
                drawing.text(x + size / 2, y + 54, _("%(n)s sheets", n=n), "quiet", "middle")


def _draw_seats(drawing: Canvas, material: Material, present: list[str], counts: dict[str, dict[str, int]]) -> None:
    left, right, top = 480.0, 990.0, 40.0
    for line, (name, label) in enumerate(seat_labels().items()):
        y = top + line * 70.0
        total = sum(counts[name].values()) or 1
        scale, at = PictureScale(0, total, left, right), 0
        drawing.text(left, y, label, "head")
        for key in present:
            n = counts[name].get(key, 0)
            if n:
                tone = colour(material.city_place(key))
                said = f"{material.cities[key]}{colon()}{n}"
                drawing.rect(scale.at(at) + 1, y + 10, scale.at(at + n) - scale.at(at) - 2, 30.0, f"fill-{tone}", said)
                words = said if scale.at(n) - left > 90 else n
                drawing.text(scale.at(at + n / 2), y + 30, words, "on-colour", "middle")
            at += n
