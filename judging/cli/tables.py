"""A report as aligned text for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from judging import decimals as places
from judging import displaying
from judging.assignment.round_ahead import wrong_seats_after_round
from judging.calibration.report.checks import FAILED, LEFT_OUT, NOTED, PASSED, RESERVED
from judging.calibration.report.whole import Report

_ABSENT = "-"
_MARKS = {FAILED: "!!", RESERVED: "! ", NOTED: "- "}
_MOST_LISTED = 10


def text_report(report: Report) -> str:
    """Format a report as text: ranking, judges, variances, reliability, notes."""
    decimals = displaying.score_decimals(report)
    parts = [
        _head(report),
        _checks(report),
        _ranking(report, decimals),
        _judges(report, decimals),
        _unexpected(report),
        _components(report),
        _reliability(report),
    ]
    if report.notes:
        parts.append("\n".join(f"- {note}" for note in report.notes))
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


def _number(value: float | None, decimals: int) -> str:
    return _ABSENT if value is None else f"{value:.{decimals}f}"


def _head(report: Report) -> str:
    counts, criterion = report.counts, report.criterion
    fitted = "" if criterion.value is None else f", {criterion.name} {criterion.value:.{places.CRITERION_DECIMALS}f}"
    rounds = f" after {report.iterations} iterations" if report.iterations else ""
    return (
        f"Model {report.model}{fitted}{rounds}\n"
        f"{counts.proposals} proposals, {counts.judges} judges, {counts.sheets} scoresheets, "
        f"{len(report.linked_sets)} linked set{'s' if len(report.linked_sets) != 1 else ''}"
    )


def _checks(report: Report) -> str:
    """Format the verdict, what was found, and how many assumptions hold."""
    checks = report.checks
    if checks is None:
        return ""
    lines = [checks.text]
    for check in checks.checks:
        if check.consequence is not None:
            p = "" if check.p is None else f" (p = {check.p:.3f})"
            lines.append(f"  {_MARKS[check.state]} {check.text}{p} {check.consequence}")
    states = [check.state for check in checks.checks if check.state != LEFT_OUT]
    lines.append(f"  {states.count(PASSED)} of {len(states)} checks passed; {checks.n_simulated} rounds simulated")
    return "\n".join(lines)


def _ranking(report: Report, decimals: int) -> str:
    ranked = sorted(report.proposals, key=lambda row: (row.rank is None, row.rank or 0, row.proposal))
    with_probability = any(row.p_shortlist is not None for row in ranked)
    interval = f"{report.settings.interval:.0%}"
    with_measure = any(row.measure is not None for row in ranked)
    headings = ["proposal", "rank", interval, "calibrated", "s.e.", "raw", "additive", "judges"]
    if with_measure:
        headings += ["logits", "s.e."]
    rows = []
    for row in ranked:
        ends = _ABSENT if row.rank_low is None else f"{row.rank_low}-{row.rank_high}"
        cells = [row.proposal, _ABSENT if row.rank is None else str(row.rank), ends]
        cells += [_number(value, decimals) for value in (row.calibrated, row.standard_error, row.raw, row.additive)]
        cells.append(str(row.n_judges))
        if with_measure:
            cells += [_number(row.measure, places.FACTOR.text), _number(row.measure_error, places.FACTOR.text)]
        if with_probability:
            drawn = row.p_shortlist
            probability = _ABSENT if drawn is None else displaying.drawn_fraction(drawn, places.PROBABILITY.text)
            cells.append(f"{probability} ~" if row.tie_band else f"{probability}  ")
        rows.append(cells)
    if with_probability:
        headings.append("P(shortlist)  ")
    table = aligned(headings, rows)
    if not with_probability:
        return table
    errors = None if report.shortlist is None else report.shortlist.seat_errors
    expected = "" if errors is None else f"\nExpected wrong seats on the shortlist: {errors.wrong:.1f}"
    after = wrong_seats_after_round(report)
    if after is not None:
        expected += f" ({after:.1f} with one more scoresheet for every proposal)"
    return f"{table}\n~ neither in nor out beyond doubt{expected}"


def _judges(report: Report, decimals: int) -> str:
    severities = [(row.severity, row) for row in report.judges if row.severity is not None]
    if not severities:
        return ""
    severities.sort(key=lambda pair: (-pair[0], pair[1].judge))
    judges = [row for _, row in severities]
    columns = [
        (heading, values)
        for heading, values in (
            ("scale use", [row.scale_use for row in judges]),
            ("consistency", [row.consistency for row in judges]),
            ("infit", [row.infit for row in judges]),
        )
        if any(value is not None for value in values)
    ]
    rows = [
        [
            row.judge,
            row.city or _ABSENT,
            str(row.n_sheets),
            f"{severity:+.{decimals}f}",
            _number(row.standard_error, decimals),
            *(_number(values[place], places.FACTOR.text) for _, values in columns),
        ]
        for place, (severity, row) in enumerate(severities)
    ]
    headings = [
        "judge (+ harsher)",
        "city",
        "sheets",
        "severity",
        "s.e.",
        *(heading for heading, _ in columns),
    ]
    head, *lines = aligned(headings, rows, left=2).split("\n")
    # The sentences differ in length: left-aligned in the last column they need no padding.
    sentences = ["; ".join(sentence.text for sentence in row.readings) for row in judges]
    return "\n".join([head, *(f"{line}  {text}" for line, text in zip(lines, sentences, strict=True))])


def _unexpected(report: Report) -> str:
    listed = report.unexpected
    if not listed:
        return ""
    rows = [
        [
            row.judge,
            row.proposal,
            row.criterion,
            f"{row.score:g}",
            _number(row.expected, places.SCORE.text),
            f"{row.z:+.{places.Z_VALUE.text}f}",
        ]
        for row in listed[:_MOST_LISTED]
    ]
    table = aligned(["unexpected: judge", "proposal", "criterion", "score", "expected", "z"], rows, left=3)
    return table + (f"\nand {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else "")


def _reliability(report: Report) -> str:
    agreement = report.reliability
    if agreement is None:
        return ""
    coefficients = (
        (f"generalizability, {agreement.readings:.3g} judges a proposal", agreement.relative),
        ("dependability (severity left in)", agreement.absolute),
        ("one judge, ICC(C,1)", agreement.icc_c1),
        ("one judge, ICC(A,1)", agreement.icc_a1),
        ("Krippendorff's alpha", agreement.alpha),
    )
    digits = places.COEFFICIENT.text
    rows = [
        [
            label,
            _number(value.estimate, digits),
            "" if value.low is None else f"{value.low:.{digits}f} to {value.high:.{digits}f}",
        ]
        for label, value in coefficients
        if value.estimate is not None
    ]
    if not rows:
        return ""
    table = aligned(["reliability", "", f"{report.settings.interval:.0%}"], rows)
    needed = agreement.judges_for_target
    judges = "1 judge" if needed == 1 else f"{needed} judges"
    return table if needed is None else f"{table}\n{judges} a proposal would give {agreement.target:g}"


def _components(report: Report) -> str:
    rows = [
        [f"variance {name.replace('_', ' x ')}", f"{value:.{places.VARIANCE_DIGITS}g}", ""]
        for name, value in report.variances.items()
        if value is not None
    ]
    for name, effect in report.fixed.items():
        if effect.estimate is not None:
            error = "" if effect.standard_error is None else f"{effect.standard_error:.{places.EFFECT_ERROR_DIGITS}g}"
            rows.append([name.replace("_", " "), f"{effect.estimate:.{places.EFFECT_DIGITS}g}", error])
    return aligned(["", "estimate", "s.e."], rows)
