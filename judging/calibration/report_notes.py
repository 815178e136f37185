"""The notes that must be shown with a result."""

from __future__ import annotations

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.settings import OCCASION_MODELS, WITHOUT_PRIOR
from judging.errors import Message

_VAGUE = 0.15
"""Standard error, as a share of the scale, above which a note says that the scores say little about a proposal."""


def _extreme_notes(fit: Fit) -> list[Message]:
    """Return notes on scores beyond the scale and on scores about which the data say little."""
    ratings = fit.ratings
    if ratings.scale_of_totals is None:
        return []
    lowest, highest = ratings.scale_of_totals
    margin = 1e-9 * (highest - lowest)
    notes = []
    beyond = int(((fit.calibrated < lowest - margin) | (fit.calibrated > highest + margin)).sum())
    if beyond:
        notes.append(
            Message(
                "Calibrated scores beyond the ends of the scale: {n}. The scale limits the marks, not the quality: a "
                "mark at its end, or one from a strict or generous judge, can stand for more or less than it shows.",
                n=beyond,
            )
        )
    vague = int((fit.standard_error > _VAGUE * (highest - lowest)).sum())
    if vague:
        notes.append(
            Message(
                "The scores say little about {n} proposals: their standard errors are larger than {percent} % of the "
                "scale.",
                n=vague,
                percent=f"{100 * _VAGUE:.0f}",
            )
        )
    return notes


def result_notes(fit: Fit) -> list[Message]:
    """Return the notes that follow from the scores and the design, whatever the model; a result is shown with them."""
    ratings, linkage = fit.ratings, fit.linkage
    notes = []
    if linkage.n_linked_sets > 1:
        notes.append(
            Message(
                "The judges fall into {n_sets} linked sets that share no proposal. The additive values are valid "
                "within each set only; comparing proposals of different sets depends on the assumption that the "
                "sets are alike.",
                n_sets=linkage.n_linked_sets,
            )
        )
    if ratings.repeated:
        notes.append(
            Message(
                "Scoresheets that repeat a judge and proposal: {n}.",
                n=ratings.repeated,
            )
        )
    if fit.model in WITHOUT_PRIOR and fit.settings.shortlist is not None and fit.sample is not None:
        notes.append(
            Message(
                "This model assumes nothing about quality beforehand: the chance of a seat is that for somebody "
                "to whom every score was equally likely, and it is surer of extremes than that of a model with "
                "such an assumption."
            )
        )
    if ratings.earlier and fit.model not in OCCASION_MODELS:
        notes.append(
            Message(
                "The model `{model}` does not use earlier scoresheets: {names}.",
                model=fit.model,
                names=", ".join(occasion.name for occasion in ratings.earlier),
            )
        )
    notes += _extreme_notes(fit)
    unread = int((ratings.n_sheets_of_proposal == 0).sum())
    if unread:
        notes.append(Message("Proposals scored by nobody: {n}. They are listed without a rank.", n=unread))
    used = (~np.isnan(ratings.score)).sum(axis=0).tolist()
    unused = [name for name, n_scores in zip(ratings.criteria, used, strict=True) if not n_scores]
    if unused:
        notes.append(
            Message(
                "Nobody scored the criteria {criteria}; the weights of the others are scaled up.",
                criteria=", ".join(unused),
            )
        )
    elif not ratings.complete:
        notes.append(
            Message(
                "Scores left open: {n}. In raw and additive values the weights of the criteria given are scaled up.",
                n=ratings.n_sheets * ratings.n_criteria - ratings.n_scores,
            )
        )
    return notes
