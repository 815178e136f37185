"""Comparisons of models and judges, and sets of ranks, as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from judging.calibration.report.sensitivity import PredictionScore, SensitivityResult
from judging.calibration.report.whole import Report
from judging.cli.tables import aligned
from judging.decimals import COEFFICIENT, SCORE

_ABSENT = "-"


def sensitivity_text(comparison: SensitivityResult) -> str:
    """Format a comparison (`judging.calibration.sensitivity`) as text: models, ranks, judges, prediction."""
    parts = [_models(comparison), _ranks(comparison)]
    if comparison.judges:
        parts.append(_judges(comparison))
    if comparison.prediction is not None:
        parts.append(comparison.prediction.text)
    return "\n\n".join(parts)


def sets_text(report: Report) -> str:
    """Format the sets of ranks of a report, best proposal first."""
    ranked = [
        (row.rank, row.proposal, row.rank_sets)
        for row in report.proposals
        if row.rank is not None and row.rank_sets is not None
    ]
    ranked.sort(key=lambda row: row[:2])
    rows = [
        [key, str(rank), *(f"{ranks.low}-{ranks.high}" for ranks in (sets.alone, sets.simultaneous))]
        for rank, key, sets in ranked
    ]
    table = aligned(["sets of ranks", "rank", "alone", "simultaneous"], rows)
    texts = () if report.simultaneous is None else report.simultaneous.sentences
    sentences = "\n".join(f"- {sentence}" for sentence in texts)
    return f"{table}\n\n{sentences}"


def _models(comparison: SensitivityResult) -> str:
    scores = () if comparison.prediction is None else comparison.prediction.models
    gains = {row.model: row for row in scores}
    rows, refusals = [], []
    for row in comparison.models:
        gain = gains.get(row.model)
        rows.append(
            [
                row.model + (" *" if row.model == comparison.sealed_model else ""),
                _number(row.tau, COEFFICIENT.text),
                _ABSENT if gain is None else _gain(gain),
                _names(row.enters),
                _names(row.leaves),
            ]
        )
        if row.refusal is not None:
            refusals.append(f"- {row.model}: {row.refusal.template.format(**row.refusal.values)}")
    table = aligned(["model (* sealed)", "tau", "gain (s.e.)", "  enter", "  leave"], rows, left=1)
    return "\n".join([table, *refusals])


def _gain(row: PredictionScore) -> str:
    if row.gain is None:
        return _ABSENT
    return f"{row.gain:+.{COEFFICIENT.text}f} ({_number(row.standard_error, COEFFICIENT.text)})"


def _ranks(comparison: SensitivityResult) -> str:
    models = [(row.model, row.rank, row.selected) for row in comparison.models if row.rank is not None]
    sealed = next(ranks for model, ranks, _ in models if model == comparison.sealed_model)
    order = sorted(
        range(len(comparison.proposals)),
        key=lambda code: (sealed[code] is None, sealed[code] or 0, comparison.proposals[code]),
    )
    selected_by_model = {model: set(selected or ()) for model, _, selected in models}
    rows = []
    for code in order:
        name = comparison.proposals[code]
        cells = [
            _ABSENT if ranks[code] is None else f"{ranks[code]}{' +' if name in selected_by_model[model] else '  '}"
            for model, ranks, _ in models
        ]
        rows.append([name, *cells])
    table = aligned(["rank under", *(f"{model}  " for model, _, _ in models)], rows)
    return f"{table}\n+ on the shortlist" if any(selected_by_model.values()) else table


def _judges(comparison: SensitivityResult) -> str:
    rows = [
        [
            row.judge,
            _number(row.tau, COEFFICIENT.text),
            _ABSENT if row.moved is None else f"{row.moved} {row.move:+.{SCORE.text}f}",
            _names(row.enters),
            _names(row.leaves),
        ]
        if row.refusal is None
        else [row.judge, "cannot be calibrated", _ABSENT, _ABSENT, _ABSENT]
        for row in comparison.judges
    ]
    return aligned(["without judge", "tau", "moves most", "  enter", "  leave"], rows)


def _names(names: Sequence[str]) -> str:
    return "  " + (", ".join(names) if names else _ABSENT)


def _number(value: float | None, decimals: int) -> str:
    return _ABSENT if value is None else f"{value:.{decimals}f}"
