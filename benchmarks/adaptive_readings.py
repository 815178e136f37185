"""Number of scoresheets saved by an adaptive plan: the share of the true shortlist that each plan finds.

Claim: 120 proposals, a shortlist of 24; two scoresheets each, then 120 more by `next_assignments`, find at least
as many of the true top 24 as five scoresheets each (600). Judges' effects are unknown throughout, and estimated again
after
every 24 scoresheets from all scoresheets so far.

Run: PYTHONPATH=. .venv/bin/python benchmarks/adaptive_readings.py [--replications 40] [--seed 1]
"""

import argparse
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from judging.assignment.next_assignments import next_assignments
from judging.assignment.plan import plan
from judging.assignment.roster import UNLIMITED, Roster
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, simulate
from judging.calibration.truths import Design

SHORTLIST = 24
BATCH = 24
# The pool: for every proposal the six judges of its city who score its category, and one of the other city's.
POOL = Design(readings=7, cross_share=1.0)
CRITERIA = tuple(f"c{number}" for number in range(len(POOL.weights)))


class Round:
    """One simulated challenge: every scoresheet of the pool can be requested, and only requested ones are used."""

    def __init__(self, challenge: Challenge) -> None:
        design = challenge.design
        self.challenge = challenge
        self.sheet = {
            (int(i), int(j)): s for s, (i, j) in enumerate(zip(challenge.proposal, challenge.judge, strict=True))
        }
        self.top = set(np.argsort(-challenge.quality)[:SHORTLIST].tolist())
        eligible = np.zeros((design.n_proposals, design.n_judges), dtype=bool)
        eligible[challenge.proposal, challenge.judge] = True
        self.proposals = tuple(f"P{i:03d}" for i in range(design.n_proposals))
        self.judges = tuple(f"J{j:02d}" for j in range(design.n_judges))
        self.roster = Roster(
            proposals=self.proposals,
            judges=self.judges,
            cities=("0", "1"),
            proposal_city=challenge.proposal_city.astype(np.int64),
            judge_city=challenge.judge_city.astype(np.int64),
            category=tuple(str(code) for code in challenge.category),
            eligible=eligible,
            max_load=np.full(design.n_judges, UNLIMITED),
        )

    def fixed(self, readings: int, *, seed: int) -> list[tuple[str, str]]:
        """Plan a fixed number of scoresheets for every proposal."""
        return list(plan(self.roster, readings=readings, cross_city=18, seed=seed).pairs)

    def calibrate(self, pairs: list[tuple[str, str]]) -> Fit:
        """Calibrate the scoresheets requested so far."""
        codes = [(self.proposals.index(proposal), self.judges.index(judge)) for proposal, judge in pairs]
        sheets = [self.sheet[pair] for pair in codes]
        ratings = ratings_from_sheets(
            [proposal for proposal, _ in pairs],
            [judge for _, judge in pairs],
            score=self.challenge.score[sheets],
            criteria=CRITERIA,
            weights=POOL.weights,
            minimum=POOL.minimum,
            maximum=POOL.maximum,
            step=POOL.step,
            proposals=self.proposals,
            judges=self.judges,
            proposal_city={name: str(c) for name, c in zip(self.proposals, self.challenge.proposal_city, strict=True)},
            judge_city={name: str(c) for name, c in zip(self.judges, self.challenge.judge_city, strict=True)},
        )
        return fit(ratings, Settings(model="hierarchical", n_draws=1000))

    def share_found(self, pairs: list[tuple[str, str]]) -> float:
        """Return the share of the true shortlist in the calibrated one."""
        best = np.argsort(-self.calibrate(pairs).calibrated, kind="stable")[:SHORTLIST]
        return len(self.top & set(best.tolist())) / SHORTLIST

    def adaptive(self, base: int, total: int, *, seed: int) -> list[tuple[str, str]]:
        """Plan a base, then request the most informative scoresheets; calibrate again after every batch."""
        pairs = self.fixed(base, seed=seed)
        while len(pairs) < total:
            known = self.calibrate(pairs)
            draws = known.draw(1000, np.random.default_rng(seed))
            order = np.argsort(-draws, axis=1)[:, :SHORTLIST]
            p_shortlist = np.bincount(order.ravel(), minlength=len(self.proposals)) / len(draws)
            suggestions = next_assignments(
                self.roster,
                p_shortlist=p_shortlist,
                error=known.standard_error,
                noise=scoresheet_noise(known),
                done=pairs,
                n=min(BATCH, total - len(pairs)),
                most=7,
                slack=2,
            )
            pairs += [(suggestion.proposal, suggestion.judge) for suggestion in suggestions]
        return pairs


def scoresheet_noise(known: Fit) -> np.ndarray:
    """Return the noise of an additional scoresheet's total, by judge, in marks of the panel's scale use."""
    if known.consistency is None or known.severity_error is None or known.scale_use is None:
        raise ValueError("the model has no consistency, error of severity or scale use")
    weights = np.array(POOL.weights)
    noise = float(known.variances["residual"] or 0.0) * (weights**2).sum() + float(
        known.variances["judge_proposal"] or 0.0
    )
    own = noise * known.consistency**2 + known.severity_error**2
    noise_by_judge: np.ndarray = np.sqrt(own) / known.scale_use
    return noise_by_judge


def main() -> None:
    """Compare plans on the same challenges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    found: dict[str, list[float]] = {}
    began = time.perf_counter()
    for replication in range(arguments.replications):
        rng = np.random.default_rng([arguments.seed, replication])
        one = Round(simulate(POOL, rng=rng))
        for readings in (3, 4, 5):
            pairs = one.fixed(readings, seed=replication)
            found.setdefault(f"fixed, {len(pairs)} readings", []).append(one.share_found(pairs))
        for total in (300, 360):
            pairs = one.adaptive(2, total, seed=replication)
            found.setdefault(f"adaptive, {total} readings", []).append(one.share_found(pairs))
    print(f"{arguments.replications} challenges, seed {arguments.seed}, {time.perf_counter() - began:.0f} s")
    for name, shares in found.items():
        error = np.std(shares, ddof=1) / np.sqrt(len(shares))
        print(f"{name:24} {np.mean(shares):.3f} of the true {SHORTLIST} (s.e. {error:.3f})")
    paired = np.array(found["adaptive, 360 readings"]) - np.array(found["fixed, 600 readings"])
    print(f"adaptive 360 - fixed 600: {paired.mean():+.3f} (s.e. {paired.std(ddof=1) / np.sqrt(len(paired)):.3f})")


if __name__ == "__main__":
    main()
