"""Is adjusting justified at all? How well every model predicts sheets that it was not shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from judging.calibration.estimates import Fit
from judging.calibration.explanation.linear_form import sheet_weights
from judging.calibration.fit import fit
from judging.calibration.models.hierarchical.iteration import Solution
from judging.calibration.models.hierarchical.marks import read_marks
from judging.calibration.models.hierarchical.prediction import predict_opinions
from judging.calibration.models.rasch.model import RaschMeasures
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.calibration.sensitivity.refit import refit, some_sheets
from judging.calibration.settings import MODELS
from judging.calibration.values import number, template
from judging.errors import CalibrationError, Message

N_FOLDS = 5
FEWEST = 20
"""Sheets held out in all, below which nothing is said."""

_BEYOND_DOUBT = 2.0
"""Standard errors."""

BASELINE = "raw"


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """How one model predicted totals of unseen sheets.

    Attributes
    ----------
    model : str
    log_score : float or None
        Mean log-density of a total, in nats; None when the model refused in one of the parts.
    gain, standard_error : float or None
        Over raw means, per sheet, and its standard error with the sheets of a judge taken together.
    """

    model: str
    log_score: float | None
    gain: float | None
    standard_error: float | None


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """All models on the same sheets.

    ``justified`` is True, False, or None where it cannot be told; ``text`` says it of ``model``.
    """

    n_folds: int
    n_sheets: int
    seed: int
    models: tuple[Predicted, ...]
    model: str
    justified: bool | None
    text: Message

    def as_dict(self) -> dict[str, Any]:
        """Return values that JSON holds."""
        return {
            "n_folds": self.n_folds,
            "n_sheets": self.n_sheets,
            "seed": self.seed,
            "baseline": BASELINE,
            "models": [
                {
                    "model": found.model,
                    "log_score": number(found.log_score),
                    "gain": number(found.gain),
                    "standard_error": number(found.standard_error),
                }
                for found in self.models
            ],
            "model": self.model,
            "justified": self.justified,
            "text": str(self.text),
            **template(self.text),
        }


def predict_held_out(fitted: Fit, *, n_folds: int = N_FOLDS, seed: int = 0) -> Prediction:
    r"""Hold out each part of the sheets in turn, fit every model to the rest, and score what it says of the part.

    Parameters
    ----------
    fitted : Fit
        The sealed model on all sheets. Where it is `raw` itself, `mixed` stands for adjusting.
    n_folds : int
        Parts; no proposal has two sheets in the same one, as long as it has no more than so many.
    seed : int
        Of the split.

    Returns
    -------
    prediction : Prediction

    Notes
    -----
    The score is the log-density of a held-out total, a proper rule: who claims too much precision loses by it as does
    who predicts badly. Every model predicts by a normal distribution with its own mean and variance: what it knows of
    proposal and judge, how uncertain that is, its noise and halo; `hierarchical` with the judge's own consistency, cut
    at the ends of the scale. Raw means are given every chance: the mean of a proposal is pulled to the middle as far as
    helps prediction, so that what another model gains is owed to the judges and not to that pull. Sheets of proposals
    or judges that have no other sheet are not predicted.

    References
    ----------
    .. [1] T. Gneiting, A. Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007, sec. 4.
    """
    ratings = fitted.ratings.without_unused_criteria()
    folds = split(ratings, n_folds, np.random.default_rng(seed))
    scores: dict[str, Floats | None] = {model: np.full(ratings.n_sheets, np.nan) for model in MODELS}
    for fold in range(n_folds):
        out = folds == fold
        known = out & _known(ratings, ~out)
        if not known.any():
            continue
        for model in MODELS:
            held = scores[model]
            if held is not None:
                found = _score(fitted, model, ratings, known, ~out)
                if found is None:
                    scores[model] = None
                else:
                    held[known] = found
    base = scores[BASELINE]
    if base is None:
        base = np.full(ratings.n_sheets, np.nan)
    seen = ~np.isnan(base)
    models = tuple(_compare(model, held, base, ratings.judge, seen) for model, held in scores.items())
    model = "mixed" if fitted.model == BASELINE else fitted.model
    n_sheets = int(seen.sum())
    verdict, text = _verdict(next(found for found in models if found.model == model), n_sheets)
    return Prediction(
        n_folds=n_folds,
        n_sheets=n_sheets,
        seed=seed,
        models=models,
        model=model,
        justified=verdict,
        text=text,
    )


def split(ratings: Ratings, n_folds: int, rng: np.random.Generator) -> Ints:
    """Deal the sheets of each proposal, shuffled, to consecutive parts from a random one on; of shape (n_sheets,)."""
    shuffled = np.lexsort((rng.random(ratings.n_sheets), ratings.proposal))
    count = ratings.n_sheets_of_proposal
    within = np.arange(ratings.n_sheets) - np.repeat(np.cumsum(count) - count, count)
    fold = np.empty(ratings.n_sheets, dtype=np.int64)
    fold[shuffled] = (within + np.repeat(rng.integers(n_folds, size=ratings.n_proposals), count)) % n_folds
    return fold


def _known(ratings: Ratings, kept: Bools) -> Bools:
    """Sheets whose proposal and judge have a sheet among those kept."""
    of_proposal = np.bincount(ratings.proposal[kept], minlength=ratings.n_proposals)[ratings.proposal]
    of_judge = np.bincount(ratings.judge[kept], minlength=ratings.n_judges)[ratings.judge]
    return np.asarray((of_proposal > 0) & (of_judge > 0))


def _score(fitted: Fit, model: str, ratings: Ratings, wanted: Bools, kept: Bools) -> Floats | None:
    """Log-densities of the totals of the sheets wanted, from the sheets kept; None when the model refuses."""
    try:
        if model == fitted.model:
            found = refit(fitted, kept)
        else:
            found = fit(some_sheets(fitted.ratings, kept), replace(fitted.settings, model=model))
    except CalibrationError:
        return None
    mean, variance = _PREDICTORS.get(model, _by_effects)(found, some_sheets(ratings, wanted))
    # No model knows more of a total than the grid of marks shows.
    coarse = sheet_weights(ratings)[wanted] ** 2 @ np.where(ratings.step > 0, ratings.step, 0.0) ** 2 / 12.0
    floor = 1e-6 * max(float(ratings.total.var()), 1e-12)
    variance = np.maximum(variance + coarse, floor)
    if not np.isfinite(mean).all() or not np.isfinite(variance).all():
        return None
    return np.asarray(-0.5 * (np.log(2.0 * np.pi * variance) + (ratings.total[wanted] - mean) ** 2 / variance))


def _opened(found: Fit, sheets: Ratings) -> Floats:
    """Say what the criteria left open change in the expected total."""
    means = found.criterion_mean[[found.ratings.criteria.index(name) for name in sheets.criteria]]
    return np.asarray((sheet_weights(sheets) - sheets.weights) @ np.nan_to_num(means))


def one_way(values: Floats, group: Ints, n: int) -> tuple[float, float, float]:
    """Mean, variance between and variance within groups, by moments; neither variance below zero."""
    count = np.bincount(group, minlength=n)
    held = count[count > 0]
    mean = np.bincount(group, weights=values, minlength=n) / np.maximum(count, 1)
    squares = float(((values - mean[group]) ** 2).sum())
    total = len(values)
    freedom = total - len(held)
    grand = float(values.mean())
    if freedom == 0:
        return grand, 0.0, float(values.var())
    within = squares / freedom
    room = total - float((held.astype(np.float64) ** 2).sum()) / total
    between = float((count * (mean - grand) ** 2).sum()) - (len(held) - 1) * within
    return grand, max(between / room, 0.0) if room > 0 else 0.0, within


def _shrunk(values: Floats, group: Ints, wanted: Ints, n: int) -> tuple[Floats, Floats]:
    """Predict a further value of each group wanted from its own, pulled to the middle."""
    grand, between, within = one_way(values, group, n)
    count = np.bincount(group, minlength=n)
    mean = np.bincount(group, weights=values, minlength=n) / np.maximum(count, 1)
    ratio = within / between if between > 0 else np.inf
    share = count / (count + ratio)
    predicted = grand + share * (mean - grand)
    variance = (
        within
        + between * (1.0 - share)
        + (1.0 - share) ** 2 * (between + within) / max(int(np.count_nonzero(count)), 1)
    )
    return predicted[wanted], variance[wanted]


def _by_raw(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    ratings = found.ratings
    mean, variance = _shrunk(ratings.total, ratings.proposal, sheets.proposal, ratings.n_proposals)
    return mean + _opened(found, sheets), variance


def _by_zscore(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    ratings = found.ratings
    level = np.asarray(found.details["judge_mean"], dtype=np.float64)
    spread = np.asarray(found.details["judge_spread"], dtype=np.float64)
    spread = np.where(spread > 0, spread, 1.0)
    z = (ratings.total - level[ratings.judge]) / spread[ratings.judge]
    mean, variance = _shrunk(z, ratings.proposal, sheets.proposal, ratings.n_proposals)
    of_judge = spread[sheets.judge]
    doubt = of_judge**2 / found.n_sheets[sheets.judge]
    return level[sheets.judge] + of_judge * mean + _opened(found, sheets), of_judge**2 * variance + doubt


def _by_effects(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    """Predict by quality less severity, and by what the variances say of a single total."""
    squared = (sheet_weights(sheets) ** 2).sum(axis=1)
    noise = found.variances["residual"] or 0.0
    halo = found.variances["judge_proposal"] or 0.0
    mean, doubt = _effects(found, sheets)
    # The residual of `additive` is that of a whole total.
    own = noise * (squared if found.model == "mixed" else 1.0) + halo
    return mean + _opened(found, sheets), own + doubt


def _effects(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    ratings = found.ratings
    severity = np.zeros(ratings.n_judges) if found.severity is None else np.nan_to_num(found.severity)
    of_judge = np.zeros(ratings.n_judges) if found.severity_error is None else np.nan_to_num(found.severity_error)
    mean = found.calibrated[sheets.proposal] - severity[sheets.judge]
    home = found.fixed.get("home_city")
    if home is not None:
        share = ratings.same_city.mean()
        if found.settings.home_city == "report":
            count = np.maximum(ratings.n_sheets_of_proposal, 1)
            homes = np.bincount(ratings.proposal, weights=ratings.same_city, minlength=ratings.n_proposals)
            share = (homes / count)[sheets.proposal]
        mean = mean + home.estimate * (sheets.same_city - share)
    return mean, found.standard_error[sheets.proposal] ** 2 + of_judge[sheets.judge] ** 2


def _by_hierarchical(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    solution = found.details.get("solution")
    if not isinstance(solution, Solution) or found.severity_error is None:
        return np.full(sheets.n_sheets, np.nan), np.full(sheets.n_sheets, np.nan)
    proposal, judge = sheets.proposal, sheets.judge
    opinion, spread = predict_opinions(found, proposal=proposal, judge=judge, same_city=sheets.same_city)
    weights = sheet_weights(sheets)
    size = np.asarray(found.details["relative_scale"], dtype=np.float64)
    scaled = weights * size
    state, factors = solution.state, solution.factors
    log_scale, log_consistency = state.log_scale[judge], state.log_consistency[judge]
    doubt = (
        np.diag(factors.consistency_covariance)
        if factors.consistency_covariance.ndim == 2
        else (factors.consistency_covariance)
    )
    noise = np.exp(2 * (log_consistency + doubt[judge])) * (
        state.spreads.halo**2 * scaled.sum(axis=1) ** 2 + state.spreads.noise**2 * (scaled**2).sum(axis=1)
    )
    known = np.exp(2 * log_scale) * found.standard_error[proposal] ** 2
    known += np.nan_to_num(found.severity_error)[judge] ** 2
    mean, cut = _cut(found.ratings, sheets, opinion, spread)
    given = weights**2
    left = (given * cut).sum(axis=1) / (given * spread).sum(axis=1)
    return (weights * mean).sum(axis=1), left * (noise + known)


def _cut(ratings: Ratings, sheets: Ratings, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of opinions cut at the ends of the scale, where marks are."""
    used = [ratings.criteria.index(name) for name in sheets.criteria]
    minimum, maximum = sheets.minimum, sheets.maximum
    rounded = read_marks(ratings.score[:, used], minimum, maximum, sheets.step).step > 0
    low = np.where(rounded & np.isfinite(minimum), minimum, -np.inf)
    high = np.where(rounded & np.isfinite(maximum), maximum, np.inf)
    sd = np.sqrt(variance)
    a, b = (low - mean) / sd, (high - mean) / sd
    below, above = ndtr(a), ndtr(-b)
    inside = 1.0 - below - above
    at_a, at_b = np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi), np.exp(-(b**2) / 2) / np.sqrt(2 * np.pi)
    a, b = np.where(np.isinf(a), 0.0, a), np.where(np.isinf(b), 0.0, b)
    # In standard units, so that no digits are lost far from zero.
    first = a * below + b * above + at_a - at_b
    second = a**2 * below + b**2 * above + inside + a * at_a - b * at_b
    return mean + sd * first, variance * np.maximum(second - first**2, 1e-6)


def _by_rasch(found: Fit, sheets: Ratings) -> tuple[Floats, Floats]:
    logits = found.details.get("logits")
    if not isinstance(logits, RaschMeasures):
        return np.full(sheets.n_sheets, np.nan), np.full(sheets.n_sheets, np.nan)
    used = [logits.ratings.criteria.index(name) for name in sheets.criteria if name in logits.ratings.criteria]
    if len(used) < sheets.n_criteria:
        return np.full(sheets.n_sheets, np.nan), np.full(sheets.n_sheets, np.nan)
    eta = logits.quality[sheets.proposal] - logits.severity[sheets.judge]
    weights = sheet_weights(sheets)
    mean, variance = np.zeros(sheets.n_sheets), np.zeros(sheets.n_sheets)
    slope = np.zeros(sheets.n_sheets)
    for code, scale in enumerate(logits.likelihood.scales):
        log_weights = logits.likelihood.log_weights(logits.maximum.point, code)
        span = max(float(scale.category[-1]), 1.0)
        step = float(scale.value[-1] - scale.value[0]) / span
        for criterion in scale.criteria:
            at = (eta - logits.difficulty[criterion])[:, None] * scale.category + log_weights
            p = np.exp(at - at.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            expected = p @ scale.value
            own = (p * (scale.value - expected[:, None]) ** 2).sum(axis=1)
            mean += weights[:, criterion] * expected
            variance += weights[:, criterion] ** 2 * own
            slope += weights[:, criterion] * own / step if step > 0 else 0.0
    doubt = logits.quality_error[sheets.proposal] ** 2 + logits.severity_error[sheets.judge] ** 2
    return mean, variance + slope**2 * (doubt + (logits.uncertainty.halo or 0.0))


_PREDICTORS: dict[str, Callable[[Fit, Ratings], tuple[Floats, Floats]]] = {
    "raw": _by_raw,
    "zscore": _by_zscore,
    "hierarchical": _by_hierarchical,
    "rasch": _by_rasch,
}


def _compare(model: str, held: Floats | None, base: Floats, judge: Ints, seen: Bools) -> Predicted:
    if held is None or not seen.any():
        return Predicted(model=model, log_score=None, gain=None, standard_error=None)
    gain = held[seen] - base[seen]
    away = np.bincount(judge[seen], weights=gain - gain.mean())
    n_groups = len(np.unique(judge[seen]))
    error = np.sqrt((away**2).sum() * n_groups / (n_groups - 1)) / seen.sum() if n_groups > 1 else None
    return Predicted(
        model=model,
        log_score=float(held[seen].mean()),
        gain=float(gain.mean()),
        standard_error=None if error is None else float(error),
    )


def _verdict(found: Predicted, n_sheets: int) -> tuple[bool | None, Message]:
    if found.gain is None or found.standard_error is None or n_sheets < FEWEST:
        return None, Message(
            "There are too few scoresheets to hold some out: whether adjusting by `{model}` is justified cannot be "
            "told, and no adjustment is a first-class choice.",
            model=found.model,
        )
    said = {"model": found.model, "gain": f"{found.gain:+.2f}", "error": f"{found.standard_error:.2f}"}
    if found.gain > _BEYOND_DOUBT * found.standard_error:
        return True, Message(
            "`{model}` predicts unseen scoresheets better than raw means (gain {gain} per sheet, standard error "
            "{error}): adjusting is justified.",
            **said,
        )
    if found.gain < -_BEYOND_DOUBT * found.standard_error:
        return False, Message(
            "`{model}` predicts unseen scoresheets worse than raw means (gain {gain} per sheet, standard error "
            "{error}): adjusting is not justified, and no adjustment is the better choice.",
            **said,
        )
    return None, Message(
        "`{model}` and raw means predict unseen scoresheets about equally well (gain {gain} per sheet, standard error "
        "{error}): the data cannot tell whether adjusting is justified, and no adjustment is a first-class choice.",
        **said,
    )
