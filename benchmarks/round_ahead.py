"""Whether the forecast of one more round of scoresheets comes true.

    python -m benchmarks.round_ahead [--replications 16]

Simulated challenges of 80 proposals, 24 judges and 20 seats with four scoresheets a proposal. The default model is
fitted to three of them, chosen at random, and says how many seats would be wrong now and with one more scoresheet for
every proposal; then to all four. Wrong seats are counted against the true qualities.
"""

from __future__ import annotations

import argparse

import numpy as np

from judging.assignment.round_ahead import wrong_seats_after_round
from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.shortlist import ShortlistRule

SEATS = 20
DESIGN = Design(n_proposals=80, n_judges=24, readings=4)
COLUMNS = ("expected with 3", "true with 3", "forecast for 4", "expected with 4", "true with 4")


def numbers(seed: int) -> list[float]:
    """Return the wrong seats of one challenge, in the order of ``COLUMNS``."""
    challenge = simulate(DESIGN, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    retained = np.ones(len(challenge.proposal), dtype=bool)
    for proposal in range(DESIGN.n_proposals):
        retained[rng.choice(np.flatnonzero(challenge.proposal == proposal))] = False
    best = set(np.argsort(-challenge.quality)[:SEATS].tolist())
    row: list[float] = []
    for sheets in (retained, np.ones_like(retained)):
        fitted = fit(ratings_of(challenge, sheets=sheets), Settings(shortlist=ShortlistRule(size=SEATS)))
        report = build_report(fitted, explained=False)
        errors = None if report.shortlist is None else report.shortlist.seat_errors
        chosen = set(np.argsort(-fitted.calibrated)[:SEATS].tolist())
        row += [np.nan if errors is None else errors.wrong, float(SEATS - len(chosen & best))]
        if sheets is retained:
            row.append(wrong_seats_after_round(report) or np.nan)
    return row


def main() -> None:
    """Print means and their standard errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=16)
    n = parser.parse_args().replications
    rows = np.array([numbers(seed) for seed in range(1, n + 1)])
    print(f"Wrong seats of {SEATS}, {n} simulated challenges, seeds 1 to {n}")
    for name, mean, error in zip(COLUMNS, rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(n), strict=True):
        print(f"  {name:16} {mean:5.2f}  s.e. {error:.2f}")


if __name__ == "__main__":
    main()
