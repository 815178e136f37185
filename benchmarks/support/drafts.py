"""Simulated rounds before they are spoiled: sizes, who reads what, opinions that are not yet rounded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.ratings import Ratings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Round:
    """Scores, and what they were made from.

    Attributes
    ----------
    ratings : Ratings
    quality : ndarray of shape (n_proposals,)
        True weighted quality in the order of the ratings' proposals, up to a constant.
    odd_judges : tuple of str
        Judges whom a check should name.
    severity : ndarray of shape (n_judges,), optional
        In the order of the ratings' judges, + is harsher.
    """

    ratings: Ratings
    quality: Floats
    odd_judges: tuple[str, ...] = ()
    severity: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Sizes and spreads of a round without cities; spreads in marks."""

    n_proposals: int = 40
    n_judges: int = 10
    readings: int = 3
    n_criteria: int = 3
    minimum: float = 1.0
    maximum: float = 10.0
    step: float = 1.0
    mean: float = 6.0
    quality: float = 1.2
    criterion: float = 0.4
    severity: float = 0.8
    halo: float = 0.7
    noise: float = 0.7
    consistency: float = 0.2


@dataclass(eq=False)
class Draft:
    """Opinions before they are rounded; troubles change them."""

    panel: Panel
    proposal: Ints
    judge: Ints
    opinion: Floats
    quality: Floats
    severity: Floats
    repeated: list[int] = field(default_factory=list)

    def marks(self) -> Floats:
        """Round to the step and cut at the ends of the scale."""
        panel = self.panel
        steps = np.round((self.opinion - panel.minimum) / panel.step)
        return np.asarray(np.clip(panel.minimum + panel.step * steps, panel.minimum, panel.maximum))

    def finish(self, marks: Floats | None = None, *, odd: tuple[int, ...] = (), extra: Floats | None = None) -> Round:
        """Code the sheets; sheets listed in ``repeated`` occur again, with the marks ``extra`` or the same."""
        panel = self.panel
        score = self.marks() if marks is None else marks
        again = np.array(self.repeated, dtype=np.int64)
        rows = np.concatenate([np.arange(len(self.proposal)), again])
        values = np.concatenate([score, score[again] if extra is None else extra])
        ratings = ratings_from_sheets(
            [f"P{code:03d}" for code in self.proposal[rows]],
            [f"J{code:02d}" for code in self.judge[rows]],
            score=values,
            criteria=[f"c{number}" for number in range(1, panel.n_criteria + 1)],
            minimum=panel.minimum,
            maximum=panel.maximum,
            step=panel.step,
            proposals=[f"P{code:03d}" for code in range(panel.n_proposals)],
            judges=[f"J{code:02d}" for code in range(panel.n_judges)],
        )
        return Round(
            ratings=ratings,
            quality=self.quality,
            odd_judges=tuple(f"J{code:02d}" for code in odd),
            severity=self.severity,
        )


def balanced(panel: Panel, rng: np.random.Generator, pull: Floats | None = None) -> tuple[Ints, Ints]:
    """Assign judges at random under equal loads; ``pull`` (n_proposals, n_judges) makes some pairs more probable."""
    load = np.zeros(panel.n_judges)
    most = -(-panel.n_proposals * panel.readings // panel.n_judges)
    pairs: list[tuple[int, int]] = []
    for proposal in rng.permutation(panel.n_proposals):
        wish = rng.gumbel(size=panel.n_judges) - (0.0 if pull is not None else 2.0) * load
        if pull is not None:
            wish = wish + pull[proposal]
        wish[load >= most] -= 1e3 * (load[load >= most] - most + 1)
        chosen = np.argsort(-wish)[: panel.readings]
        load[chosen] += 1
        pairs.extend((int(proposal), int(code)) for code in chosen)
    proposal_of, judge_of = np.asarray(sorted(pairs), dtype=np.int64).T
    return proposal_of, judge_of


def draft(
    panel: Panel,
    rng: np.random.Generator,
    *,
    proposal: Ints,
    judge: Ints,
    quality: Floats | None = None,
    severity: Floats | None = None,
    consistency: Floats | None = None,
) -> Draft:
    """Draw opinions: quality, less severity, with halo and noise by the judge's consistency (a factor)."""
    level = rng.normal(0.0, panel.quality, panel.n_proposals) if quality is None else quality
    several = panel.n_criteria > 1
    merit = level[:, None] + several * rng.normal(0.0, panel.criterion, (panel.n_proposals, panel.n_criteria))
    strict = rng.normal(0.0, panel.severity, panel.n_judges) if severity is None else severity
    spread = np.exp(rng.normal(0.0, panel.consistency, panel.n_judges)) if consistency is None else consistency
    factor = spread[judge, None]
    n = len(proposal)
    error = factor * (
        panel.halo * rng.standard_normal((n, 1)) + panel.noise * rng.standard_normal((n, panel.n_criteria))
    )
    opinion = panel.mean + merit[proposal] - strict[judge, None] + error
    return Draft(panel, proposal, judge, opinion, merit.mean(axis=1), strict)


def clean(rng: np.random.Generator, panel: Panel | None = None) -> Draft:
    """Draw a round in which every assumption holds."""
    size = panel or Panel()
    proposal, judge = balanced(size, rng)
    return draft(size, rng, proposal=proposal, judge=judge)
