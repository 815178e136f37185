"""The checks of a fit and the verdict: whether these numbers can carry a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from judging.calibration.checks import sentences as words
from judging.calibration.checks.simulation import Simulator
from judging.calibration.checks.statistics import RoundStatistics, sole_links, statistics_of, unequal_work
from judging.calibration.drift import DriftDesign
from judging.calibration.estimates import Fit
from judging.calibration.least_squares import TwoWay
from judging.calibration.ratings import Floats
from judging.calibration.report.checks import (
    DECIDE,
    DO_NOT_DECIDE,
    FAILED,
    LEFT_OUT,
    NOTED,
    PASSED,
    RESERVED,
    WITH_RESERVATION,
    CheckedAssumption,
    ModelCheckResult,
)
from judging.calibration.values import number, template
from judging.errors import CalibrationError, Message

SIMULATED = ("unequal_work", "tied_to_severity", "agreeing_pairs", "against_panel", "drift", "far_out", "spread")
"""Checks with a p-value by simulation."""

CHECKS = (*SIMULATED, "one_answer", "links", "repeated", "weight_on_one")

LEVEL = 0.05
"""Probability that one of the simulated checks fails on a round in which every assumption holds (Bonferroni)."""

_FIRST, _ALL = 99, 399
"""Rounds simulated at first, and in all where one of the p-values is not clearly large."""

_REASSIGNED = 399
"""Rounds simulated with proposals at other places; only their totals are needed, which is quick."""

_UNCLEAR = 0.03

_MOST_SHEETS = 20_000

_DIFFERENT_ANSWERS = 0.5
"""Standard errors between the scores of two starting points that make them different answers."""

_ALLOWED_FOR = {
    "unequal_work": ("hierarchical", "additive", "rasch"),
    "tied_to_severity": ("hierarchical", "additive", "rasch"),
    "agreeing_pairs": ("hierarchical",),
    "against_panel": ("hierarchical",),
    "repeated": ("hierarchical", "mixed"),
    "far_out": ("hierarchical",),
}
"""Models that allow for what a check may find."""


@dataclass(frozen=True)
class _Finding:
    name: str
    state: str
    statistic: float
    p: float | None
    text: Message
    consequence: Message | None = None
    n_simulated: int = 0

    def result(self) -> CheckedAssumption:
        note = template(self.text)
        return CheckedAssumption(
            name=self.name,
            state=self.state,
            statistic=number(self.statistic),
            p=self.p,
            text=str(self.text),
            template=note.template,
            values=note.values,
            consequence=None if self.consequence is None else str(self.consequence),
        )


def check_model(fit: Fit) -> ModelCheckResult:
    """Test the assumptions of a fit.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    result : ModelCheckResult
        The same fit and seed give the same result.

    Notes
    -----
    Rounds are simulated from the fit (`Simulator`), and every statistic is calculated on each as on the scores. 99
    rounds come first; where a p-value is .03 or less they become 399. A check fails below ``LEVEL`` over the number of
    simulated checks that had something to test.
    """
    findings = [*_simulated(fit), *_counted(fit)]
    by_name = {finding.name: finding for finding in findings}
    checks = tuple(by_name[name].result() for name in CHECKS if name in by_name)
    states = {check.state for check in checks}
    verdict = DO_NOT_DECIDE if FAILED in states else WITH_RESERVATION if RESERVED in states else DECIDE
    n = max(finding.n_simulated for finding in findings)
    return ModelCheckResult(
        verdict=verdict, text=str(words.verdict(verdict)), level=LEVEL, n_simulated=n, checks=checks
    )


def _simulated(fit: Fit) -> Iterator[_Finding]:
    ratings = fit.ratings
    if ratings.n_sheets > _MOST_SHEETS or fit.sample is None:
        for name in SIMULATED:
            yield _Finding(name, LEFT_OUT, np.nan, None, words.left_out(too_large=ratings.n_sheets > _MOST_SHEETS))
        return
    seen, observed, simulated = _simulate(fit)
    tested = [name for name in SIMULATED if not np.isnan(observed[name])]
    level = LEVEL / max(len(tested), 1)
    for name in SIMULATED:
        if name not in tested:
            yield _Finding(name, LEFT_OUT, np.nan, None, words.left_out(too_large=False))
            continue
        p = _p(observed[name], simulated[name])
        statistic = observed[name]
        # Rounds with proposals at other places are totals only; they do not count as simulated rounds.
        n = 0 if name in {"unequal_work", "tied_to_severity"} else len(simulated[name])
        if name == "drift" and fit.models_drift:
            # Rounds simulated from this fit drift as well: it was found before the fit (`severity_drifts`).
            consequence = words.consequence(name, allowed=True)
            yield _Finding(name, NOTED, statistic, None, _text(name, fit, seen), consequence, n_simulated=n)
            continue
        if p >= level:
            yield _Finding(name, PASSED, statistic, p, words.passed(name), n_simulated=n)
            continue
        allowed = fit.model in _ALLOWED_FOR.get(name, ())
        text = _text(name, fit, seen)
        consequence = words.consequence(name, allowed=allowed)
        state = _state(name, allowed=allowed)
        yield _Finding(name, state, statistic, p, text, consequence, n_simulated=n)


def _state(name: str, *, allowed: bool) -> str:
    if name in {"unequal_work", "tied_to_severity"}:
        return NOTED if allowed else FAILED
    if name in {"drift", "spread"}:
        return RESERVED
    return RESERVED if allowed else FAILED


def _text(name: str, fit: Fit, seen: RoundStatistics) -> Message:
    judges = fit.ratings.judges
    if name == "agreeing_pairs":
        pair = seen.independence.pairs[0]
        return words.agreeing_pair(judges[pair.first], judges[pair.second], pair.n_shared, pair.ratio)
    judge = judges[seen.who[name]] if name in seen.who else ""
    return words.found(name, judge)


def _p(observed: float, simulated: Floats) -> float:
    """Share of simulated statistics at least as large, the observed one counted; rounding must not decide a tie."""
    valid = simulated[~np.isnan(simulated)]
    n_larger = int((valid >= observed - 1e-9 * max(abs(observed), 1.0)).sum())
    return (1 + n_larger) / (1 + len(valid))


def _simulate(fit: Fit) -> tuple[RoundStatistics, dict[str, float], dict[str, Floats]]:
    ratings = fit.ratings
    rng = np.random.default_rng([fit.seed, len(CHECKS)])
    two_way = TwoWay(ratings)
    two_way.prepare()
    trends = DriftDesign(ratings, consistency=fit.consistency)
    first = statistics_of(ratings, two_way, trends)
    simulator = Simulator(fit, first.independence, two_way)
    share, tie = unequal_work(ratings, two_way, ratings.total)
    rows: list[RoundStatistics] = []
    for n in (_FIRST, _ALL):
        while len(rows) < n:
            rows.append(statistics_of(simulator.draw(rng), two_way, trends))
        seen, observed, simulated = _with_spread(first, rows)
        p_values = [_p(value, simulated[name]) for name, value in observed.items() if not np.isnan(value)]
        if min(p_values, default=1.0) > _UNCLEAR:
            break
    work = [unequal_work(ratings, two_way, simulator.draw_reassigned(rng)) for _ in range(_REASSIGNED)]
    shares, ties = np.array(work).T
    middle = float(np.median(ties))
    observed |= {"unequal_work": share, "tied_to_severity": abs(tie - middle)}
    simulated |= {"unequal_work": shares, "tied_to_severity": np.abs(ties - middle)}
    return seen, observed, simulated


def _with_spread(
    first: RoundStatistics, rows: list[RoundStatistics]
) -> tuple[RoundStatistics, dict[str, float], dict[str, Floats]]:
    """Add how far the spread of a judge on a criterion is from what the simulated rounds have."""
    spread = np.array([row.log_spread for row in rows])
    middle, size = spread.mean(axis=0), spread.std(axis=0)
    tested = ~np.isnan(middle) & (size > 0) & ~np.isnan(first.log_spread)
    observed = dict(first.largest)
    simulated = {name: np.array([row.largest[name] for row in rows]) for name in observed}
    observed["spread"], simulated["spread"] = np.nan, np.full(len(rows), np.nan)
    if tested.any():
        safe = np.where(tested, size, 1.0)
        z = np.where(tested, np.abs(first.log_spread - middle) / safe, -1.0)
        observed["spread"] = float(z.max())
        first.who["spread"] = int(np.unravel_index(int(np.argmax(z)), z.shape)[0])
        simulated["spread"] = np.where(tested, np.abs(spread - middle) / safe, -1.0).max(axis=(1, 2))
    return first, observed, simulated


def _counted(fit: Fit) -> Iterator[_Finding]:
    yield from _links(fit)
    yield _repeated(fit)
    for check in (_one_answer, _weight_on_one):
        finding = check(fit)
        if finding is not None:
            yield finding


def _links(fit: Fit) -> Iterator[_Finding]:
    ratings, n_sets = fit.ratings, fit.linkage.n_linked_sets
    if n_sets > 1:
        yield _Finding(
            "links", FAILED, float(n_sets), None, words.not_linked(n_sets), words.consequence("links", allowed=False)
        )
        return
    links = sole_links(ratings) if ratings.n_sheets <= _MOST_SHEETS else []
    if not links:
        yield _Finding("links", PASSED, 0.0, None, words.passed("links"))
        return
    code, part = max(links, key=lambda link: (len(link[1]), -link[0]))
    text = words.sole_link(ratings.judges[code], [ratings.judges[other] for other in part.tolist()])
    yield _Finding("links", RESERVED, float(len(part)), None, text, words.consequence("links", allowed=True))


def _repeated(fit: Fit) -> _Finding:
    n = fit.ratings.repeated
    if not n:
        return _Finding("repeated", PASSED, 0.0, None, words.passed("repeated"))
    allowed = fit.model in _ALLOWED_FOR["repeated"]
    consequence = words.consequence("repeated", allowed=allowed)
    return _Finding("repeated", NOTED if allowed else FAILED, float(n), None, words.repeated(n), consequence)


def _one_answer(fit: Fit) -> _Finding | None:
    """Fit from another starting point and compare the scores."""
    if fit.answers.other_start is None or fit.ratings.n_sheets > _MOST_SHEETS:
        return None
    try:
        other = fit.answers.other_start()(fit.ratings.without_unused_criteria(), fit.settings, fit.linkage)
    except CalibrationError:
        return None
    counted = (fit.n_judges > 0) & (fit.standard_error > 0)
    if not counted.any():
        return None
    away = (other.calibrated - fit.calibrated)[counted]
    largest = float((np.abs(away - np.median(away)) / fit.standard_error[counted]).max())
    if largest < _DIFFERENT_ANSWERS:
        return _Finding("one_answer", PASSED, largest, None, words.passed("one_answer"))
    text = words.two_answers(largest)
    return _Finding("one_answer", FAILED, largest, None, text, words.consequence("one_answer", allowed=False))


def _weight_on_one(fit: Fit) -> _Finding | None:
    """Count proposals of three judges or more in which one of them has more than half of the weight."""
    if fit.answers.explanation_terms is None or fit.ratings.n_sheets > _MOST_SHEETS:
        return None
    weight = fit.answers.explanation_terms().value.get("consistency")
    if weight is None:
        return None
    ratings = fit.ratings
    key = ratings.proposal * max(ratings.n_judges, 1) + ratings.judge
    pair, at = np.unique(key, return_inverse=True)
    of_pair = np.bincount(at, weights=weight)
    proposal = pair // max(ratings.n_judges, 1)
    largest = np.zeros(ratings.n_proposals)
    np.maximum.at(largest, proposal, of_pair)
    several = ratings.n_judges_of_proposal >= 3
    n = int((largest[several] > 0.5).sum())
    most = float(largest[several].max(initial=0.0))
    if not n:
        return _Finding("weight_on_one", PASSED, most, None, words.passed("weight_on_one"))
    text = words.weight_on_one(n, int(several.sum()), most)
    return _Finding("weight_on_one", NOTED, most, None, text, words.consequence("weight_on_one", allowed=True))
