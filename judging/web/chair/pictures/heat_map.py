"""Judges by proposals: how each total lies to the calibrated score, and how much it counts."""

from __future__ import annotations

from flask_babel import gettext as _

from judging.web.chair.pictures.drawing import Canvas, Picture, shown
from judging.web.chair.pictures.material import Material

_STEPS = (-15.0, -5.0, 5.0, 15.0)
"""Points between total and calibrated score at which the colour changes."""
_LEFT, _TOP = 150.0, 40.0


def heat_map(material: Material) -> Picture:
    """Draw judges from the strictest down, proposals by rank; the area of a cell is the share of the scoresheet."""
    severity = {judge.judge: judge.severity for judge in material.report.judges if judge.n_sheets}
    judges = sorted(severity, key=lambda key: (severity[key] is None, -(severity[key] or 0.0), key))
    drawn = material.drawn
    size = min(16.0, (1000.0 - _LEFT - 10) / len(drawn))
    place = {row.listed.key: (column, row) for column, row in enumerate(drawn)}
    drawing = Canvas(1000.0, _TOP + size * len(judges) + 26)
    line_of = {key: line for line, key in enumerate(judges)}
    for key, line in line_of.items():
        y = _TOP + (line + 0.5) * size
        drawing.line(_LEFT, y, _LEFT + size * len(drawn), y, "grid")
        if size >= 9 or line % 2 == 0:
            drawing.text(_LEFT - 6, y + 4, material.names.get(key, key)[:18], "quiet small", "end")
    drawing.text(_LEFT, 14.0, _("best"), "quiet")
    drawing.text(_LEFT + size * len(drawn), 14.0, _("rank %(n)s", n=drawn[-1].rank), "quiet", "end")
    drawing.text(_LEFT - 6, 30.0, _("strictest judge"), "quiet", "end")
    drawing.text(_LEFT - 6, _TOP + size * len(judges) + 18, _("most generous"), "quiet", "end")
    ratings, rows = material.ratings, []
    shares = _shares(material)
    for sheet, total in enumerate(ratings.total.tolist()):
        key, judge = ratings.proposals[ratings.proposal[sheet]], ratings.judges[ratings.judge[sheet]]
        if key not in place or judge not in line_of:
            continue
        column, row = place[key]
        calibrated = row.result.calibrated or 0.0
        share = shares.get((key, judge), 1.0 / (row.result.n_judges or 1))
        side = size * 0.94 * min(max(share * (row.result.n_judges or 1), 0.15), 1.5) ** 0.5 / 1.5**0.5
        x, y = _LEFT + (column + 0.5) * size - side / 2, _TOP + (line_of[judge] + 0.5) * size - side / 2
        gap = total - calibrated
        said = _(
            "%(judge)s, %(proposal)s: total %(total)s, calibrated %(calibrated)s, counts %(share)s %%",
            judge=material.names.get(judge, judge),
            proposal=key,
            total=shown(total),
            calibrated=shown(calibrated),
            share=shown(100 * share, 0),
        )
        drawing.rect(x, y, side, side, f"heat{sum(gap > step for step in _STEPS)}", said)
        rows.append((line_of[judge], column, judge, key, total, calibrated, gap, share))
    rows.sort()
    strict = [key for key in judges if severity[key] is not None]
    title = (
        _(
            "From the strictest judge to the most generous it is %(points)s points",
            points=shown((severity[strict[0]] or 0.0) - (severity[strict[-1]] or 0.0)),
        )
        if len(strict) > 1
        else _("Who scored what")
    )
    return Picture(
        key="judges",
        title=title,
        svg=drawing.svg("judges", title),
        note=_(
            "Each square is a scoresheet. Blue: the total lies below the calibrated score; orange: above it; the "
            "darker, the further. The larger the square, the more it counts."
        ),
        heads=(_("Judge"), _("Proposal"), _("Total"), _("Calibrated"), _("Difference"), _("Counts")),
        rows=[
            (
                material.names.get(judge, judge),
                key,
                shown(total),
                shown(calibrated),
                shown(gap),
                f"{shown(100 * share, 0)} %",
            )
            for _line, _column, judge, key, total, calibrated, gap, share in rows
        ],
        legend=(
            ("heat0", _("more than 15 below")),
            ("heat1", _("5 to 15 below")),
            ("heat2", _("within 5")),
            ("heat3", _("5 to 15 above")),
            ("heat4", _("more than 15 above")),
        ),
    )


def _shares(material: Material) -> dict[tuple[str, str], float]:
    """Return the share of a scoresheet where the model does not let all count alike."""
    return {
        (row.listed.key, term.judge): term.value
        for row in material.drawn
        if row.result.explanation is not None
        for term in row.result.explanation.terms
        if term.kind == "consistency" and term.judge is not None
    }
