"""Make text that a person typed safe for a cell of a workbook or of a CSV file.

Excel interprets a text that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, and openpyxl does so for ``=``. A
team's name could then run a formula on the organiser's machine.
"""

import math
import re
from datetime import date

from openpyxl.cell import Cell

MAX_TEXT = 32_767
"""Largest number of UTF-16 units in one cell of Excel."""

# The full-width forms count as operators where Excel runs in Chinese or Japanese.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Characters that XML 1.0 does not allow, and the other control characters, which are invisible in a cell.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEW_LINE = re.compile("\r\n?|[\u2028\u2029]")
# Excel reads _x0041_ in a file as A; an escaped underscore preserves the typed text.
_SPELT_OUT = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def clean(text: str) -> str:
    r"""Return the text without control characters, cut to the length of a cell.

    Line breaks become ``\n``; tabs stay. What is cut off ends in an ellipsis.

    >>> clean("Bus\x00 stops\r\nfor all")
    'Bus stops\nfor all'
    """
    cleaned = _CONTROL.sub("", _NEW_LINE.sub("\n", text))
    if len(cleaned.encode("utf-16-le")) // 2 <= MAX_TEXT:
        return cleaned
    return cleaned.encode("utf-16-le")[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", errors="ignore") + "…"


def is_formula_like(text: str) -> bool:
    """Return whether a spreadsheet would interpret the text as a formula when it is typed or read from CSV.

    >>> [is_formula_like(text) for text in ("=1+1", "-2+3", "A=1", "＠SUM")]
    [True, True, False, True]
    """
    return text.startswith(FORMULA_STARTS)


def put_text(cell: Cell, text: str) -> None:
    """Put a text into a cell as a text, even if it begins like a formula.

    With ``quotePrefix`` it remains a text when somebody edits the cell later.
    """
    cleaned = clean(text)
    risky = is_formula_like(cleaned)
    cell.value = _SPELT_OUT.sub("_x005F_", cleaned)
    cell.data_type = "s"
    cell.quotePrefix = risky


def put_value(cell: Cell, value: object) -> None:
    """Put a number, a moment or a text into a cell; with None and NaN it is empty.

    A moment must be naive: Excel has no time zones, so the caller writes the zone into another cell.
    """
    if isinstance(value, str):
        put_text(cell, value)
        return
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        cell.value = None
    elif isinstance(value, float):
        # openpyxl writes sixteen digits, which is one too few for an exact round trip of some numbers.
        cell.value = repr(float(value))
        cell.data_type = "n"
    elif isinstance(value, bool | int | date):
        cell.value = value
    else:
        raise TypeError(f"no cell holds a {type(value).__name__}")
    cell.quotePrefix = False


def put_formula(cell: Cell, formula: str) -> None:
    """Put one of our own formulas into a cell; it must not contain typed text."""
    cell.value = formula
    cell.quotePrefix = False


def csv_text(text: str) -> str:
    """Return the text for a CSV file; a text that looks like a formula gets an apostrophe before it.

    >>> csv_text("@SUM(A1)")
    "'@SUM(A1)"
    """
    cleaned = clean(text)
    return f"'{cleaned}" if is_formula_like(cleaned) else cleaned
