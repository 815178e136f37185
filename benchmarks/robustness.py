"""What every model makes of rounds in which an assumption does not hold.

    python -m benchmarks.robustness [--replications 200] [--round panels tied ...] [--model raw additive ...] [--checks]

Each replication has its own seed, and every model sees the same scores. Per round and model: Kendall's and Pearson's
correlation with the true quality, the share of the true best fifth found, how often the 90 % intervals contain the true
rank and the true score around the mean of the round (by the standard error as shown, and by that of the same distance:
the one shown includes the level of all scores, which moves no rank), how often the model gave no answer, and how often
another model answered for it. With ``--checks`` also the verdicts of the model check of the default model and the
checks that did not pass: where every assumption holds these are the false alarms.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from benchmarks.support.drafts import Round
from benchmarks.support.troubled_rounds import ROUNDS
from judging.calibration.checks.model_check import check_model
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.report.checks import LEFT_OUT, PASSED
from judging.calibration.settings import Settings
from judging.calibration.values import half_width
from judging.errors import NotConverged, NotLinked
from judging.ranking import rank_draws, rank_intervals

MODELS = ("raw", "additive", "mixed", "hierarchical")
N_DRAWS = 2000
_QUIET = {PASSED, LEFT_OUT}


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of one model on one round; shares and correlations."""

    tau: float
    correlation: float
    top: float
    rank_covered: float
    score_covered: float
    score_covered_around_mean: float
    city_covered: float


def measure(made: Round, fitted: Fit, rng: np.random.Generator) -> Accuracy:
    """Compare a fit with the truth."""
    counted = fitted.n_judges > 0
    truth, calibrated = made.quality[counted], fitted.calibrated[counted]
    top = max(len(truth) // 5, 1) if len(truth) != 24 else 12
    place = np.argsort(np.argsort(-truth)) + 1
    away = np.abs((calibrated - calibrated.mean()) - (truth - truth.mean()))
    rank_covered = around_mean = np.nan
    if fitted.sample is not None:
        draws = fitted.draw(N_DRAWS, rng)[:, counted]
        low, high = rank_intervals(rank_draws(draws), interval=0.9)
        rank_covered = float(np.mean((low <= place) & (place <= high)))
        spread = (draws - draws.mean(axis=1, keepdims=True)).std(axis=0)
        around_mean = float(np.mean(away <= half_width(0.9) * spread))
    best = set(np.argsort(-truth)[:top]) & set(np.argsort(-calibrated)[:top])
    return Accuracy(
        tau=float(kendalltau(truth, calibrated)[0]),
        correlation=float(np.corrcoef(truth, calibrated)[0, 1]),
        top=len(best) / top,
        rank_covered=rank_covered,
        score_covered=float(np.mean(away <= half_width(0.9) * fitted.standard_error[counted])),
        score_covered_around_mean=around_mean,
        city_covered=_city_covered(made, fitted),
    )


def _city_covered(made: Round, fitted: Fit) -> float:
    """Whether the interval of the first two cities' difference of severity contains the true difference."""
    effects, ratings = fitted.city_effects, made.ratings
    if effects is None or made.severity is None or ratings.n_cities != 2 or np.isnan(effects.severity).any():
        return np.nan
    true = made.severity[ratings.judge_city == 0].mean() - made.severity[ratings.judge_city == 1].mean()
    contrast = np.array([1.0, -1.0])
    error = float(np.sqrt(contrast @ effects.severity_covariance @ contrast))
    return float(abs(contrast @ effects.severity - true) <= half_width(0.9, error))


def run(name: str, models: tuple[str, ...], seeds: range, *, checks: bool) -> None:
    """Print the table of one kind of round."""
    table: dict[str, list[Accuracy]] = {model: [] for model in models}
    failed = dict.fromkeys(models, 0)
    seconds = dict.fromkeys(models, 0.0)
    fallbacks: dict[str, int] = dict.fromkeys(models, 0)
    verdicts: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for seed in seeds:
        made = ROUNDS[name](np.random.default_rng([11, seed]))
        for model in models:
            started = time.perf_counter()
            try:
                fitted = fit(made.ratings, Settings(model=model))
            except (NotConverged, NotLinked):
                failed[model] += 1
                continue
            seconds[model] += time.perf_counter() - started
            fallbacks[model] += fitted.model != model
            table[model].append(measure(made, fitted, np.random.default_rng(seed)))
            if checks and model == Settings().model:
                result = check_model(fitted)
                verdicts[result.verdict] += 1
                found.update(f"{check.name} {check.state}" for check in result.checks if check.state not in _QUIET)
    print(f"\n{name}: {len(seeds)} replications, seeds {seeds[0]}..{seeds[-1]}", flush=True)
    print(
        f"  {'model':13}{'tau':>7}{'corr':>7}{'top':>7}{'rank 90':>9}{'score 90':>9}{'around':>9}{'city 90':>9}"
        f"{'none':>6}{'other':>6}{'s':>7}"
    )
    for model, accuracies in table.items():
        if not accuracies:
            print(f"  {model:13} no answer")
            continue
        values = np.array([list(vars(accuracy).values()) for accuracy in accuracies])
        seen = ~np.isnan(values)
        means = np.where(seen, values, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
        shown = ["" if not seen[:, k].any() else f"{means[k]:.3f}" for k in range(len(means))]
        print(
            f"  {model:13}{shown[0]:>7}{shown[1]:>7}{shown[2]:>7}{shown[3]:>9}{shown[4]:>9}{shown[5]:>9}{shown[6]:>9}"
            f"{failed[model]:>6}{fallbacks[model]:>6}{seconds[model] / len(accuracies):7.3f}",
            flush=True,
        )

    if checks:
        print(f"  verdicts: {_counts(verdicts)}; found: {_counts(found) or 'nothing'}", flush=True)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counter.most_common())


def main() -> None:
    """Read the arguments and print every requested table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--round", nargs="+", choices=tuple(ROUNDS), default=tuple(ROUNDS))
    parser.add_argument("--model", nargs="+", choices=(*MODELS, "zscore", "rasch"), default=MODELS)
    parser.add_argument("--checks", action="store_true", help="also the model check of the default model")
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.replications)
    for name in arguments.round:
        run(name, tuple(arguments.model), seeds, checks=arguments.checks)


if __name__ == "__main__":
    main()
