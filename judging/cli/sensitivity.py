"""Comparisons of models and judges, and sets of ranks, as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from judging.cli.tables import aligned

_ABSENT = "-"


def sensitivity_text(report: Mapping[str, Any]) -> str:
    """Format a comparison (`judging.calibration.sensitivity`) as text: models, ranks, judges, prediction."""
    parts = [_models(report), _ranks(report)]
    if report["judges"]:
        parts.append(_judges(report))
    if report["prediction"] is not None:
        parts.append(report["prediction"]["text"])
    return "\n\n".join(parts)


def sets_text(report: Mapping[str, Any]) -> str:
    """Format the sets of ranks of a report, best proposal first."""
    ranked = [row for row in report["proposals"] if row["rank"] is not None]
    ranked.sort(key=lambda row: (row["rank"], row["proposal"]))
    rows = [
        [row["proposal"], str(row["rank"])]
        + [f"{row['rank_sets'][name]['low']}-{row['rank_sets'][name]['high']}" for name in ("alone", "simultaneous")]
        for row in ranked
    ]
    table = aligned(["sets of ranks", "rank", "alone", "simultaneous"], rows)
    sentences = "\n".join(f"- {sentence}" for sentence in report["simultaneous"]["sentences"])
    return f"{table}\n\n{sentences}"


def _models(report: Mapping[str, Any]) -> str:
    gains = {row["model"]: row for row in (report["prediction"] or {"models": []})["models"]}
    rows, refusals = [], []
    for row in report["models"]:
        gain = gains.get(row["model"])
        rows.append(
            [
                row["model"] + (" *" if row["model"] == report["sealed_model"] else ""),
                _number(row["tau"], "{:.3f}"),
                _ABSENT if gain is None else _gain(gain),
                _names(row["enters"]),
                _names(row["leaves"]),
            ]
        )
        if row["refusal"] is not None:
            refusals.append(f"- {row['model']}: {row['refusal']['template'].format(**row['refusal']['values'])}")
    table = aligned(["model (* sealed)", "tau", "gain (s.e.)", "  enter", "  leave"], rows, left=1)
    return "\n".join([table, *refusals])


def _gain(row: Mapping[str, Any]) -> str:
    if row["gain"] is None:
        return _ABSENT
    return f"{row['gain']:+.3f} ({_number(row['standard_error'], '{:.3f}')})"


def _ranks(report: Mapping[str, Any]) -> str:
    models = [row for row in report["models"] if row["rank"] is not None]
    sealed = next(row["rank"] for row in models if row["model"] == report["sealed_model"])
    order = sorted(
        range(len(report["proposals"])),
        key=lambda code: (sealed[code] is None, sealed[code] or 0, report["proposals"][code]),
    )
    selected = {row["model"]: set(row["selected"] or ()) for row in models}
    rows = []
    for code in order:
        name = report["proposals"][code]
        cells = [
            _ABSENT
            if row["rank"][code] is None
            else f"{row['rank'][code]}{' +' if name in selected[row['model']] else '  '}"
            for row in models
        ]
        rows.append([name, *cells])
    table = aligned(["rank under", *(f"{row['model']}  " for row in models)], rows)
    return f"{table}\n+ on the shortlist" if any(selected.values()) else table


def _judges(report: Mapping[str, Any]) -> str:
    rows = [
        [
            row["judge"],
            _number(row["tau"], "{:.3f}"),
            _ABSENT if row["moved"] is None else f"{row['moved']} {row['move']:+.2f}",
            _names(row["enters"]),
            _names(row["leaves"]),
        ]
        if row["refusal"] is None
        else [row["judge"], "cannot be calibrated", _ABSENT, _ABSENT, _ABSENT]
        for row in report["judges"]
    ]
    return aligned(["without judge", "tau", "moves most", "  enter", "  leave"], rows)


def _names(names: Sequence[str]) -> str:
    return "  " + (", ".join(names) if names else _ABSENT)


def _number(value: float | None, form: str) -> str:
    return _ABSENT if value is None else form.format(value)
