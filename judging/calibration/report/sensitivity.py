"""Sensitivity in a report: the other models, every judge left out, and the prediction of held-out scoresheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judging.calibration.report.estimates import NoteTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """The result of one model on the same scoresheets, compared with the sealed model.

    Attributes
    ----------
    model : str
    refusal : NoteTemplate or None
        Why the model gives no result; everything else is then empty.
    selected : tuple of str or None
        Keys of the shortlist, best first; None without a rule.
    enters, leaves : tuple of str
        Keys that are on this shortlist only, or on the sealed model's only.
    tau : float or None
        Kendall's tau-b of the scores with those of the sealed model.
    calibrated, rank : tuple or None
        In the order of the comparison's ``proposals``.
    """

    model: str
    refusal: NoteTemplate | None
    selected: tuple[str, ...] | None
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    tau: float | None
    calibrated: tuple[float | None, ...] | None
    rank: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutResult:
    """The result of the sealed model without one judge's scoresheets.

    ``moved`` is the proposal whose score differs most, ``move`` the difference, in the units of the ratings, of the
    score that ranks: the combined one where an earlier round counts. The rest as in `ModelResult`.
    """

    judge: str
    refusal: NoteTemplate | None
    selected: tuple[str, ...] | None
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    tau: float | None
    moved: str | None
    move: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionScore:
    """Quality of one model's predictions: mean log-density in nats, and the gain over the baseline per sheet."""

    model: str
    log_score: float | None
    gain: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionResult:
    """All models on the same held-out scoresheets.

    ``justified`` is whether adjustment by ``model`` is justified, None where that cannot be estimated; text and
    template are the sentence on it.
    """

    n_folds: int
    n_sheets: int
    seed: int
    baseline: str
    models: tuple[PredictionScore, ...]
    model: str
    justified: bool | None
    text: str
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityResult:
    """Effects of the choice of the model and of each judge; ``proposals`` are keys in the order of the ratings."""

    sealed_model: str
    models: tuple[ModelResult, ...]
    proposals: tuple[str, ...]
    judges: tuple[LeftOutResult, ...]
    prediction: PredictionResult | None
