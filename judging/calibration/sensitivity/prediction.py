"""Whether adjustment is justified: how well every model predicts sheets that it was not fitted to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging import progress
from judging.calibration.answers.sheet_weights import sheet_weights
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Bools, Floats, Ints, Ratings
from judging.calibration.report.sensitivity import PredictionResult, PredictionScore
from judging.calibration.sensitivity.refit import refit, some_sheets
from judging.calibration.settings import BASELINE_MODEL, MODELS, REFERENCE_MODEL
from judging.calibration.values import number, template
from judging.errors import CalibrationError, Message

N_FOLDS = 5
FEWEST = 20
"""With fewer held-out sheets in total there is no verdict."""

_SIGNIFICANT = 2.0
"""Number of standard errors from which a gain is significant."""


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """Quality of one model's predictions of totals of unseen sheets.

    Attributes
    ----------
    model : str
    log_score : float or None
        Mean log-density of a total, in nats; None when the model could not be fitted to one of the parts.
    gain, standard_error : float or None
        Gain over raw means, per sheet, and its standard error clustered by judge.
    """

    model: str
    log_score: float | None
    gain: float | None
    standard_error: float | None


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """All models on the same sheets.

    ``justified`` is True, False, or None where neither is significant; ``text`` is the sentence on it for ``model``.
    """

    n_folds: int
    n_sheets: int
    seed: int
    models: tuple[Predicted, ...]
    model: str
    justified: bool | None
    text: Message

    def result(self) -> PredictionResult:
        """Return it as part of a report."""
        told = template(self.text)
        return PredictionResult(
            n_folds=self.n_folds,
            n_sheets=self.n_sheets,
            seed=self.seed,
            baseline=BASELINE_MODEL,
            models=tuple(
                PredictionScore(
                    model=row.model,
                    log_score=number(row.log_score),
                    gain=number(row.gain),
                    standard_error=number(row.standard_error),
                )
                for row in self.models
            ),
            model=self.model,
            justified=self.justified,
            text=str(self.text),
            template=told.template,
            values=told.values,
        )


def predict_held_out(fitted: Fit, *, n_folds: int = N_FOLDS, seed: int = 0) -> Prediction:
    r"""Hold out each part of the sheets in turn, fit every model to the rest, and score its prediction of the part.

    Parameters
    ----------
    fitted : Fit
        The sealed model on all sheets. Where it is `raw` itself, the verdict is for `mixed`.
    n_folds : int
        Number of parts; a proposal with at most ``n_folds`` sheets has no two in the same part.
    seed : int
        Of the split.

    Returns
    -------
    prediction : Prediction

    Notes
    -----
    The score is the log-density of a held-out total, a proper scoring rule: too small a variance lowers it, as does
    a wrong mean. Every model predicts a normal distribution with its own mean and variance, from the estimates of
    proposal and judge, their uncertainty, noise and halo; `hierarchical` with the judge's own consistency, cut
    at the ends of the scale. The comparison is fair to raw means: the mean of a proposal is shrunk to the middle as is
    best for prediction, so that another model's gain comes from the judges and not from shrinkage. Sheets of proposals
    or judges without another sheet are not predicted.

    References
    ----------
    .. [1] T. Gneiting, A. Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007, sec. 4.
    """
    ratings = fitted.ratings.without_unused_criteria()
    folds = split(ratings, n_folds, np.random.default_rng(seed))
    scores: dict[str, Floats | None] = {model: np.full(ratings.n_sheets, np.nan) for model in MODELS}
    for fold in range(n_folds):
        out = folds == fold
        predictable = out & _known(ratings, ~out)
        if not predictable.any():
            continue
        for place, model in enumerate(MODELS):
            text = Message("Predicting part {n} of {total} of the scoresheets", n=fold + 1, total=n_folds)
            progress.advance(text, fold * len(MODELS) + place, n_folds * len(MODELS))
            log_scores = scores[model]
            if log_scores is not None:
                prediction = _score(fitted, model, ratings, predictable, ~out)
                if prediction is None:
                    scores[model] = None
                else:
                    log_scores[predictable] = prediction
    base = scores[BASELINE_MODEL]
    if base is None:
        base = np.full(ratings.n_sheets, np.nan)
    predicted = ~np.isnan(base)
    models = tuple(_compare(model, log_scores, base, ratings.judge, predicted) for model, log_scores in scores.items())
    model = REFERENCE_MODEL if fitted.model == BASELINE_MODEL else fitted.model
    n_sheets = int(predicted.sum())
    verdict, text = _verdict(next(prediction for prediction in models if prediction.model == model), n_sheets)
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
    """Distribute the shuffled sheets of each proposal to consecutive parts from a random one on, shape (n_sheets,)."""
    shuffled = np.lexsort((rng.random(ratings.n_sheets), ratings.proposal))
    count = ratings.n_sheets_of_proposal
    within = np.arange(ratings.n_sheets) - np.repeat(np.cumsum(count) - count, count)
    fold = np.empty(ratings.n_sheets, dtype=np.int64)
    fold[shuffled] = (within + np.repeat(rng.integers(n_folds, size=ratings.n_proposals), count)) % n_folds
    return fold


def _known(ratings: Ratings, retained: Bools) -> Bools:
    """Whether proposal and judge of each sheet have a sheet among the ``retained``."""
    of_proposal = np.bincount(ratings.proposal[retained], minlength=ratings.n_proposals)[ratings.proposal]
    of_judge = np.bincount(ratings.judge[retained], minlength=ratings.n_judges)[ratings.judge]
    return np.asarray((of_proposal > 0) & (of_judge > 0))


def _score(fitted: Fit, model: str, ratings: Ratings, held_out: Bools, retained: Bools) -> Floats | None:
    """Log-densities of the totals of ``held_out`` sheets, fitted to ``retained``; None when the fit fails."""
    try:
        if model == fitted.model:
            refitted = refit(fitted, retained)
        else:
            refitted = fit(some_sheets(fitted.ratings, retained), replace(fitted.settings, model=model))
    except CalibrationError:
        return None
    predict = refitted.answers.predicted_totals
    if predict is None:
        return None
    totals = predict(some_sheets(ratings, held_out))
    # A total is rounded by the steps of its marks: the variance of that rounding is added.
    coarse = sheet_weights(ratings)[held_out] ** 2 @ np.where(ratings.step > 0, ratings.step, 0.0) ** 2 / 12.0
    floor = 1e-6 * max(float(ratings.total.var()), 1e-12)
    mean, variance = totals.mean, np.maximum(totals.variance + coarse, floor)
    if not np.isfinite(mean).all() or not np.isfinite(variance).all():
        return None
    return np.asarray(-0.5 * (np.log(2.0 * np.pi * variance) + (ratings.total[held_out] - mean) ** 2 / variance))


def _compare(model: str, log_scores: Floats | None, base: Floats, judge: Ints, predicted: Bools) -> Predicted:
    if log_scores is None or not predicted.any():
        return Predicted(model=model, log_score=None, gain=None, standard_error=None)
    gain = log_scores[predicted] - base[predicted]
    away = np.bincount(judge[predicted], weights=gain - gain.mean())
    n_groups = len(np.unique(judge[predicted]))
    error = np.sqrt((away**2).sum() * n_groups / (n_groups - 1)) / predicted.sum() if n_groups > 1 else None
    return Predicted(
        model=model,
        log_score=float(log_scores[predicted].mean()),
        gain=float(gain.mean()),
        standard_error=None if error is None else float(error),
    )


def _verdict(prediction: Predicted, n_sheets: int) -> tuple[bool | None, Message]:
    if prediction.gain is None or prediction.standard_error is None or n_sheets < FEWEST:
        return None, Message(
            "There are too few scoresheets to hold some out: the data cannot tell whether adjusting by `{model}` "
            "is justified, and no adjustment is an equally good choice.",
            model=prediction.model,
        )
    values = {"model": prediction.model, "gain": f"{prediction.gain:+.2f}", "error": f"{prediction.standard_error:.2f}"}
    if prediction.gain > _SIGNIFICANT * prediction.standard_error:
        return True, Message(
            "`{model}` predicts unseen scoresheets better than raw means (gain {gain} per sheet, standard error "
            "{error}): adjusting is justified.",
            **values,
        )
    if prediction.gain < -_SIGNIFICANT * prediction.standard_error:
        return False, Message(
            "`{model}` predicts unseen scoresheets worse than raw means (gain {gain} per sheet, standard error "
            "{error}): adjusting is not justified, and no adjustment is the better choice.",
            **values,
        )
    return None, Message(
        "`{model}` and raw means predict unseen scoresheets about equally well (gain {gain} per sheet, standard "
        "error {error}): the data cannot tell whether adjusting is justified, and no adjustment is an equally "
        "good choice.",
        **values,
    )
