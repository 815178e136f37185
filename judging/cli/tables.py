"""A report as aligned text for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_ABSENT = "-"
_MOST_LISTED = 10


def text_report(report: Mapping[str, Any]) -> str:
    """Format a report as text: ranking, judges, variances, reliability, notes."""
    decimals = _decimals(report)
    parts = [
        _head(report),
        _ranking(report, decimals),
        _judges(report, decimals),
        _unexpected(report),
        _components(report),
        _reliability(report),
    ]
    if report["notes"]:
        parts.append("\n".join(f"- {note}" for note in report["notes"]))
    return "\n\n".join(part for part in parts if part)


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Align rows in columns: the first ``left`` columns to the left, the others to the right.

    Han characters are two columns wide on a terminal.
    """
    table = [headings, *rows]
    widths = [max(_width(row[column]) for row in table) for column in range(len(headings))]
    lines = []
    for row in table:
        cells = [
            cell + " " * (width - _width(cell)) if column < left else " " * (width - _width(cell)) + cell
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _decimals(report: Mapping[str, Any]) -> int:
    """Return two significant digits of the smallest standard error, at least 2 decimals: more would be noise."""
    errors = [row["standard_error"] for row in report["proposals"] if row["standard_error"]]
    smallest = min(errors, default=1.0)
    return next((digits for digits in range(2, 7) if smallest * 10**digits >= 10), 6)


def _number(value: float | None, decimals: int) -> str:
    return _ABSENT if value is None else f"{value:.{decimals}f}"


def _head(report: Mapping[str, Any]) -> str:
    counts, criterion = report["counts"], report["criterion"]
    fitted = "" if criterion["value"] is None else f", {criterion['name']} {criterion['value']:.6f}"
    rounds = f" after {report['iterations']} iterations" if report["iterations"] else ""
    return (
        f"Model {report['model']}{fitted}{rounds}\n"
        f"{counts['proposals']} proposals, {counts['judges']} judges, {counts['sheets']} scoresheets, "
        f"{len(report['linked_sets'])} linked set{'s' if len(report['linked_sets']) != 1 else ''}"
    )


def _ranking(report: Mapping[str, Any], decimals: int) -> str:
    ranked = sorted(report["proposals"], key=lambda row: (row["rank"] is None, row["rank"] or 0, row["proposal"]))
    with_probability = any(row["p_shortlist"] is not None for row in ranked)
    interval = f"{report['settings']['interval']:.0%}"
    with_measure = any(row["measure"] is not None for row in ranked)
    headings = ["proposal", "rank", interval, "calibrated", "s.e.", "raw", "additive", "judges"]
    if with_measure:
        headings += ["logits", "s.e."]
    rows = []
    for row in ranked:
        ends = _ABSENT if row["rank_low"] is None else f"{row['rank_low']}-{row['rank_high']}"
        cells = [row["proposal"], _ABSENT if row["rank"] is None else str(row["rank"]), ends]
        cells += [_number(row[name], decimals) for name in ("calibrated", "standard_error", "raw", "additive")]
        cells.append(str(row["n_judges"]))
        if with_measure:
            cells += [_number(row["measure"], 2), _number(row["measure_error"], 2)]
        if with_probability:
            probability = _number(row["p_shortlist"], 3)
            cells.append(f"{probability} ~" if row["tie_band"] else f"{probability}  ")
        rows.append(cells)
    if with_probability:
        headings.append("P(shortlist)  ")
    table = aligned(headings, rows)
    return f"{table}\n~ neither in nor out beyond doubt" if with_probability else table


def _judges(report: Mapping[str, Any], decimals: int) -> str:
    judges = [row for row in report["judges"] if row["severity"] is not None]
    if not judges:
        return ""
    judges.sort(key=lambda row: (-row["severity"], row["judge"]))
    factors = [name for name in ("scale_use", "consistency", "infit") if any(row[name] is not None for row in judges)]
    rows = [
        [
            row["judge"],
            row["city"] or _ABSENT,
            str(row["n_sheets"]),
            f"{row['severity']:+.{decimals}f}",
            _number(row["standard_error"], decimals),
            *(_number(row[name], 2) for name in factors),
        ]
        for row in judges
    ]
    headings = [
        "judge (+ harsher)",
        "city",
        "sheets",
        "severity",
        "s.e.",
        *(name.replace("_", " ") for name in factors),
    ]
    head, *lines = aligned(headings, rows, left=2).split("\n")
    # The sentences differ in length: left-aligned in the last column they need no padding.
    sentences = ["; ".join(reading["text"] for reading in row["readings"]) for row in judges]
    return "\n".join([head, *(f"{line}  {text}" for line, text in zip(lines, sentences, strict=True))])


def _unexpected(report: Mapping[str, Any]) -> str:
    listed = report["unexpected"]
    if not listed:
        return ""
    rows = [
        [
            row["judge"],
            row["proposal"],
            row["criterion"],
            f"{row['score']:g}",
            f"{row['expected']:.2f}",
            f"{row['z']:+.1f}",
        ]
        for row in listed[:_MOST_LISTED]
    ]
    table = aligned(["unexpected: judge", "proposal", "criterion", "score", "expected", "z"], rows, left=3)
    return table + (f"\nand {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else "")


def _reliability(report: Mapping[str, Any]) -> str:
    reliability = report["reliability"]
    labels = {
        "relative": f"generalizability, {reliability['readings']:.3g} judges a proposal",
        "absolute": "dependability (severity left in)",
        "icc_c1": "one judge, ICC(C,1)",
        "icc_a1": "one judge, ICC(A,1)",
        "alpha": "Krippendorff's alpha",
    }
    rows = []
    for name, label in labels.items():
        value, low, high = (reliability[name][key] for key in ("estimate", "low", "high"))
        if value is not None:
            rows.append([label, f"{value:.3f}", "" if low is None else f"{low:.3f} to {high:.3f}"])
    if not rows:
        return ""
    table = aligned(["reliability", "", f"{report['settings']['interval']:.0%}"], rows)
    needed = reliability["judges_for_target"]
    judges = "1 judge" if needed == 1 else f"{needed} judges"
    return table if needed is None else f"{table}\n{judges} a proposal would give {reliability['target']:g}"


def _components(report: Mapping[str, Any]) -> str:
    rows = [
        [f"variance {name.replace('_', ' x ')}", f"{value:.8g}", ""]
        for name, value in report["variances"].items()
        if value is not None
    ]
    for name, effect in report["fixed"].items():
        if effect["estimate"] is not None:
            error = "" if effect["standard_error"] is None else f"{effect['standard_error']:.4g}"
            rows.append([name.replace("_", " "), f"{effect['estimate']:.6g}", error])
    return aligned(["", "estimate", "s.e."], rows)
