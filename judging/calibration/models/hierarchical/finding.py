"""The fit of `hierarchical`: from ratings to the posterior, earlier occasions first."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from judging.calibration.answers.total_effects import home_share
from judging.calibration.drift import order_of_scoring, severity_drifts
from judging.calibration.independence import Independence, find_independence
from judging.calibration.linkage import Linkage, find_linkage
from judging.calibration.models.hierarchical.earlier_occasions.earlier_fits import (
    EarlierPanel,
    panel_of,
    strengths_of,
    uses_of,
)
from judging.calibration.models.hierarchical.iteration import iterate
from judging.calibration.models.hierarchical.judges import is_exact
from judging.calibration.models.hierarchical.layout import Layout, lay_out
from judging.calibration.models.hierarchical.marks import read_marks
from judging.calibration.models.hierarchical.posterior import Posterior
from judging.calibration.models.hierarchical.scores import score_proposals
from judging.calibration.models.hierarchical.warm_start import WarmStart
from judging.calibration.ratings import Floats, Ints, Occasion, Ratings
from judging.calibration.settings import Settings
from judging.errors import NotConverged

_TOLERANCE, _TOLERANCE_MANY = 1e-7, 1e-5
"""The iteration ends when no logarithm changes by more; the second where judges are solved in blocks."""

_TOLERANCE_AGAIN = 1e-4

_UNTOLD = 0.2
"""Spread of city severity and of city quality where they are not identifiable; in units of the marks' spread."""


def find_posterior(
    ratings: Ratings, settings: Settings, linkage: Linkage, *, warm_start: WarmStart | None = None
) -> Posterior | None:
    """Fit as `fit_hierarchical` does; None when all scores are equal."""
    size = _relative_scale(ratings)
    centre = np.nanmean(ratings.score, axis=0)
    unit = float(np.sqrt(np.nanmean(((ratings.score - centre) / size) ** 2)))
    if unit < 1e-9 * max(1.0, float(np.abs(centre).max())):
        return None
    independence = find_independence(ratings)
    layout, city = _layout(ratings, settings, linkage, independence)
    marks = read_marks(
        (ratings.score[layout.order] - centre) / size,
        (ratings.minimum - centre) / size,
        (ratings.maximum - centre) / size,
        ratings.step / size,
    )
    panel = find_earlier_panel(ratings.earlier, replace(settings, shortlist=None, tie_breaks=()))
    spread = None if city is None else city * unit
    tolerance = _TOLERANCE if is_exact(layout) else _TOLERANCE_MANY
    since = None
    if warm_start is not None and warm_start.suits(layout):
        order = layout.order
        since = (warm_start.state, warm_start.value[order] - centre / size, warm_start.variance[order])
        tolerance = _TOLERANCE_AGAIN
    solution = iterate(
        layout,
        marks,
        unit,
        city=spread,
        label=spread,
        begin=since,
        earlier=None if panel is None else panel.judges_among(ratings.judges),
        tolerance=tolerance,
    )
    if not solution.converged:
        raise NotConverged("hierarchical", iterations=solution.iterations, last_change=solution.change)
    share = home_share(ratings, settings.home_city)
    scores = score_proposals(
        layout,
        solution,
        ratings.weights * size,
        home_share=share,
        criterion_mean=solution.judges.criterion_mean + centre / size,
    )
    return Posterior(
        ratings=ratings,
        independence=independence,
        layout=layout,
        relative_scale=size,
        solution=solution,
        scores=scores,
        home_share=share,
        earlier=uses_of(ratings.earlier, strengths_of(panel, solution.links), ratings),
    )


@lru_cache(maxsize=8)
def find_earlier_panel(occasions: tuple[Occasion, ...], settings: Settings) -> EarlierPanel | None:
    """Fit the occasions one after the other, each with what the ones before it say; None when none can be used.

    Each has its own spreads: an earlier round may have been scored in another way. One on which no fit converges, or
    all of whose scores are equal, is passed over.
    """
    if not occasions:
        return None
    *before, last = occasions
    known = {name for occasion in before for name in occasion.ratings.judges}
    ratings = replace(last.ratings.with_judges(known), earlier=tuple(before)).without_unused_criteria()
    try:
        posterior = find_posterior(ratings, settings, find_linkage(ratings)) if ratings.n_sheets else None
    except NotConverged:
        posterior = None
    panel = find_earlier_panel(tuple(before), settings)
    return panel if posterior is None else panel_of(posterior, last.name, panel)


def _relative_scale(ratings: Ratings) -> Floats:
    """Return the length of each criterion's scale relative to the others': one model needs one unit."""
    span = ratings.maximum - ratings.minimum
    if np.isnan(span).any() or not (span > 0).all():
        span = np.nanstd(ratings.score, axis=0)
        if not (span > 0).all() or span.max() < 3 * span.min():
            return np.ones(ratings.n_criteria)
    return np.asarray(span / span.mean())


def _layout(
    ratings: Ratings, settings: Settings, linkage: Linkage, independence: Independence
) -> tuple[Layout, float | None]:
    """Return the layout of the sheets and the initial spread of city effects, None for a wide one."""
    known = ratings.judge_city[ratings.n_sheets_of_judge > 0]
    several = len(np.unique(known[known >= 0])) > 1
    untold = several and not linkage.severity_identified
    with_cities = several and not (untold and settings.assumption == "equal severity")
    columns: list[Ints] = []
    if settings.quality_prior in {"city", "city_and_category"} or (untold and settings.assumption != "equal quality"):
        columns.append(ratings.proposal_city)
    if settings.quality_prior in {"category", "city_and_category"}:
        columns.append(ratings.category)
    labels, n_levels = _number_through(columns, ratings.n_proposals)
    layout = lay_out(
        ratings.proposal,
        ratings.judge,
        home=ratings.same_city.astype(np.float64),
        has_home=settings.home_city != "ignore" and linkage.home_identified,
        judge_city=ratings.judge_city if with_cities else np.full(ratings.n_judges, -1),
        n_proposals=ratings.n_proposals,
        n_judges=ratings.n_judges,
        n_cities=ratings.n_cities if with_cities else 0,
        n_criteria=ratings.n_criteria,
        labels=labels,
        n_label_levels=n_levels,
        has_assigned=int((ratings.n_sheets_of_judge > 0).sum()) > 1,
        share=independence.share,
        sign=independence.sign,
        place=np.nan_to_num(order_of_scoring(ratings) - 0.5) if severity_drifts(ratings) else None,
    )
    return layout, _UNTOLD if untold and settings.assumption == "prior" else None


def _number_through(columns: list[Ints], n_proposals: int) -> tuple[Ints, int]:
    """Renumber the levels of several columns consecutively; columns without two levels are left out."""
    labels, first = [], 0
    for column in columns:
        levels = int(column.max(initial=-1)) + 1
        if levels > 1:
            labels.append(np.where(column >= 0, column + first, -1))
            first += levels
    return np.stack(labels, axis=1) if labels else np.zeros((n_proposals, 0), dtype=np.int64), first
