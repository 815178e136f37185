"""Accuracy of `hierarchical` against a Gibbs sampler of the model, on the same simulated challenges.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.against_sampler [--replications 40] [--first-seed 1001] [--truth ...]

The sampler (`tests/reference/gibbs.py`) averages over all spreads; the fit finds their mode. Printed per truth:
Kendall's tau and the share of the true top 24 of both, and the mean difference with its standard error.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import kendalltau

from benchmarks.quality import TOP
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, ratings_of, simulate
from judging.calibration.truths import TRUTHS, design_for
from tests.reference.gibbs import sample

N_SWEEPS, N_BURN = 1500, 300


def accuracy(challenge: Challenge, scores: np.ndarray) -> tuple[float, float]:
    """Kendall's tau with the true quality, and the share of the true best that is found."""
    best = set(np.argsort(-challenge.quality)[:TOP]) & set(np.argsort(-scores)[:TOP])
    return float(kendalltau(challenge.quality, scores)[0]), len(best) / TOP


def run(truth: str, seeds: range) -> None:
    """Print the comparison for one truth."""
    rows = []
    for seed in seeds:
        challenge = simulate(design_for(truth), rng=np.random.default_rng([2023, seed]))
        ratings, design = ratings_of(challenge), challenge.design
        drawn = sample(
            challenge.proposal,
            challenge.judge,
            challenge.score,
            same_city=ratings.same_city,
            judge_city=challenge.judge_city,
            minimum=design.minimum,
            maximum=design.maximum,
            step=design.step,
            n_sweeps=N_SWEEPS,
            n_burn=N_BURN,
            rng=np.random.default_rng(seed),
        )
        fitted = fit(ratings, Settings(model="hierarchical"))
        sampled = drawn.merit.mean(axis=0) @ ratings.weights
        rows.append([*accuracy(challenge, fitted.calibrated), *accuracy(challenge, sampled)])
    values = np.array(rows)
    difference = values[:, :2] - values[:, 2:]
    mean, error = difference.mean(axis=0), difference.std(axis=0) / np.sqrt(len(difference))
    ours, theirs = values.mean(axis=0)[:2], values.mean(axis=0)[2:]
    print(
        f"{truth}: {len(seeds)} replications, seeds {seeds[0]}..{seeds[-1]}: tau {ours[0]:.4f}, sampler "
        f"{theirs[0]:.4f}, {mean[0]:+.4f} (s.e. {error[0]:.4f}); top {TOP} {ours[1]:.4f}, sampler {theirs[1]:.4f}, "
        f"{mean[1]:+.4f} (s.e. {error[1]:.4f})",
        flush=True,
    )


def main() -> None:
    """Read the arguments and compare on every truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=1001)
    parser.add_argument("--truth", nargs="+", choices=TRUTHS, default=["default", "severity-only", "random-judges"])
    arguments = parser.parse_args()
    for truth in arguments.truth:
        run(truth, range(arguments.first_seed, arguments.first_seed + arguments.replications))


if __name__ == "__main__":
    main()
