"""Speed of `mixed`: against lme4 in the same run, and against itself from 10^4 to 10^6 sheets.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.mixed_speed [--most 1000000] [--repeat 3] [--without-lme4]

Needs Rscript with the package lme4 (Debian: r-cran-lme4), which brings the InstEval data, and says so when absent.
Seconds are those of the processor on both sides, so that a busy machine does not change the ratios; the best of
``--repeat`` counts for ours, one run for lme4. The estimates of lme4 are compared with ours.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from judging.calibration.coding import ratings_from_rows, ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings

MIXED = Settings(model="mixed")
N_CRITERIA = 5

_INSTEVAL = """
suppressMessages(library(lme4)); options(digits = 12)
write.csv(InstEval[, c("s", "d", "y")], "{data}", row.names = FALSE)
spent <- system.time(m <- lmer(y ~ 1 + (1 | s) + (1 | d), InstEval))
v <- as.data.frame(VarCorr(m))
cat(spent[["user.self"]] + spent[["sys.self"]], REMLcrit(m), v$vcov[match(c("s", "d", "Residual"), v$grp)], sep = "\\n")
"""

_HALO = """
suppressMessages(library(lme4)); options(digits = 12)
d <- read.csv("{data}")
spent <- system.time(m <- lmer(
  score ~ criterion + (1 | proposal) + (1 | judge) + (1 | judge:proposal) + (1 | proposal:criterion) +
    (1 | judge:criterion), d))
v <- as.data.frame(VarCorr(m))
groups <- c("proposal", "judge", "judge:proposal", "proposal:criterion", "judge:criterion", "Residual")
cat(spent[["user.self"]] + spent[["sys.self"]], REMLcrit(m), v$vcov[match(groups, v$grp)], sep = "\\n")
"""


def insteval(repeat: int, folder: Path) -> None:
    """Print the ratio on the 73,421 ratings of InstEval."""
    data = folder / "insteval.csv"
    theirs = _lme4(_INSTEVAL, data, folder)
    with data.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    ratings = ratings_from_rows(
        [row["s"] for row in rows], [row["d"] for row in rows], score=[float(row["y"]) for row in rows]
    )
    seconds, fitted = _ours(ratings, repeat)
    _compare("InstEval", seconds, fitted, theirs, ("proposal", "judge", "residual"), goal=0.25)


def halo(repeat: int, folder: Path) -> None:
    """Print the ratio on 1,632 x 214 x 5 with halo and criteria."""
    ratings = simulated(1632, 214, readings=9)
    data = folder / "halo.csv"
    with data.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["proposal", "judge", "criterion", "score"])
        for proposal, judge, scores in zip(ratings.proposal, ratings.judge, ratings.score, strict=True):
            writer.writerows([f"p{proposal}", f"j{judge}", f"c{c}", score] for c, score in enumerate(scores))
    theirs = _lme4(_HALO, data, folder)
    seconds, fitted = _ours(ratings, repeat)
    names = ("proposal", "judge", "judge_proposal", "proposal_criterion", "judge_criterion", "residual")
    _compare("1,632 x 214 x 5 with halo", seconds, fitted, theirs, names, goal=0.08)


def scaling(most: int) -> None:
    """Print seconds and memory from 10^4 sheets up: with 2,000 judges at most, and with fifteen sheets a judge."""
    for most_judges, sheets_per_judge in ((2000, 50), (most, 15)):
        n_sheets = 10_000
        while n_sheets <= most:
            ratings = simulated(n_sheets // 5, min(n_sheets // sheets_per_judge, most_judges), readings=5)
            seconds, fitted = _ours(ratings, 1)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{ratings.n_sheets} sheets x {N_CRITERIA} criteria, {ratings.n_judges} judges: {seconds:.2f} s, "
                f"{1e6 * seconds / ratings.n_sheets:.1f} us a sheet, {fitted.iterations} iterations, peak {peak:.0f} MB"
            )
            n_sheets *= 10


def simulated(n_proposals: int, n_judges: int, *, readings: int) -> Ratings:
    """Simulate complete sheets with halo; judges of a proposal are different, and differ from proposal to proposal."""
    rng = np.random.default_rng(1)
    proposal = np.repeat(np.arange(n_proposals), readings)
    steps = rng.integers(1, max(n_judges // readings, 2), (n_proposals, readings))
    judge = ((rng.integers(0, n_judges, (n_proposals, 1)) + np.cumsum(steps, axis=1)) % n_judges).ravel()
    sheet = (
        rng.normal(0, 1.0, n_proposals)[proposal]
        - rng.normal(0, 0.6, n_judges)[judge]
        + rng.normal(0, 0.7, len(proposal))
    )
    score = (
        6.0
        + sheet[:, None]
        + rng.normal(0, 0.5, (n_proposals, N_CRITERIA))[proposal]
        - rng.normal(0, 0.25, (n_judges, N_CRITERIA))[judge]
        + rng.normal(0, 0.8, (len(proposal), N_CRITERIA))
    )
    return ratings_from_sheets(
        [f"p{code:07d}" for code in proposal],
        [f"j{code:06d}" for code in judge],
        score=np.round(2.0 * score) / 2.0,
        criteria=[f"c{code}" for code in range(N_CRITERIA)],
    )


def _ours(ratings: Ratings, repeat: int) -> tuple[float, Fit]:
    best = float("inf")
    for _ in range(repeat):
        before = time.process_time()
        fitted = fit(ratings, MIXED)
        best = min(best, time.process_time() - before)
    return best, fitted


def _lme4(program: str, data: Path, folder: Path) -> list[float]:
    script = folder / "peer.R"
    script.write_text(program.format(data=data), encoding="utf-8")
    output = subprocess.run(["Rscript", str(script)], check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def _compare(
    what: str, seconds: float, fitted: Fit, theirs: list[float], names: tuple[str, ...], *, goal: float
) -> None:
    spent, criterion, *variances = theirs
    print(f"{what}: ours {seconds:.2f} s, lme4 {spent:.2f} s, ratio {seconds / spent:.3f} (goal {goal})")
    print(f"  REML criterion: ours {fitted.criterion.value:.6f}, lme4 {criterion:.6f}")
    for name, variance in zip(names, variances, strict=True):
        print(f"  variance {name}: ours {fitted.variances[name]:.8f}, lme4 {variance:.8f}")


def main() -> None:
    """Run the requested comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000, help="sheets of the largest simulation")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--without-lme4", action="store_true", help="measure ourselves only")
    arguments = parser.parse_args()
    if not arguments.without_lme4:
        if shutil.which("Rscript") is None:
            sys.exit("Rscript is not installed: apt-get install r-cran-lme4, or ask for --without-lme4.")
        with tempfile.TemporaryDirectory() as folder:
            insteval(arguments.repeat, Path(folder))
            halo(arguments.repeat, Path(folder))
    scaling(arguments.most)


if __name__ == "__main__":
    main()
