"""All models compared, and every judge left out in turn: which proposals enter or leave the shortlist."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from judging import progress
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ranks.floors import calibrated_floors
from judging.calibration.ranks.standing import among, disagreement_of
from judging.calibration.ranks.tie_breaks import tie_break_keys
from judging.calibration.ratings import Floats, Ints, Ratings
from judging.calibration.report.sensitivity import LeftOutResult, ModelResult, SensitivityResult
from judging.calibration.sensitivity.prediction import Prediction, predict_held_out
from judging.calibration.sensitivity.refit import refit
from judging.calibration.settings import MODELS, Settings
from judging.calibration.values import number, numbers, template
from judging.errors import CalibrationError, Message
from judging.ranking import UNRANKED, rank
from judging.shortlist import select


@dataclass(frozen=True, eq=False, kw_only=True)
class RankingOutcome:
    """The ranking of a fit, compared with the sealed model on all sheets.

    Attributes
    ----------
    score : ndarray of shape (n_proposals,)
        The score that ranks are made from: calibrated, or combined where an earlier round counts.
    ranks : ndarray of shape (n_proposals,)
        0 for those nobody scored.
    selected : tuple of int or None
        Codes of the proposals that the rule selects, best first; None without a rule.
    enters, leaves : tuple of int
        Selected by this fit and not by the sealed model, and the reverse.
    tau : float
        Kendall's tau-b of the scores with those of the sealed model; 1 is the same order, NaN when either is all ties.
    """

    score: Floats
    ranks: Ints
    selected: tuple[int, ...] | None
    enters: tuple[int, ...] = ()
    leaves: tuple[int, ...] = ()
    tau: float = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class OfModel:
    """One model's outcome, or the reason why it has none."""

    model: str
    outcome: RankingOutcome | None
    refusal: str | None


@dataclass(frozen=True, eq=False, kw_only=True)
class WithoutJudge:
    """The outcome without one judge's sheets, or the reason why there is none.

    ``moved`` is the proposal whose score differs most, ``move`` the difference; both None when nothing can be compared.
    """

    judge: int
    outcome: RankingOutcome | None
    refusal: str | None
    moved: int | None
    move: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """Effects of the choice of model and of each judge; the others are compared with ``sealed``."""

    ratings: Ratings
    settings: Settings
    sealed: RankingOutcome
    models: tuple[OfModel, ...]
    judges: tuple[WithoutJudge, ...]
    prediction: Prediction | None

    def result(self) -> SensitivityResult:
        """Return it as part of a report, by name."""
        names = self.ratings.proposals
        return SensitivityResult(
            sealed_model=self.settings.model,
            models=tuple(_model_result(row, names) for row in self.models),
            proposals=names,
            judges=tuple(_left_out_result(row, names, self.ratings.judges[row.judge]) for row in self.judges),
            prediction=None if self.prediction is None else self.prediction.result(),
        )


def compare(
    fitted: Fit, *, carried: Carried | None = None, judges: bool = True, held_out: bool = True, seed: int = 0
) -> Comparison:
    """Fit every model, leave out every judge, and predict sheets that were held out.

    Parameters
    ----------
    fitted : Fit
        The sealed model on all sheets.
    carried : Carried, optional
        Scores of an earlier round that count in every outcome.
    judges, held_out : bool
        Whether to leave judges out, and whether to compare the models' predictions; each needs refits.
    seed : int
        Of the split into held-out parts.

    Returns
    -------
    comparison : Comparison

    Notes
    -----
    Outcomes are those of the sealed rule with its quotas and of the tie-break chain, except for a key that is a
    probability: it would need draws from every refit, and is left out.
    """
    sealed = _outcome_of(fitted, None, carried)
    with progress.part(0.0, 0.2):
        models = compare_models(fitted, sealed=sealed, carried=carried)
    with progress.part(0.2, 0.5):
        left_out = leave_one_out(fitted, sealed=sealed, carried=carried) if judges else ()
    with progress.part(0.5, 1.0):
        prediction = predict_held_out(fitted, seed=seed) if held_out else None
    return Comparison(
        ratings=fitted.ratings,
        settings=fitted.settings,
        sealed=sealed,
        models=models,
        judges=left_out,
        prediction=prediction,
    )


def compare_models(
    fitted: Fit, *, sealed: RankingOutcome | None = None, carried: Carried | None = None
) -> tuple[OfModel, ...]:
    """Fit every model to the same sheets, in the order of ``MODELS``."""
    sealed = sealed or _outcome_of(fitted, None, carried)
    rows = []
    for place, model in enumerate(MODELS):
        progress.advance(Message("Fitting model {n} of {total}", n=place + 1, total=len(MODELS)), place, len(MODELS))
        try:
            refitted = fitted if model == fitted.model else fit(fitted.ratings, replace(fitted.settings, model=model))
        except CalibrationError as error:
            rows.append(OfModel(model=model, outcome=None, refusal=error.message))
            continue
        rows.append(OfModel(model=model, outcome=_outcome_of(refitted, sealed, carried), refusal=None))
    return tuple(rows)


def leave_one_out(
    fitted: Fit, *, sealed: RankingOutcome | None = None, carried: Carried | None = None
) -> tuple[WithoutJudge, ...]:
    """Fit the sealed model without each judge who has a sheet."""
    sealed = sealed or _outcome_of(fitted, None, carried)
    ratings = fitted.ratings
    rows = []
    with_sheets = np.flatnonzero(ratings.n_sheets_of_judge).tolist()
    for place, judge in enumerate(with_sheets):
        text = Message("Leaving out judge {n} of {total}", n=place + 1, total=len(with_sheets))
        progress.advance(text, place, len(with_sheets))
        keep = ratings.judge != judge
        if not keep.any():
            refusal = Message("There is no other judge.")
            rows.append(WithoutJudge(judge=judge, outcome=None, refusal=refusal, moved=None, move=None))
            continue
        try:
            refitted = refit(fitted, np.asarray(keep))
        except CalibrationError as error:
            rows.append(WithoutJudge(judge=judge, outcome=None, refusal=error.message, moved=None, move=None))
            continue
        outcome = _outcome_of(refitted, sealed, carried)
        moves = outcome.score - sealed.score
        known = np.flatnonzero(~np.isnan(moves))
        moved = int(known[np.argmax(np.abs(moves[known]))]) if len(known) else None
        rows.append(
            WithoutJudge(
                judge=judge,
                outcome=outcome,
                refusal=None,
                moved=moved,
                move=None if moved is None else float(moves[moved]),
            )
        )
    return tuple(rows)


def agreement(first: Floats, second: Floats) -> float:
    """Kendall's tau-b over the proposals that both score; NaN for fewer than two, or when either has ties only."""
    both = ~(np.isnan(first) | np.isnan(second))
    if both.sum() < 2 or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return float("nan")
    # SciPy loads its statistics here, when they are first used: that takes as long as half of our own modules.
    return float(scipy.stats.kendalltau(first[both], second[both]).statistic)


def _outcome_of(fitted: Fit, sealed: RankingOutcome | None, carried: Carried | None) -> RankingOutcome:
    score = fitted.calibrated if carried is None else carried.combine(fitted.calibrated)
    field = among(fitted.ratings, calibrated_floors(fitted))
    keys = tie_break_keys(
        fitted,
        criterion_mean=field.criterion_mean,
        disagreement=disagreement_of(fitted),
        p_shortlist=None,
        n_draws=0,
    )
    ranks = rank(score, tie_breaks=list(keys.values()))
    rule = fitted.settings.shortlist
    selected = None if rule is None else select(score, ranks, rule, among=field).selected
    if sealed is None:
        return RankingOutcome(score=score, ranks=ranks, selected=selected)
    before, after = set(sealed.selected or ()), set(selected or ())
    return RankingOutcome(
        score=score,
        ranks=ranks,
        selected=selected,
        enters=tuple(code for code in selected or () if code not in before),
        leaves=tuple(code for code in sealed.selected or () if code not in after),
        tau=agreement(score, sealed.score),
    )


def _model_result(row: OfModel, names: tuple[str, ...]) -> ModelResult:
    outcome = row.outcome
    return ModelResult(
        model=row.model,
        refusal=None if row.refusal is None else template(row.refusal),
        selected=_selected(outcome, names),
        enters=() if outcome is None else _named(outcome.enters, names),
        leaves=() if outcome is None else _named(outcome.leaves, names),
        tau=None if outcome is None else number(outcome.tau),
        calibrated=None if outcome is None else numbers(outcome.score),
        rank=None if outcome is None else _ranks(outcome),
    )


def _left_out_result(row: WithoutJudge, names: tuple[str, ...], judge: str) -> LeftOutResult:
    outcome = row.outcome
    return LeftOutResult(
        judge=judge,
        refusal=None if row.refusal is None else template(row.refusal),
        selected=_selected(outcome, names),
        enters=() if outcome is None else _named(outcome.enters, names),
        leaves=() if outcome is None else _named(outcome.leaves, names),
        tau=None if outcome is None else number(outcome.tau),
        moved=None if row.moved is None else names[row.moved],
        move=number(row.move),
    )


def _selected(outcome: RankingOutcome | None, names: tuple[str, ...]) -> tuple[str, ...] | None:
    return None if outcome is None or outcome.selected is None else _named(outcome.selected, names)


def _named(codes: tuple[int, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(names[code] for code in codes)


def _ranks(outcome: RankingOutcome) -> tuple[int | None, ...]:
    return tuple(None if place == UNRANKED else place for place in outcome.ranks.tolist())
