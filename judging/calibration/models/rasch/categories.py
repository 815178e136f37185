"""Scores as the categories of rating scales: the data of a Rasch model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.ratings import Floats, Ints, Ratings
from judging.errors import CalibrationError, Message

MOST_CATEGORIES = 255
"""As in Facets; with more, scores are measurements rather than categories."""

_OFF = 1e-6


@dataclass(frozen=True, eq=False)
class CategoryScale:
    """One rating scale and the criteria that share it.

    Attributes
    ----------
    criteria : ndarray of int
        Codes of the criteria.
    category : ndarray of int, shape (n_observed,)
        The categories that were used, counted in steps from the lowest used, which is 0.
    value : ndarray of shape (n_observed,)
        The same in the units of the ratings.
    """

    criteria: Ints
    category: Ints
    value: Floats

    @property
    def is_constant(self) -> bool:
        """Whether only one category was used: such a scale has no information."""
        return len(self.category) < 2

    @property
    def step(self) -> float:
        """Length of a step in the units of the ratings; 0 for a constant scale."""
        return 0.0 if self.is_constant else float((self.value[-1] - self.value[0]) / self.category[-1])

    def odds(self, eta: Floats, log_weights: Floats) -> Floats:
        """Odds of the categories against the most probable one, of shape (n, n_observed).

        Parameters
        ----------
        eta : ndarray of shape (n,)
            Quality less severity and difficulty, in logits.
        log_weights : ndarray of shape (n_observed,)
            Minus the sum of the thresholds up to each category.
        """
        logits = eta[:, None] * self.category + log_weights
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(np.exp(logits, out=logits))


@dataclass(frozen=True, eq=False)
class Cells:
    """The scores given, one a row, in the order of the sheets.

    Attributes
    ----------
    sheet, criterion, scale : ndarray of int, shape (n_cells,)
        Codes.
    observed : ndarray of int, shape (n_cells,)
        Position of the score among the observed categories of its scale.
    """

    sheet: Ints
    criterion: Ints
    scale: Ints
    observed: Ints


def read_categories(ratings: Ratings) -> tuple[tuple[CategoryScale, ...], Cells]:
    """Recode scores to categories.

    Parameters
    ----------
    ratings : Ratings
        Criteria that nobody scored left out.

    Returns
    -------
    scales : tuple of CategoryScale
        Criteria with the same minimum, maximum and step share one, and with it the thresholds.
    cells : Cells

    Raises
    ------
    CalibrationError
        When the scores lie on no lattice of at most ``MOST_CATEGORIES`` steps.

    Notes
    -----
    With a known step a category is ``(score - minimum) / step``; otherwise the smallest gap between two scores is the
    step. An unused category between others keeps its number, so that two steps count as two (Facets' option K),
    and has no probability of its own; categories beyond the lowest and highest used do not exist.
    """
    given = ~np.isnan(ratings.score)
    sheet, criterion = (codes.astype(np.int64) for codes in np.nonzero(given))
    score = ratings.score[sheet, criterion]
    ends = np.nan_to_num(np.stack([ratings.minimum, ratings.maximum, ratings.step], axis=1), nan=np.inf)
    _, scale_of = np.unique(ends, axis=0, return_inverse=True)
    scale_of = scale_of.ravel()
    scales, observed = [], np.zeros(len(score), dtype=np.int64)
    for code in range(int(scale_of.max()) + 1):
        criteria = np.flatnonzero(scale_of == code)
        on_scale = scale_of[criterion] == code
        first = int(criteria[0])
        category, value, position = _recode(
            score[on_scale], ratings.minimum[first], ratings.step[first], [ratings.criteria[c] for c in criteria]
        )
        scales.append(CategoryScale(criteria, category, value))
        observed[on_scale] = position
    return tuple(scales), Cells(sheet, criterion, scale_of[criterion], observed)


def _recode(score: Floats, minimum: float, step: float, names: list[str]) -> tuple[Ints, Floats, Ints]:
    levels, position = np.unique(score, return_inverse=True)
    if len(levels) < 2:
        return np.zeros(1, dtype=np.int64), levels, position.ravel()
    known = step > 0
    gap = step if known else float(np.diff(levels).min())
    ladder = (levels - (minimum if known and np.isfinite(minimum) else levels[0])) / gap
    category = np.round(ladder).astype(np.int64)
    off = np.abs(ladder - category) > _OFF * np.maximum(1.0, np.abs(ladder))
    if off.any():
        raise CalibrationError(
            Message(
                "{criteria}: the score {score} is not a whole number of steps of {step}. The model `rasch` counts "
                "steps; state the scale's step, or choose the model `mixed`, which takes scores as they are.",
                criteria=", ".join(names),
                score=f"{levels[off][0]:g}",
                step=f"{gap:g}",
            )
        )
    category -= category[0]
    if category[-1] >= MOST_CATEGORIES:
        raise CalibrationError(
            Message(
                "{criteria}: the scores have {n} steps of {step} between the lowest and the highest. The model `rasch` "
                "takes up to {most} categories; state a coarser step, or choose the model `mixed`, which takes scores "
                "as they are.",
                criteria=", ".join(names),
                n=int(category[-1]),
                step=f"{gap:g}",
                most=MOST_CATEGORIES,
            )
        )
    # Scores that differ by rounding are one category.
    unique, first, inverse = np.unique(category, return_index=True, return_inverse=True)
    return unique, levels[first], inverse.ravel()[position.ravel()]
