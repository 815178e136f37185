"""Accuracy of every model and coverage of its intervals on simulated challenges: the figures in README and docs.

    python -m benchmarks.quality [--replications 300] [--first-seed 1] [--truth default ...]

Each replication has its own seed, and every model sees the same scores. Per truth and model: Kendall's tau with the
true quality, share of the true top 24 found, how often the 90 % rank interval contains the true rank, its mean width in
ranks; for `mixed` and `hierarchical` also the log-probability of a held-out mark (one scoresheet of each fifth proposal
is held out). Differences from `additive` and `mixed` have their standard error over replications.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import kendalltau

from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.hierarchical.finding import find_posterior
from judging.calibration.models.hierarchical.marks import log_probability, read_marks
from judging.calibration.models.hierarchical.prediction import log_score
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, ratings_of, simulate
from judging.calibration.truths import TRUTHS, design_for
from judging.errors import NotLinked
from judging.ranking import rank_draws, rank_intervals

Floats = NDArray[np.float64]

MODELS = ("raw", "additive", "mixed", "hierarchical")
TOP = 24
N_DRAWS = 4000
HELD_OUT_EVERY = 5


@dataclass(frozen=True)
class Quality:
    """The accuracy of one model on one challenge."""

    tau: float
    top: float
    covered: float
    width: float


def measure(challenge: Challenge, fitted: Fit, rng: np.random.Generator) -> Quality:
    """Compare a fit with the truth."""
    truth = challenge.quality
    place = np.argsort(np.argsort(-truth)) + 1
    draws = fitted.draw(N_DRAWS, rng)
    low, high = rank_intervals(rank_draws(draws), interval=0.9)
    best = set(np.argsort(-truth)[:TOP]) & set(np.argsort(-fitted.calibrated)[:TOP])
    return Quality(
        tau=float(kendalltau(truth, fitted.calibrated)[0]),
        top=len(best) / TOP,
        covered=float(np.mean((low <= place) & (place <= high))),
        width=float(np.mean(high - low + 1)),
    )


def held_out_scores(challenge: Challenge, rng: np.random.Generator) -> tuple[float, float]:
    """Mean log-probability of held-out marks under `mixed` and under `hierarchical`."""
    retained = np.ones(len(challenge.proposal), dtype=bool)
    for code in range(0, challenge.design.n_proposals, HELD_OUT_EVERY):
        retained[rng.choice(np.flatnonzero(challenge.proposal == code))] = False
    ratings = ratings_of(challenge, sheets=retained)
    proposal, judge, score = challenge.proposal[~retained], challenge.judge[~retained], challenge.score[~retained]
    same = challenge.proposal_city[proposal] == challenge.judge_city[judge]
    hierarchical = find_posterior(ratings, Settings(model="hierarchical"), find_linkage(ratings))
    if hierarchical is None:
        raise ValueError("all scores of the simulated challenge are equal")
    ours = log_score(hierarchical, proposal=proposal, judge=judge, same_city=same, score=score)
    plain = fit(ratings, Settings(model="mixed", exact_reml=True))
    theirs = mixed_log_score(plain, proposal, judge, same, score)
    return float(theirs.mean()), float(ours.mean())


def mixed_log_score(
    fitted: Fit, proposal: NDArray[np.int64], judge: NDArray[np.int64], same: NDArray[np.bool_], score: Floats
) -> Floats:
    """Log-probability of marks under `mixed`: exact prediction with its variances, rounding and ends known to it."""
    ratings = fitted.ratings
    n_seen, n_criteria = ratings.score.shape
    i = np.repeat(np.concatenate([ratings.proposal, proposal]), n_criteria)
    j = np.repeat(np.concatenate([ratings.judge, judge]), n_criteria)
    c = np.tile(np.arange(n_criteria), n_seen + len(proposal))
    home = np.repeat(np.concatenate([ratings.same_city, same]), n_criteria).astype(float)
    variance = {name: value or 0.0 for name, value in fitted.variances.items()}
    by_proposal, by_judge, by_criterion = (x[:, None] == x[None, :] for x in (i, j, c))
    joint = by_proposal * (
        variance["proposal"] + variance["proposal_criterion"] * by_criterion + variance["judge_proposal"] * by_judge
    )
    joint += by_judge * (variance["judge"] + variance["judge_criterion"] * by_criterion)
    joint += 100.0 * by_criterion + 100.0 * np.outer(home, home)
    joint[np.diag_indices(len(joint))] += variance["residual"]
    seen = n_seen * n_criteria
    centre = ratings.score.mean()
    factor = cho_factor(joint[:seen, :seen], lower=True)
    cross = joint[seen:, :seen]
    mean = centre + cross @ cho_solve(factor, ratings.score.ravel() - centre)
    spread = np.diag(joint)[seen:] - np.einsum("ab,ab->a", cross, cho_solve(factor, cross.T).T)
    marks = read_marks(score, ratings.minimum, ratings.maximum, ratings.step)
    return log_probability(mean.reshape(score.shape), spread.reshape(score.shape), marks.lower, marks.upper)


def run(truth: str, seeds: range, *, n_held_out: int) -> None:
    """Print the table of one truth."""
    design = design_for(truth)
    table: dict[str, list[Quality]] = {model: [] for model in MODELS}
    held_out: list[tuple[float, float]] = []
    started = time.perf_counter()
    for seed in seeds:
        rng = np.random.default_rng([2023, seed])
        challenge = simulate(design, rng=rng)
        ratings = ratings_of(challenge)
        for model in MODELS:
            try:
                fitted = fit(ratings, Settings(model=model))
            except NotLinked:
                continue
            table[model].append(measure(challenge, fitted, np.random.default_rng(seed)))
        if len(held_out) < n_held_out:
            held_out.append(held_out_scores(challenge, rng))
    print(f"\n{truth}: {len(seeds)} replications, seeds {seeds[0]}..{seeds[-1]}, {time.perf_counter() - started:.0f} s")
    print(f"  {'model':14}{'tau':>8}{'top 24':>9}{'covered':>9}{'width':>8}")
    for model, qualities in table.items():
        if not qualities:
            print(f"  {model:14} refuses: judges not linked")
            continue
        means = np.mean([[q.tau, q.top, q.covered, q.width] for q in qualities], axis=0)
        print(f"  {model:14}{means[0]:8.4f}{means[1]:9.4f}{means[2]:9.4f}{means[3]:8.2f}")
    for other in ("additive", "mixed"):
        if len(table[other]) == len(table["hierarchical"]):
            difference = [a.tau - b.tau for a, b in zip(table["hierarchical"], table[other], strict=True)]
            error = np.std(difference) / np.sqrt(len(difference))
            print(f"  hierarchical - {other}: tau {np.mean(difference):+.4f} (s.e. {error:.4f})")
    if held_out:
        theirs, ours = np.mean(held_out, axis=0)
        error = np.std([b - a for a, b in held_out]) / np.sqrt(len(held_out))
        print(f"  held-out marks: mixed {theirs:.4f}, hierarchical {ours:.4f}, {ours - theirs:+.4f} (s.e. {error:.4f})")


def main() -> None:
    """Read the arguments and print every requested table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument(
        "--held-out", type=int, default=100, help="replications of the default truth with held-out marks"
    )
    parser.add_argument("--truth", nargs="+", choices=TRUTHS, default=TRUTHS)
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.replications)
    for truth in arguments.truth:
        run(truth, seeds, n_held_out=arguments.held_out if truth == "default" else 0)


if __name__ == "__main__":
    main()
