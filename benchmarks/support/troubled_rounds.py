"""Simulated rounds in which an assumption of the models does not hold, with the true values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.support.drafts import Draft, Floats, Ints, Panel, Round, balanced, clean, draft
from judging.calibration.ratings import Occasion
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import TRUTHS, Design, design_for

SMALL = Panel(n_proposals=30, n_judges=8, n_criteria=1, quality=1.0, severity=0.8, halo=0.0, noise=0.9)


def small(rng: np.random.Generator) -> Round:
    """30 proposals, 8 judges, 3 readings, one criterion, assigned at random."""
    return clean(rng, SMALL).finish()


def ordinary(rng: np.random.Generator) -> Round:
    """40 proposals, 10 judges, 3 readings, 3 criteria, assigned at random."""
    return clean(rng).finish()


def tied(rng: np.random.Generator) -> Round:
    """Assign the better work to the harsher judges: 30 x 8 x 3; severity and quality correlate by .70."""
    quality = rng.normal(0.0, SMALL.quality, SMALL.n_proposals)
    severity = rng.normal(0.0, SMALL.severity, SMALL.n_judges)
    place = (np.argsort(np.argsort(quality)) + 0.5) / SMALL.n_proposals
    of_judge = (np.argsort(np.argsort(severity)) + 0.5) / SMALL.n_judges
    pull = -40.0 * (place[:, None] - of_judge[None, :]) ** 2
    proposal, judge = balanced(SMALL, rng, pull)
    return draft(SMALL, rng, proposal=proposal, judge=judge, quality=quality, severity=severity).finish()


def panels(rng: np.random.Generator, *, gap: float = 4.0, links: int = 4) -> Round:
    """Two panels of 12 proposals and 3 judges of equal severity, work of unequal quality, linked by one judge."""
    panel = Panel(
        n_proposals=24, n_judges=7, n_criteria=1, minimum=0.0, step=0.5, mean=6.5, quality=0.6, halo=0.0, noise=0.4
    )
    pairs = [(p, j) for p in range(24) for j in (range(3) if p < 12 else range(3, 6))]
    pairs += [(side + 3 * number, 6) for side in (0, 12) for number in range(links)]
    proposal, judge = np.asarray(sorted(pairs), dtype=np.int64).T
    quality = rng.normal(0.0, panel.quality, 24) + np.where(np.arange(24) < 12, gap / 2, -gap / 2)
    return draft(panel, rng, proposal=proposal, judge=judge, quality=quality, severity=np.zeros(7)).finish(odd=(6,))


def pair_settles(rng: np.random.Generator) -> Round:
    """Two of ten judges settle their marks on the 12 proposals that both read."""
    panel = Panel()
    proposal, judge = balanced(replace(panel, n_judges=8, readings=2), rng)
    shared = np.flatnonzero(rng.permutation(panel.n_proposals) < 12)
    rest = np.setdiff1d(np.arange(panel.n_proposals), shared)
    pairs = {(int(p), int(j)) for p, j in zip(proposal, judge, strict=True)}
    for p in shared:
        first = min(j for q, j in pairs if q == p)
        pairs.discard((int(p), first))
        pairs |= {(int(p), 8), (int(p), 9)}
    for number, p in enumerate(rest):
        pairs.add((int(p), 8 + number % 2))
    proposal, judge = np.asarray(sorted(pairs), dtype=np.int64).T
    made = draft(panel, rng, proposal=proposal, judge=judge)
    for p in shared:
        rows = np.flatnonzero((proposal == p) & (judge >= 8))
        made.opinion[rows] = made.opinion[rows].mean(axis=0)
    return made.finish(odd=(8, 9))


def copies(rng: np.random.Generator) -> Round:
    """One judge hands in a colleague's sheets as own, and some of own making."""
    panel = Panel()
    made = clean(rng, panel)
    source = rng.choice(panel.n_judges - 1)
    rows = np.flatnonzero(made.judge == source)
    retained = np.flatnonzero((made.judge != panel.n_judges - 1) | ~np.isin(made.proposal, made.proposal[rows]))
    proposal = np.concatenate([made.proposal[retained], made.proposal[rows]])
    judge = np.concatenate([made.judge[retained], np.full(len(rows), panel.n_judges - 1)])
    opinion = np.concatenate([made.opinion[retained], made.opinion[rows]])
    copied = Draft(panel, proposal, judge, opinion, made.quality, made.severity)
    return copied.finish(odd=(int(source), panel.n_judges - 1))


def reversed_scale(rng: np.random.Generator) -> Round:
    """One judge of ten takes the lowest mark for the best."""
    made = clean(rng)
    rows = made.judge == 4
    made.opinion[rows] = made.panel.minimum + made.panel.maximum - made.opinion[rows]
    return made.finish(odd=(4,))


def every_row_twice(rng: np.random.Generator) -> Round:
    """Export a file twice: every sheet occurs again with the same marks."""
    made = clean(rng)
    made.repeated = list(range(len(made.proposal)))
    return made.finish()


def read_again(rng: np.random.Generator) -> Round:
    """Every judge reads a third of the assigned proposals again, with the same liking and new noise."""
    made = clean(rng)
    panel = made.panel
    made.repeated = np.flatnonzero(rng.random(len(made.proposal)) < 1 / 3).tolist()
    again = replace_noise(made, np.array(made.repeated), rng)
    return made.finish(extra=Draft(panel, made.proposal, made.judge, again, made.quality, made.severity).marks())


def replace_noise(made: Draft, rows: Ints, rng: np.random.Generator) -> Floats:
    """Opinions of the same judges on the same proposals, half of the noise drawn again."""
    fresh = made.panel.noise * rng.standard_normal((len(rows), made.panel.n_criteria))
    return np.asarray(made.opinion[rows] + (fresh if made.panel.n_criteria > 1 else 0.7 * fresh))


def thin_link(rng: np.random.Generator) -> Round:
    """Two panels of 12 proposals and 3 judges each, linked by 12 of 84 sheets."""
    panel = Panel(n_proposals=24, n_judges=6, n_criteria=1, quality=1.0, severity=0.8, halo=0.0, noise=0.8)
    pairs = {(p, j) for p in range(24) for j in (range(3) if p < 12 else range(3, 6))}
    pairs |= {(p, 3 + p % 3) for p in range(6)} | {(12 + p, p % 3) for p in range(6)}
    proposal, judge = np.asarray(sorted(pairs), dtype=np.int64).T
    return draft(panel, rng, proposal=proposal, judge=judge).finish()


def one_mark_far_out(rng: np.random.Generator) -> Round:
    """One mark is ten times what was meant, on a scale of 0 to 100."""
    panel = Panel(
        n_criteria=1, minimum=0.0, maximum=100.0, mean=9.0, quality=1.2, severity=0.6, halo=0.0, noise=0.8, step=0.5
    )
    made = clean(rng, panel)
    row = int(rng.integers(len(made.proposal)))
    made.opinion[row] *= 10.0
    return made.finish(odd=(int(made.judge[row]),))


FINAL = Panel(n_proposals=20, n_judges=8, readings=2, consistency=0.35)
"""A short round of few readings: what judges did before matters most."""


def final(rng: np.random.Generator, *, link: float | None = None) -> Round:
    """20 proposals, 8 judges, 2 readings; with a link also 60 proposals that the same judges scored before.

    The final is the same whatever the link: severity and log consistency of a judge correlate by it with those before.
    """
    own = rng.standard_normal((2, FINAL.n_judges))
    severity, consistency = FINAL.severity * own[0], np.exp(FINAL.consistency * own[1])
    proposal, judge = balanced(FINAL, rng)
    made = draft(FINAL, rng, proposal=proposal, judge=judge, severity=severity, consistency=consistency).finish()
    if link is None:
        return made
    before = replace(FINAL, n_proposals=60)
    then = link * own + np.sqrt(1.0 - link**2) * rng.standard_normal((2, FINAL.n_judges))
    proposal, judge = balanced(before, rng)
    earlier = draft(
        before,
        rng,
        proposal=proposal,
        judge=judge,
        severity=FINAL.severity * then[0],
        consistency=np.exp(FINAL.consistency * then[1]),
    ).finish()
    occasion = Occasion(kind="round", name="before", ratings=earlier.ratings)
    return replace(made, ratings=replace(made.ratings, earlier=(occasion,)))


def drifting(rng: np.random.Generator, *, timed: bool = True) -> Round:
    """Judges grow stricter through the round by .5 on average, with a spread of .8: 40 x 10 x 3.

    Without times no model can allow for it.
    """
    design = Design(
        n_proposals=40,
        n_judges=10,
        n_cities=1,
        n_categories=1,
        categories_per_judge=1,
        cross_share=0.0,
        home=0.0,
        home_spread=0.0,
        drift=0.5,
        drift_spread=0.8,
    )
    challenge = simulate(design, rng=rng)
    ratings = ratings_of(challenge)
    if not timed:
        ratings = replace(ratings, scored_at=np.full(ratings.n_sheets, np.nan))
    return Round(ratings=ratings, quality=challenge.quality, severity=challenge.severity)


def _of_truth(truth: str) -> Callable[[np.random.Generator], Round]:
    def make(rng: np.random.Generator) -> Round:
        challenge = simulate(design_for(truth), rng=rng)
        ratings = ratings_of(challenge)
        odd = tuple(ratings.judges[code] for code in challenge.odd_judges)
        return Round(ratings=ratings, quality=challenge.quality, odd_judges=odd, severity=challenge.severity)

    return make


def two_cities(rng: np.random.Generator, *, linked: float = 0.2) -> Round:
    """Judges of one city are 1.0 harsher; a share of the proposals, .2 when left out, is read across cities."""
    design = Design(
        n_proposals=60,
        n_judges=12,
        city_severity=1.0,
        cross_share=linked,
        home=0.0,
        home_spread=0.0,
        n_categories=2,
        categories_per_judge=2,
    )
    challenge = simulate(design, rng=rng)
    return Round(ratings=ratings_of(challenge), quality=challenge.quality, severity=challenge.severity)


ROUNDS: dict[str, Callable[[np.random.Generator], Round]] = {
    "small": small,
    "ordinary": ordinary,
    "panels": panels,
    "tied": tied,
    "pair-settles": pair_settles,
    "copies": copies,
    "reversed": reversed_scale,
    "every-row-twice": every_row_twice,
    "read-again": read_again,
    "thin-link": thin_link,
    "far-out": one_mark_far_out,
    "two-cities": two_cities,
    "two-cities-tenth": partial(two_cities, linked=0.1),
    "two-cities-third": partial(two_cities, linked=0.3),
    "final": final,
    "final-remembered": partial(final, link=0.9),
    "final-strangers": partial(final, link=0.0),
    "drifting": drifting,
    "drifting-untimed": partial(drifting, timed=False),
    **{truth: _of_truth(truth) for truth in TRUTHS},
}
"""By name: the rounds in which all assumptions hold (``small``, ``ordinary``, ``default``), and the others."""
