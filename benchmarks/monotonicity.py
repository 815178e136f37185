"""Count how often a higher mark lowers its own proposal's calibrated score under `hierarchical`.

A judge who deviates more from the others gets less weight, so the model does not exclude it.

Run: PYTHONPATH=. .venv/bin/python benchmarks/monotonicity.py [--trials 100] [--seed 1]
"""

import argparse
import os
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design


def main() -> None:
    """Raise one mark, or a whole sheet, by one step, and fit again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings = Settings(model="hierarchical")
    for what in ("one mark", "a whole sheet"):
        moves = []
        for trial in range(arguments.trials):
            rng = np.random.default_rng([arguments.seed, trial])
            drawn = simulate(Design(n_proposals=60, n_judges=12), rng=rng)
            sheet = int(rng.integers(len(drawn.score)))
            criterion = int(rng.integers(drawn.score.shape[1])) if what == "one mark" else slice(None)
            higher = drawn.score.copy()
            higher[sheet, criterion] = np.minimum(higher[sheet, criterion] + drawn.design.step, drawn.design.maximum)
            if (higher == drawn.score).all():
                continue
            before = fit(ratings_of(drawn), settings).calibrated
            after = fit(ratings_of(replace(drawn, score=higher)), settings).calibrated
            proposal = int(drawn.proposal[sheet])
            moves.append(float(after[proposal] - before[proposal]))
        fell = [move for move in moves if move < 0]
        print(f"{what}: {len(fell)} of {len(moves)} fell, lowest move {min(moves):+.4f} marks")


if __name__ == "__main__":
    main()
