"""Do chances of a seat come true? Of proposals with a chance of about 70 %, how many are truly among the best.

    python -m benchmarks.chances [--replications 200] [--first-seed 1] [--round clean-small ...]

Every kind of round of `benchmarks/robustness.py` is simulated, fitted by the default model, and the best fifth of the
joint draws is counted as for a shortlist without quotas. Chances are put in classes of .1; each class is printed with
its mean chance, the share of proposals that are truly in the best fifth, and the number of proposals in it.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from benchmarks.support.troubled_rounds import ROUNDS
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.errors import NotConverged, NotLinked
from judging.ranking import rank_draws

Floats = NDArray[np.float64]

N_DRAWS = 2000
N_CLASSES = 10


def chances_of(name: str, seed: int) -> tuple[Floats, NDArray[np.bool_]] | None:
    """Return the chance of each proposal and whether it is truly in the best fifth; None when there is no answer."""
    made = ROUNDS[name](np.random.default_rng([11, seed]))
    try:
        fitted = fit(made.ratings, Settings())
    except (NotConverged, NotLinked):
        return None
    if fitted.sample is None:
        return None
    counted = np.isfinite(fitted.calibrated)
    truth = made.quality[counted]
    top = max(len(truth) // 5, 1)
    ranks = rank_draws(fitted.draw(N_DRAWS, np.random.default_rng(seed))[:, counted])
    is_best = np.zeros(len(truth), dtype=bool)
    is_best[np.argsort(-truth)[:top]] = True
    return (ranks <= top).mean(axis=0), is_best


def run(name: str, seeds: range) -> None:
    """Print the table of one kind of round."""
    found = [one for seed in seeds if (one := chances_of(name, seed)) is not None]
    chance, is_best = (np.concatenate([one[part] for one in found]) for part in (0, 1))
    places = np.minimum((chance * N_CLASSES).astype(int), N_CLASSES - 1)
    print(f"\n{name}: {len(found)} replications, seeds {seeds[0]}..{seeds[-1]}", flush=True)
    print(f"  {'class':>10}{'chance':>9}{'true':>9}{'n':>8}")
    for place in range(N_CLASSES):
        within = places == place
        if within.any():
            share = f"{chance[within].mean():9.3f}{is_best[within].mean():9.3f}{int(within.sum()):8}"
            print(f"  {place / N_CLASSES:4.1f}-{(place + 1) / N_CLASSES:4.1f} {share}", flush=True)


def main() -> None:
    """Read the arguments and print every requested table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--round", nargs="+", choices=tuple(ROUNDS), default=tuple(ROUNDS))
    arguments = parser.parse_args()
    for name in arguments.round:
        run(name, range(arguments.first_seed, arguments.first_seed + arguments.replications))


if __name__ == "__main__":
    main()
