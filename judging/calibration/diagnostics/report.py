"""Diagnostics of a fit as values that JSON holds: judges, criteria, unexpected scores, reliability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from judging.calibration.answers.expected_scores import ExpectedScores
from judging.calibration.answers.logit_measures import LogitTable
from judging.calibration.diagnostics.criteria import describe_criteria
from judging.calibration.diagnostics.drift import find_drift
from judging.calibration.diagnostics.fit_statistics import (
    MeanSquares,
    expect_scores,
    extreme_share,
    find_unexpected,
    of_criteria,
    of_judges,
)
from judging.calibration.diagnostics.judge_sentences import readings_of
from judging.calibration.diagnostics.reliability import find_reliability
from judging.calibration.estimates import Fit
from judging.calibration.values import estimates, flat, number, numbers, template


def diagnostics(fit: Fit) -> dict[str, Any]:
    """Say what a fit tells of judges and criteria, and how far it can be relied on.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    parts : dict
        ``judges``, ``criteria``, ``unexpected``, ``reliability`` as in the report; ``logits`` of a Rasch fit or None.
    """
    expected = expect_scores(fit)
    return {
        "judges": _judges(fit, expected),
        "criteria": _criteria(fit, expected),
        "unexpected": _unexpected(fit, expected),
        "reliability": _reliability(fit),
        "logits": _logits(fit),
    }


def _judges(fit: Fit, expected: ExpectedScores) -> list[dict[str, Any]]:
    ratings, interval, n = fit.ratings, fit.settings.interval, fit.ratings.n_judges
    severity = estimates(fit.severity, fit.severity_error, n, interval)
    drift = find_drift(ratings, consistency=fit.consistency)
    squares = of_judges(ratings, expected)
    columns: dict[str, Sequence[dict[str, float | None]]] = {
        "scale_use": estimates(fit.scale_use, fit.scale_use_error, n, interval),
        "consistency": estimates(fit.consistency, fit.consistency_error, n, interval),
        "home": estimates(fit.home, fit.home_error, n, interval),
        "infit": _mean_squares(squares, "infit"),
        "outfit": _mean_squares(squares, "outfit"),
        "drift": estimates(drift.estimate, drift.standard_error, n, interval),
    }
    extreme = numbers(extreme_share(ratings))
    rows = []
    for code, name in enumerate(ratings.judges):
        row: dict[str, Any] = {
            "judge": name,
            "n_sheets": int(fit.n_sheets[code]),
            "severity": severity[code]["estimate"],
            "standard_error": severity[code]["standard_error"],
            "low": severity[code]["low"],
            "high": severity[code]["high"],
            "city": ratings.cities[ratings.judge_city[code]] if ratings.judge_city[code] >= 0 else None,
        }
        row["extreme_share"] = extreme[code]
        for column, values in columns.items():
            row |= flat(column, values[code])
        row["readings"] = [
            {"about": subject, "text": str(message), **template(message)} for subject, message in readings_of(row)
        ]
        rows.append(row)
    return rows


def _mean_squares(squares: MeanSquares, name: str) -> list[dict[str, float | None]]:
    """Mean squares with what they spread by when the model holds, and as standard normal deviates."""
    columns = (getattr(squares, f"{name}{end}") for end in ("", "_error", "_z"))
    return [
        {"estimate": value, "standard_error": error, "z": z}
        for value, error, z in zip(*map(numbers, columns), strict=True)
    ]


def _criteria(fit: Fit, expected: ExpectedScores) -> list[dict[str, Any]]:
    ratings = fit.ratings
    statistics = describe_criteria(ratings)
    squares = of_criteria(ratings, expected)
    infit, outfit = _mean_squares(squares, "infit"), _mean_squares(squares, "outfit")
    return [
        {
            "criterion": name,
            "weight": float(ratings.weights[code]),
            "mean": number(fit.criterion_mean[code]),
            "n_scores": int(np.count_nonzero(~np.isnan(ratings.score[:, code]))),
            "minimum": number(ratings.minimum[code]),
            "maximum": number(ratings.maximum[code]),
            "step": number(ratings.step[code]),
            "spread": number(statistics.spread[code]),
            "halo_share": number(statistics.halo_share[code]),
            "correlation_with_rest": number(statistics.with_rest[code]),
            "correlations": dict(zip(ratings.criteria, numbers(statistics.correlation[code]), strict=True)),
            **flat("infit", infit[code]),
            **flat("outfit", outfit[code]),
        }
        for code, name in enumerate(ratings.criteria)
    ]


def _unexpected(fit: Fit, expected: ExpectedScores) -> list[dict[str, Any]]:
    ratings = fit.ratings
    return [
        {
            "judge": ratings.judges[one.judge],
            "proposal": ratings.proposals[one.proposal],
            "criterion": ratings.criteria[one.criterion],
            "score": one.score,
            "expected": one.expected,
            "z": one.z,
        }
        for one in find_unexpected(ratings, expected)
    ]


def _reliability(fit: Fit) -> dict[str, Any]:
    found = asdict(find_reliability(fit))
    by_criterion = zip(fit.ratings.criteria, found["alpha_by_criterion"], strict=True)
    return {**found, "alpha_by_criterion": dict(by_criterion), "table": list(found["table"])}


def _logits(fit: Fit) -> dict[str, Any] | None:
    """Return the measures in logits, by name, with both kinds of standard errors; None for a model without."""
    if fit.answers.logit_measures is None:
        return None
    measures, ratings = fit.answers.logit_measures(), fit.ratings
    return {
        "halo": measures.halo,
        "proposals": _logit_rows(ratings.proposals, measures.quality),
        "judges": _logit_rows(ratings.judges, measures.severity),
        "criteria": _logit_rows(measures.criteria, measures.difficulty),
        "thresholds": [
            {
                "criteria": [measures.criteria[code] for code in scale.criteria],
                "lowest": number(scale.lowest),
                "highest": number(scale.highest),
                "thresholds": numbers(scale.thresholds),
            }
            for scale in measures.scales
        ],
    }


def _logit_rows(names: tuple[str, ...], table: LogitTable) -> dict[str, dict[str, float | None]]:
    columns = (table.estimate, table.standard_error, table.standard_error_without_halo)
    return {
        name: {"estimate": estimate, "standard_error": error, "standard_error_without_halo": without}
        for name, estimate, error, without in zip(names, *map(numbers, columns), strict=True)
    }
