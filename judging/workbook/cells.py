"""Text that a person typed, made safe for a cell of a workbook or of a CSV file.

Excel takes a text that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and openpyxl does so for ``=``. Whoever
may name a team could then have a formula run on the organiser's machine.
"""

import math
import re
from datetime import date

from openpyxl.cell import Cell

MAX_TEXT = 32_767
"""UTF-16 units that Excel keeps in one cell."""

# The full-width forms count as operators where Excel runs in Chinese or Japanese.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# What XML 1.0 cannot hold, and the rest of the control characters, which no one can see in a cell.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NEW_LINE = re.compile("\r\n?|[\u2028\u2029]")
# Excel reads _x0041_ in a file as A; an underscore spelt out keeps what was typed.
_SPELT_OUT = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def clean(text: str) -> str:
    r"""Return the text without control characters, in no more than a cell can hold.

    Line breaks become ``\n``; tabs stay. What is cut off ends in an ellipsis.

    >>> clean("Bus\x00 stops\r\nfor all")
    'Bus stops\nfor all'
    """
    cleaned = _CONTROL.sub("", _NEW_LINE.sub("\n", text))
    if len(cleaned.encode("utf-16-le")) // 2 <= MAX_TEXT:
        return cleaned
    return cleaned.encode("utf-16-le")[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", errors="ignore") + "…"


def is_formula_like(text: str) -> bool:
    """Tell whether a spreadsheet would take the text for a formula when it is typed or read from CSV.

    >>> [is_formula_like(text) for text in ("=1+1", "-2+3", "A=1", "＠SUM")]
    [True, True, False, True]
    """
    return text.startswith(FORMULA_STARTS)


def put_text(cell: Cell, text: str) -> None:
    """Put a text into a cell as a text, whatever it begins with.

    ``quotePrefix`` keeps it one when somebody edits the cell later.
    """
    cleaned = clean(text)
    risky = is_formula_like(cleaned)
    cell.value = _SPELT_OUT.sub("_x005F_", cleaned)
    cell.data_type = "s"
    cell.quotePrefix = risky


def put_value(cell: Cell, value: object) -> None:
    """Put a number, a moment or a text into a cell; None and numbers that are none leave it empty.

    A moment must be naive: Excel knows no time zones, so whoever writes one has said its zone beside it.
    """
    if isinstance(value, str):
        put_text(cell, value)
        return
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        cell.value = None
    elif isinstance(value, float):
        # openpyxl writes sixteen digits, which is one too few for some numbers to come back as they were.
        cell.value = repr(float(value))
        cell.data_type = "n"
    elif isinstance(value, bool | int | date):
        cell.value = value
    else:
        raise TypeError(f"no cell holds a {type(value).__name__}")
    cell.quotePrefix = False


def put_formula(cell: Cell, formula: str) -> None:
    """Put one of our own formulas into a cell; never built from what a person typed."""
    cell.value = formula
    cell.quotePrefix = False


def csv_text(text: str) -> str:
    """Return the text for a CSV file; one that would be taken for a formula gets an apostrophe before it.

    >>> csv_text("@SUM(A1)")
    "'@SUM(A1)"
    """
    cleaned = clean(text)
    return f"'{cleaned}" if is_formula_like(cleaned) else cleaned
