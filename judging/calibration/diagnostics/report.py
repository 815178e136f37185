"""Diagnostics of a fit as parts of its report: judges, criteria, unexpected scores, agreement, logits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.answers.logit_measures import LogitTable
from judging.calibration.diagnostics.agreement_coefficients import Coefficient
from judging.calibration.diagnostics.criteria import describe_criteria
from judging.calibration.diagnostics.fit_statistics import (
    MeanSquares,
    expect_scores,
    extreme_share,
    find_unexpected,
    of_criteria,
    of_judges,
)
from judging.calibration.diagnostics.judge_sentences import sentences_of
from judging.calibration.diagnostics.reliability import find_reliability
from judging.calibration.drift import find_drift
from judging.calibration.estimates import Fit
from judging.calibration.report.agreement import AgreementCoefficient, AgreementForecast, AgreementResult
from judging.calibration.report.judges import CriterionResult, JudgeResult, JudgeSentence, UnexpectedResult
from judging.calibration.report.logits import LogitEstimate, LogitResult, ScaleThresholds
from judging.calibration.values import columns_of, estimates, number, numbers, template

_Columns = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """Parts of the report: judges, criteria, and how reliable the fit is."""

    judges: tuple[JudgeResult, ...]
    criteria: tuple[CriterionResult, ...]
    unexpected: tuple[UnexpectedResult, ...]
    reliability: AgreementResult
    logits: LogitResult | None


def diagnostics(fit: Fit) -> Diagnostics:
    """Return the diagnostics of a fit."""
    expected = expect_scores(fit)
    return Diagnostics(
        judges=_judges(fit, expected),
        criteria=_criteria(fit, expected),
        unexpected=_unexpected(fit, expected),
        reliability=_reliability(fit),
        logits=_logits(fit),
    )


def _judges(fit: Fit, expected: ExpectedScores) -> tuple[JudgeResult, ...]:
    ratings, interval, n = fit.ratings, fit.settings.interval, fit.ratings.n_judges
    severity = estimates(fit.severity, fit.severity_error, n, interval)
    drift = find_drift(ratings, consistency=fit.consistency)
    squares = of_judges(ratings, expected)
    factors = {
        "scale_use": estimates(fit.scale_use, fit.scale_use_error, n, interval),
        "consistency": estimates(fit.consistency, fit.consistency_error, n, interval),
        "home": estimates(fit.home, fit.home_error, n, interval),
        "drift": estimates(drift.estimate, drift.standard_error, n, interval),
    }
    infit, outfit = _mean_squares(squares, "infit"), _mean_squares(squares, "outfit")
    extreme = numbers(extreme_share(ratings))
    rows = []
    for code, name in enumerate(ratings.judges):
        columns = {**infit[code], **outfit[code]}
        for factor, values in factors.items():
            columns |= columns_of(factor, values[code])
        row = JudgeResult(
            judge=name,
            n_sheets=int(fit.n_sheets[code]),
            severity=severity[code].estimate,
            standard_error=severity[code].standard_error,
            low=severity[code].low,
            high=severity[code].high,
            city=ratings.cities[ratings.judge_city[code]] if ratings.judge_city[code] >= 0 else None,
            extreme_share=extreme[code],
            readings=(),
            **columns,
        )
        rows.append(replace(row, readings=_sentences(row)))
    return tuple(rows)


def _sentences(row: JudgeResult) -> tuple[JudgeSentence, ...]:
    sentences = []
    for subject, message in sentences_of(row):
        note = template(message)
        sentences.append(JudgeSentence(about=subject, text=str(message), template=note.template, values=note.values))
    return tuple(sentences)


def _mean_squares(squares: MeanSquares, name: str) -> list[_Columns]:
    """Mean squares with their standard deviation when the model is true, and as standard normal deviates."""
    names = (name, f"{name}_error", f"{name}_z")
    values = (numbers(getattr(squares, column)) for column in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _criteria(fit: Fit, expected: ExpectedScores) -> tuple[CriterionResult, ...]:
    ratings = fit.ratings
    statistics = describe_criteria(ratings)
    squares = of_criteria(ratings, expected)
    infit, outfit = _mean_squares(squares, "infit"), _mean_squares(squares, "outfit")
    return tuple(
        CriterionResult(
            criterion=name,
            weight=float(ratings.weights[code]),
            mean=number(fit.criterion_mean[code]),
            n_scores=int(np.count_nonzero(~np.isnan(ratings.score[:, code]))),
            minimum=number(ratings.minimum[code]),
            maximum=number(ratings.maximum[code]),
            step=number(ratings.step[code]),
            spread=number(statistics.spread[code]),
            halo_share=number(statistics.halo_share[code]),
            correlation_with_rest=number(statistics.with_rest[code]),
            correlations=dict(zip(ratings.criteria, numbers(statistics.correlation[code]), strict=True)),
            **infit[code],
            **outfit[code],
        )
        for code, name in enumerate(ratings.criteria)
    )


def _unexpected(fit: Fit, expected: ExpectedScores) -> tuple[UnexpectedResult, ...]:
    ratings = fit.ratings
    return tuple(
        UnexpectedResult(
            judge=ratings.judges[score.judge],
            proposal=ratings.proposals[score.proposal],
            criterion=ratings.criteria[score.criterion],
            score=score.score,
            expected=score.expected,
            z=score.z,
        )
        for score in find_unexpected(ratings, expected)
    )


def _reliability(fit: Fit) -> AgreementResult:
    agreement = find_reliability(fit)
    return AgreementResult(
        readings=agreement.readings,
        relative=_coefficient(agreement.relative),
        absolute=_coefficient(agreement.absolute),
        icc_1=_coefficient(agreement.icc_1),
        icc_c1=_coefficient(agreement.icc_c1),
        icc_a1=_coefficient(agreement.icc_a1),
        alpha=_coefficient(agreement.alpha),
        alpha_by_criterion=dict(zip(fit.ratings.criteria, agreement.alpha_by_criterion, strict=True)),
        target=agreement.target,
        judges_for_target=agreement.judges_for_target,
        judges_for_target_absolute=agreement.judges_for_target_absolute,
        table=tuple(
            AgreementForecast(n_judges=row.n_judges, relative=row.relative, absolute=row.absolute)
            for row in agreement.table
        ),
    )


def _coefficient(value: Coefficient) -> AgreementCoefficient:
    return AgreementCoefficient(estimate=value.estimate, low=value.low, high=value.high)


def _logits(fit: Fit) -> LogitResult | None:
    """Return the measures in logits, by name, with both kinds of standard errors; None for a model without."""
    if fit.answers.logit_measures is None:
        return None
    measures, ratings = fit.answers.logit_measures(), fit.ratings
    return LogitResult(
        halo=measures.halo,
        proposals=_logit_rows(ratings.proposals, measures.quality),
        judges=_logit_rows(ratings.judges, measures.severity),
        criteria=_logit_rows(measures.criteria, measures.difficulty),
        thresholds=tuple(
            ScaleThresholds(
                criteria=tuple(measures.criteria[code] for code in scale.criteria),
                lowest=number(scale.lowest),
                highest=number(scale.highest),
                thresholds=numbers(scale.thresholds),
            )
            for scale in measures.scales
        ),
    )


def _logit_rows(names: tuple[str, ...], table: LogitTable) -> dict[str, LogitEstimate]:
    columns = (table.estimate, table.standard_error, table.standard_error_without_halo)
    return {
        name: LogitEstimate(estimate=estimate, standard_error=error, standard_error_without_halo=without)
        for name, estimate, error, without in zip(names, *map(numbers, columns), strict=True)
    }
