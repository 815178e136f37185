"""Numbers and digests as people read them, the same on pages, in documents and at the command line.

Pages add the decimal sign of the reader's language (`judging.web.showing`).
"""

from __future__ import annotations

from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.decimals import PROBABILITY, SCORE

MISSING = "–"


def fixed(value: float | None, digits: int) -> str:
    """Return a number with a fixed count of decimals; a dash when there is none (missing is not zero)."""
    return MISSING if value is None else f"{rounded(value, digits):.{digits}f}"


def with_sign(value: float | None, digits: int) -> str:
    """Return a number with its sign, with U+2212 as the minus; zero has no sign.

    >>> with_sign(1.26, 1), with_sign(-0.04, 1), with_sign(-2.0, 1)
    ('+1.3', '0.0', '−2.0')
    """
    if value is None:
        return MISSING
    shown = rounded(value, digits)
    mark = "+" if shown > 0 else "\N{MINUS SIGN}" if shown < 0 else ""
    return mark + fixed(abs(shown), digits)


def receipt_code(digest: str) -> str:
    """Return the begin of a hexadecimal digest in groups, short enough to be written down.

    >>> receipt_code("3f2a91bc04de77")
    '3F2A-91BC-04DE'
    """
    return "-".join(digest[at : at + 4].upper() for at in (0, 4, 8))


def percent(value: float | None) -> str:
    """Return a probability as a percentage; 0 % and 100 % are shown only for exact values."""
    if value is None:
        return MISSING
    # Half a percent would be rounded to 0 %.
    if 0 < value <= 0.005:
        return "<1 %"
    if 0.995 <= value < 1:
        return ">99 %"
    return f"{value * 100:.{PROBABILITY.page - 2}f} %"


def probability(value: float | None) -> str:
    """Return a probability from draws as a percentage; draws cannot show that something is certain or impossible.

    >>> probability(1.0), probability(0.996), probability(0.5), probability(0.005), probability(0.0)
    ('>99 %', '>99 %', '50 %', '<1 %', '<1 %')
    """
    if value is None:
        return MISSING
    return "<1 %" if value <= 0.005 else ">99 %" if value >= 0.995 else percent(value)


def drawn_fraction(value: float | None, digits: int) -> str:
    """Return a probability from draws as a fraction of 1; draws cannot show that something is certain or impossible.

    >>> drawn_fraction(1.0, 3), drawn_fraction(0.9994, 3), drawn_fraction(0.0004, 3)
    ('>0.999', '0.999', '<0.001')
    """
    if value is None:
        return MISSING
    step = 10.0**-digits
    if value < step / 2:
        return f"<{step:.{digits}f}"
    return f">{1 - step:.{digits}f}" if value >= 1 - step / 2 else f"{value:.{digits}f}"


def score_decimals(report: Report) -> int:
    """Return two significant digits of the smallest standard error, at least 2 decimals: more would be noise.

    The points of a file may have any unit.
    """
    errors = [row.standard_error for row in report.proposals if row.standard_error]
    smallest = min(errors, default=1.0)
    return next((digits for digits in range(SCORE.text, 7) if smallest * 10**digits >= 10), 6)
