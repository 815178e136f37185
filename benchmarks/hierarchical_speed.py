"""Speed of `hierarchical`: against a Gibbs sampler of the same model, and against itself from 10^3 to 10^6 sheets.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.hierarchical_speed [--most 100000] [--repeat 5]

Seconds are those of the processor, so that a busy machine does not change the ratios; the best of ``--repeat`` counts.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from judging.calibration.linkage import find_linkage
from judging.calibration.models.hierarchical.model import fit_hierarchical
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from tests.reference.gibbs import sample

SETTINGS = Settings(model="hierarchical")
N_DRAWS = 4000
N_SWEEPS = 1500
SHEETS_PER_JUDGE = 15


def against_gibbs(repeat: int) -> None:
    """Print the ratio of a fit with draws to 1,500 sweeps on 120 x 24 x 5."""
    challenge = simulate(Design(), rng=np.random.default_rng(1))
    ratings, design = ratings_of(challenge), challenge.design
    linkage = find_linkage(ratings)

    def ours() -> None:
        estimates = fit_hierarchical(ratings, SETTINGS, linkage)
        assert estimates.sample is not None
        estimates.sample(N_DRAWS, np.random.default_rng(0))

    def theirs() -> None:
        sample(
            challenge.proposal,
            challenge.judge,
            challenge.score,
            same_city=ratings.same_city,
            judge_city=challenge.judge_city,
            minimum=design.minimum,
            maximum=design.maximum,
            step=design.step,
            n_sweeps=N_SWEEPS,
            n_burn=0,
            rng=np.random.default_rng(0),
        )

    fitted, sampled = _best(ours, repeat), _best(theirs, 2)
    print(
        f"120 x 24 x 5: hierarchical with {N_DRAWS} draws {fitted:.3f} s, Gibbs {N_SWEEPS} sweeps {sampled:.2f} s, "
        f"ratio {fitted / sampled:.3f}"
    )


def against_itself(most: int) -> None:
    """Print seconds and memory as the number of sheets grows, judges with 15 sheets each."""
    print(f"{'sheets':>9}{'judges':>8}{'seconds':>9}{'us a sheet':>12}{'iterations':>12}{'peak GB':>9}")
    n_sheets = 1000
    while n_sheets <= most:
        ratings = large_ratings(n_sheets, rng=np.random.default_rng(n_sheets))
        linkage = find_linkage(ratings)
        started = time.process_time()
        estimates = fit_hierarchical(ratings, SETTINGS, linkage)
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{ratings.n_sheets:9d}{ratings.n_judges:8d}{seconds:9.2f}{1e6 * seconds / ratings.n_sheets:12.0f}"
            f"{estimates.iterations:12d}{peak:9.2f}",
            flush=True,
        )
        n_sheets *= 10


def large_ratings(n_sheets: int, *, rng: np.random.Generator) -> Ratings:
    """Draw marks of the default design's spreads, three random judges a proposal, without its city rules."""
    design = Design()
    n_proposals, n_criteria = n_sheets // 3, len(design.weights)
    n_judges = max(n_sheets // SHEETS_PER_JUDGE // 3 * 3, 6)
    third = n_judges // 3
    # One judge from each third of the panel: three different judges without a loop.
    judge = np.stack([rng.integers(0, third, n_proposals) + part * third for part in range(3)], axis=1)
    judge = judge.ravel()
    proposal = np.repeat(np.arange(n_proposals), 3)
    proposal_city, judge_city = np.arange(n_proposals) % 2, np.arange(n_judges) % 2
    merit = rng.normal(0, design.quality, (n_proposals, 1)) + rng.normal(0, design.criterion, (n_proposals, n_criteria))
    severity = rng.normal(0, design.severity, (n_judges, 1))
    severity = severity + rng.normal(0, design.judge_criterion, (n_judges, n_criteria))
    scale_use = np.exp(rng.normal(0, design.scale_use, n_judges))
    consistency = np.exp(rng.normal(0, design.consistency, n_judges))
    latent = design.mean + scale_use[judge, None] * merit[proposal] - severity[judge]
    latent += design.home * (proposal_city[proposal] == judge_city[judge])[:, None]
    noise = rng.normal(0, design.halo, (len(judge), 1)) + rng.normal(0, design.noise, (len(judge), n_criteria))
    latent += consistency[judge, None] * noise
    weights = np.array(design.weights)
    return Ratings(
        proposals=tuple(map(str, range(n_proposals))),
        judges=tuple(map(str, range(n_judges))),
        criteria=tuple(f"c{number}" for number in range(1, n_criteria + 1)),
        weights=weights / weights.sum(),
        proposal=proposal,
        judge=judge,
        score=np.clip(np.round(latent), design.minimum, design.maximum),
        minimum=np.full(n_criteria, design.minimum),
        maximum=np.full(n_criteria, design.maximum),
        step=np.full(n_criteria, design.step),
        cities=("City 1", "City 2"),
        proposal_city=proposal_city,
        judge_city=judge_city,
        categories=(),
        category=np.full(n_proposals, -1),
        scored_at=np.full(len(judge), np.nan),
    )


def _best(work: Callable[[], None], repeat: int) -> float:
    times = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    """Read the arguments and print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000, help="sheets of the largest round")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    against_gibbs(arguments.repeat)
    against_itself(arguments.most)


if __name__ == "__main__":
    main()
