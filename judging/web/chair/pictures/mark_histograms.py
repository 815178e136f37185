"""The marks that each judge gave, beside those of the whole panel."""

from __future__ import annotations

import numpy as np
from flask_babel import gettext as _

from judging.calibration.ratings import Floats
from judging.web.chair.pictures.drawing import Canvas, Picture, shown
from judging.web.chair.pictures.material import Material

_BINS = 10
_COLUMNS, _WIDTH, _HEIGHT = 6, 160.0, 84.0
_MOST_JUDGES = 60


def mark_histograms(material: Material) -> Picture:
    """Draw a histogram for each judge, strictest first, with the panel's as an outline."""
    ratings = material.ratings
    severity = {judge.judge: judge.severity or 0.0 for judge in material.report.judges if judge.n_sheets}
    judges = sorted(severity, key=lambda key: (-severity[key], key))[:_MOST_JUDGES]
    panel = _shares(ratings.score)
    of_judge = {key: _shares(ratings.score[ratings.judge == ratings.judges.index(key)]) for key in judges}
    most = max(float(panel.max()), *(float(shares.max()) for shares in of_judge.values()))
    drawing = Canvas(1000.0, 10.0 + _HEIGHT * -(-len(judges) // _COLUMNS))
    bar = (_WIDTH - 16.0) / _BINS
    for place, key in enumerate(judges):
        x, y = 8.0 + (place % _COLUMNS) * (1000.0 / _COLUMNS), 4.0 + (place // _COLUMNS) * _HEIGHT
        base, room = y + _HEIGHT - 12.0, _HEIGHT - 34.0
        drawing.text(x, y + 12, material.names.get(key, key)[:20], "strong small")
        for number, share in enumerate(of_judge[key].tolist()):
            said = _("%(range)s: %(share)s %% of the marks", range=_range(number), share=shown(100 * share, 0))
            height = room * share / most
            if height:
                drawing.rect(x + number * bar + 0.5, base - height, bar - 1, height, "dot", said)
        outline = []
        for number, share in enumerate(panel.tolist()):
            top = base - room * share / most
            outline += [(x + number * bar, top), (x + (number + 1) * bar, top)]
        drawing.path(outline, "panel-outline")
        drawing.line(x, base, x + _BINS * bar, base, "grid")
    # Half of the absolute differences: the share of marks that would have to move.
    away = {key: float(np.abs(shares - panel).sum()) / 2 for key, shares in of_judge.items()}
    farthest = max(away, key=lambda key: away[key])
    title = _(
        "%(judge)s marks least like the panel: %(share)s %% of the marks would have to move",
        judge=material.names.get(farthest, farthest),
        share=shown(100 * away[farthest], 0),
    )
    return Picture(
        key="marks",
        title=title,
        svg=drawing.svg("marks", title),
        note=_(
            "Bars: the judge's marks on 0 to 100, from left to right. Outline: the whole panel. Strictest judge first."
        ),
        heads=(_("Judge"), _("Unlike the panel"), *(_range(number) for number in range(_BINS))),
        rows=[
            (_("The panel"), "–", *(f"{shown(100 * share, 0)} %" for share in panel.tolist())),
            *(
                (
                    material.names.get(key, key),
                    f"{shown(100 * away[key], 0)} %",
                    *(f"{shown(100 * share, 0)} %" for share in of_judge[key].tolist()),
                )
                for key in judges
            ),
        ],
        legend=(("dot", _("the judge")), ("panel-outline", _("the panel"))),
    )


def _shares(scores: Floats) -> Floats:
    """Return the share of marks on 0..100 in each tenth of the scale; the highest mark belongs to the last."""
    given = scores[~np.isnan(scores)]
    counted = np.bincount(np.clip((given / 100.0 * _BINS).astype(int), 0, _BINS - 1), minlength=_BINS)
    return np.asarray(counted / max(int(counted.sum()), 1))


def _range(number: int) -> str:
    return f"{number * 100 // _BINS}–{(number + 1) * 100 // _BINS}"
