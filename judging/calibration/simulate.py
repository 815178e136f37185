"""Simulated challenges with a known truth; every claim about accuracy is measured on them.

The marks follow the model of `hierarchical` unless another truth is chosen; the other truths exist to measure the error
of a model that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from judging.calibration.ratings import Floats, Ints, Ratings
from judging.calibration.truths import Design

_OPENED = 1_688_140_800.0
"""1 July 2023, 00:00 in Hong Kong and Shanghai, in seconds since 1970."""


@dataclass(frozen=True)
class Challenge:
    """One simulated round: the marks, and the true values that they were made from.

    Attributes
    ----------
    proposal, judge : arrays of shape (n_sheets,)
        Integer codes, sorted by (proposal, judge).
    score : array of shape (n_sheets, n_criteria)
        Marks on the rubric's scale.
    position : array of shape (n_sheets,)
        0 for the first sheet a judge filled in, 1 for the last.
    quality : array of shape (n_proposals,)
        True weighted quality, in marks around the mean of the round.
    severity, scale_use, consistency, home : arrays of shape (n_judges,)
        Marks (+ is harsher), factor around 1, factor of the residuals (+ is noisier), marks.
    """

    design: Design
    proposal: Ints
    judge: Ints
    score: Floats
    position: Floats
    proposal_city: Ints
    judge_city: Ints
    category: Ints
    quality: Floats
    severity: Floats
    scale_use: Floats
    consistency: Floats
    home: Floats
    odd_judges: Ints


def simulate(design: Design, *, rng: np.random.Generator) -> Challenge:
    r"""Draw one challenge.

    Parameters
    ----------
    design : Design
        Sizes and spreads.
    rng : numpy.random.Generator
        The only source of random numbers; the same state gives the same challenge.

    Returns
    -------
    challenge : Challenge

    Raises
    ------
    ValueError
        When there are no proposals, or too few judges to score them.

    Notes
    -----
    Before rounding a mark is

    .. math:: y^*_{ijc} = \mu + a_j (q_i + k_{ic}) - s_j - s_{jc} + home_j [same city] + f_j (h_{ij} + e_{ijc})

    with a_j and f_j log-normal around 1. With curvature b the judge's scale is not linear, ``a_j (q + k)`` becoming
    ``a_j (q + k) + b_j ((q + k)^2 - E (q + k)^2)`` with b_j normal of spread b; with drift the severity moves linearly
    through the judge's sheets by ``N(drift, drift_spread)`` from first to last.
    """
    smallest = design.n_cities * design.readings
    if design.n_proposals < 1 or design.readings < 1 or design.n_judges < max(smallest, 1):
        raise ValueError(
            f"a challenge needs proposals, readings, and at least {smallest} judges for {design.readings} readings in "
            f"{design.n_cities} cities"
        )
    n_criteria = len(design.weights)
    weights = np.asarray(design.weights, dtype=float)
    weights = weights / weights.sum()
    proposal_city, category, judge_city, reads = _panel(design, rng)
    proposal, judge = _assign(design, proposal_city, category, judge_city, reads, rng)

    category_level = rng.normal(0.0, design.category, design.n_categories)
    city_level = rng.normal(0.0, design.city, design.n_cities)
    level = rng.normal(0.0, design.quality, design.n_proposals) + category_level[category] + city_level[proposal_city]
    merit = level[:, None] + rng.normal(0.0, design.criterion, (design.n_proposals, n_criteria))

    side = np.linspace(-0.5, 0.5, design.n_cities) if design.n_cities > 1 else np.zeros(1)
    city_severity = rng.permutation(side) * design.city_severity
    severity = rng.normal(0.0, design.severity, design.n_judges) + city_severity[judge_city]
    by_criterion = rng.normal(0.0, design.judge_criterion, (design.n_judges, n_criteria))
    scale_use = np.exp(rng.normal(0.0, design.scale_use, design.n_judges))
    consistency = np.exp(rng.normal(0.0, design.consistency, design.n_judges))
    home = rng.normal(design.home, design.home_spread, design.n_judges)
    slope = rng.normal(design.drift, design.drift_spread, design.n_judges)
    bend = rng.normal(0.0, design.curvature, design.n_judges)

    n_sheets = len(proposal)
    position = _positions(judge, rng)
    halo = design.halo * _noise(design, (n_sheets, 1), rng)
    noise = design.noise * _noise(design, (n_sheets, n_criteria), rng)
    seen = merit[proposal]
    spread = design.quality**2 + design.category**2 + design.city**2 + design.criterion**2
    latent = design.mean + scale_use[judge, None] * seen + bend[judge, None] * (seen**2 - spread)
    latent -= severity[judge, None] + by_criterion[judge] + (slope[judge] * (position - 0.5))[:, None]
    latent += (home[judge] * (judge_city[judge] == proposal_city[proposal]))[:, None]
    latent += consistency[judge, None] * (halo + noise)
    steps = np.round((latent - design.minimum) / design.step)
    score = np.clip(design.minimum + steps * design.step, design.minimum, design.maximum)

    quality = merit @ weights
    odd = np.sort(rng.choice(design.n_judges, design.n_random + design.n_colluders, replace=False))
    for order, code in enumerate(rng.permutation(odd)):
        rows = np.flatnonzero(judge == code)
        if order < design.n_random:
            n_steps = round((design.maximum - design.minimum) / design.step)
            score[rows] = design.minimum + design.step * rng.integers(0, n_steps + 1, (len(rows), n_criteria))
        else:
            by_quality = rows[np.argsort(quality[proposal[rows]], kind="stable")]
            third = len(rows) // 3
            score[by_quality[:third]] = design.maximum
            score[by_quality[len(rows) - third :]] = design.minimum + design.step
    return Challenge(
        design=design,
        proposal=proposal,
        judge=judge,
        score=score,
        position=position,
        proposal_city=proposal_city,
        judge_city=judge_city,
        category=category,
        quality=quality,
        severity=severity + by_criterion @ weights,
        scale_use=scale_use,
        consistency=consistency,
        home=home,
        odd_judges=odd,
    )


def ratings_of(challenge: Challenge, *, sheets: NDArray[np.bool_] | None = None) -> Ratings:
    """Convert a challenge, or some of its sheets, to the ratings that a file with them would give."""
    design = challenge.design
    rows = np.flatnonzero(np.ones(len(challenge.proposal), dtype=bool) if sheets is None else sheets)
    n_criteria = len(design.weights)
    weights = np.asarray(design.weights, dtype=float)
    return Ratings(
        proposals=_names("Proposal", design.n_proposals),
        judges=_names("Judge", design.n_judges),
        criteria=tuple(f"c{number}" for number in range(1, n_criteria + 1)),
        weights=weights / weights.sum(),
        proposal=challenge.proposal[rows],
        judge=challenge.judge[rows],
        score=challenge.score[rows],
        minimum=np.full(n_criteria, design.minimum),
        maximum=np.full(n_criteria, design.maximum),
        step=np.full(n_criteria, design.step),
        cities=_names("City", design.n_cities),
        proposal_city=challenge.proposal_city,
        judge_city=challenge.judge_city,
        categories=_names("Category", design.n_categories),
        category=challenge.category,
        scored_at=_OPENED + 3600.0 * np.round(challenge.position[rows] * 24 * 14),
    )


def _names(word: str, n: int) -> tuple[str, ...]:
    """Make names whose alphabetical order is the order of their numbers."""
    return tuple(f"{word} {number:0{len(str(n))}d}" for number in range(1, n + 1))


def _panel(design: Design, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """Distribute proposals over cities and categories, judges over cities, and categories over judges."""
    index = np.arange(design.n_proposals)
    proposal_city = index % design.n_cities
    category = index // design.n_cities % design.n_categories
    judge_city = np.arange(design.n_judges) % design.n_cities
    reads = np.zeros((design.n_judges, design.n_categories), dtype=bool)
    for city in range(design.n_cities):
        taken = np.zeros(design.n_categories)
        for code in np.flatnonzero(judge_city == city):
            least = np.lexsort((rng.random(design.n_categories), taken))[: design.categories_per_judge]
            reads[code, least] = True
            taken[least] += 1
    return proposal_city, category, judge_city, reads


def _assign(
    design: Design,
    proposal_city: Ints,
    category: Ints,
    judge_city: Ints,
    reads: NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Assign to each proposal the least loaded judges of its city and category, to some a judge of another city."""
    load = np.zeros(design.n_judges)
    crossed = rng.permutation(design.n_proposals) < round(design.cross_share * design.n_proposals)
    pairs: list[tuple[int, int]] = []
    for proposal in rng.permutation(design.n_proposals):
        able = reads[:, category[proposal]]
        own = judge_city == proposal_city[proposal]
        n_other = 1 if crossed[proposal] and design.n_cities > 1 else 0
        for pool, n_judges in ((able & own, design.readings - n_other), (able & ~own, n_other)):
            codes = np.flatnonzero(pool)
            chosen = codes[np.lexsort((rng.random(len(codes)), load[codes]))[:n_judges]]
            load[chosen] += 1
            pairs.extend((int(proposal), int(code)) for code in chosen)
    proposal_of, judge_of = np.asarray(sorted(pairs), dtype=np.int64).T
    return proposal_of, judge_of


def _positions(judge: Ints, rng: np.random.Generator) -> Floats:
    """Place each sheet between 0 and 1 in the order in which its judge filled them in."""
    order = np.lexsort((rng.random(len(judge)), judge))
    counts = np.bincount(judge)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    position = np.empty(len(judge))
    position[order] = (np.arange(len(judge)) - first) / np.maximum(np.repeat(counts, counts) - 1, 1)
    return position


def _noise(design: Design, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Draw noise of variance 1; its tails are heavy if the design has few degrees of freedom."""
    if np.isinf(design.degrees_of_freedom):
        return rng.standard_normal(shape)
    scale = np.sqrt((design.degrees_of_freedom - 2) / design.degrees_of_freedom)
    return np.asarray(scale * rng.standard_t(design.degrees_of_freedom, shape))
