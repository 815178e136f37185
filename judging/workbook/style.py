"""Style of the workbooks: one plain style, widths for Chinese text, and print set-up."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from judging.decimals import EFFECT, PROBABILITY, SCORE, Decimals

INK = "FF1F2937"
QUIET = "FF4B5563"
PAPER = "FFFFFFFF"
HEADING = "FF1E3A5F"
WARNING = "FF9A3412"
LINE = "FFD1D5DB"
TABS = {"result": "FF1E3A5F", "scores": "FF2F7D6B", "record": "FF6B7280"}

# Set in every cell: without a name some programs use a serif font, and Chinese gets the default font of the system.
_FONT = "Arial"
BODY_FONT = Font(name=_FONT, size=10, color=INK)
TITLE_FONT = Font(name=_FONT, bold=True, size=16, color=INK)
SUBTITLE_FONT = Font(name=_FONT, bold=True, size=12, color=INK)
FACTS_FONT = Font(name=_FONT, size=10, color=QUIET)
NOTICE_FONT = Font(name=_FONT, bold=True, size=10, color=WARNING)
HEADING_FONT = Font(name=_FONT, bold=True, size=10, color=PAPER)
HEADING_FILL = PatternFill("solid", fgColor=HEADING)
OPTIONAL_FILL = PatternFill("solid", fgColor="FF64748B")
ABOVE_FONT = Font(name=_FONT, size=10, italic=True, color=QUIET)
WRAPPED = Alignment(vertical="top", wrap_text=True)
RULE = Border(bottom=Side("hair", color=LINE))

_POINTS_A_LINE = 15
_A4 = 9
_MOST_ROWS_MEASURED = 500
_HEADER_LENGTH = 110
_CHINESE_LINE = 10
_LETTERS_A_DIGIT = 1.2


@dataclass(frozen=True, slots=True)
class Kind:
    """Style of the cells of one kind of column: number format, alignment, and widths in characters.

    ``fraction_format`` is the number format of values that are not whole, where a column has both. A ``shrink`` column
    has one line in smaller letters where the text is too long: rows keep one height. ``decimals`` are those that the
    number format displays. Cells ``in_points`` have as many decimals as the sentences about them.
    """

    number_format: str = "General"
    horizontal: str = "left"
    wrap: bool = False
    shrink: bool = False
    narrowest: float = 9
    widest: float = 60
    fraction_format: str | None = None
    decimals: int | None = None
    in_points: bool = False


KINDS = {
    "key": Kind("@", widest=24),
    "text": Kind("@", widest=46, wrap=True),
    "line": Kind("@", shrink=True, widest=42),
    "name": Kind("@", shrink=True, widest=20),
    "long": Kind("@", widest=60, wrap=True),
    # One line that is not wrapped, where rows must stay low; not printed.
    "aside": Kind("@", widest=60),
    "sentence": Kind("@", widest=110, wrap=True),
    "count": Kind("0", "right", narrowest=7, widest=12),
    "score": Kind(SCORE.workbook_format, "right", widest=14, decimals=SCORE.workbook, in_points=True),
    "given": Kind("0.##", "right", widest=18),
    "error": Kind(SCORE.workbook_format, "right", widest=12, decimals=SCORE.workbook, in_points=True),
    "signed": Kind(SCORE.signed_workbook_format, "right", widest=12, decimals=SCORE.workbook, in_points=True),
    "exact": Kind("General", "right", widest=14),
    "finding": Kind("General", "general", narrowest=14, widest=24, fraction_format=EFFECT.workbook_format),
    "precise": Kind(EFFECT.workbook_format, "right", widest=14),
    "share": Kind(PROBABILITY.percent_workbook_format, "right", widest=12),
    "probability": Kind(PROBABILITY.drawn_workbook_format, "right", widest=12, decimals=PROBABILITY.workbook),
    "time": Kind("yyyy-mm-dd hh:mm:ss", "left", widest=20, narrowest=19),
    # Numbers and texts in one column, one line each.
    "given_or_text": Kind("General", "left", shrink=True, widest=34),
    "any": Kind("General", "left", wrap=True, widest=70),
}


def kind_of(name: str, decimals: int) -> Kind:
    """Return a kind of ``KINDS``; points are displayed with so many decimals.

    >>> kind_of("signed", 2).number_format
    '+0.00;-0.00;0.00'
    """
    kind = KINDS[name]
    if not kind.in_points or kind.decimals == decimals:
        return kind
    points = Decimals(page=decimals, text=decimals, workbook=decimals)
    is_signed = kind.number_format == SCORE.signed_workbook_format
    number_format = points.signed_workbook_format if is_signed else points.workbook_format
    return replace(kind, number_format=number_format, decimals=decimals)


def alignment(kind: Kind) -> Alignment:
    """Return the alignment of a kind's cells; wrapped text is aligned at the top."""
    indent = 1 if kind.horizontal == "left" else 0
    return Alignment(
        horizontal=kind.horizontal,
        vertical="top",
        wrap_text=kind.wrap or None,
        shrink_to_fit=kind.shrink or None,
        indent=indent,
    )


def heading_alignment() -> Alignment:
    """Return the alignment of headings."""
    return Alignment(horizontal="center", vertical="center", wrap_text=True)


def width_of(text: str) -> int:
    r"""Return the width of the longest line of a text, a Chinese character counting as two.

    >>> width_of("Rank\n名次上限")
    8
    """
    return max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in text.split("\n"))


def fit_width(kind: Kind, heading: str, values: Iterable[object]) -> float:
    """Return the width of a column: that of its contents, within the limits of its kind."""
    widest_text = max(
        (
            width_of(value)
            for _, value in zip(range(_MOST_ROWS_MEASURED), values, strict=False)
            if isinstance(value, str)
        ),
        default=0,
    )
    # English headings break at a blank, Chinese ones anywhere, but not after one or two characters.
    words = max(width_of(word) if word.isascii() else min(width_of(word), _CHINESE_LINE) for word in heading.split())
    return min(max(kind.narrowest, words + 3, widest_text + 3), max(kind.widest, words + 3))


def lines_of(value: object, width: float) -> int:
    """Return the number of lines of a cell when its text wraps at the width of its column.

    >>> lines_of("Where do the data come from?", 16)
    2
    """
    if not isinstance(value, str):
        return 1
    # Widths count digits of eleven points; ours are letters of ten, which are narrower.
    room = max(int(width * _LETTERS_A_DIGIT) - 2, 1)
    return sum(max(-(-width_of(line) // room), 1) for line in value.split("\n"))


def height_of(lines: int) -> float:
    """Return the height in points of a number of lines; the maximum of Excel is 409."""
    return min(_POINTS_A_LINE * lines + 3, 409)


def set_up_print(
    sheet: Any,
    *,
    heading_row: int,
    n_columns: int,
    title: str,
    footer: str,
    moment: str,
    on_one_page: bool = False,
) -> None:
    """Set up printing on A4, one page wide, headings on every page, with page numbers and name."""
    sheet.page_setup.orientation = "portrait" if on_one_page else "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if on_one_page else 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    sheet.print_title_rows = f"{heading_row}:{heading_row}"
    sheet.oddHeader.left.text = _in_header(title)
    sheet.oddHeader.right.text = _in_header(sheet.title)
    sheet.oddFooter.left.text = _in_header(footer)
    sheet.oddFooter.center.text = "&P / &N"
    sheet.oddFooter.right.text = _in_header(moment)
    sheet.print_options.horizontalCentered = n_columns < 6


def _in_header(text: str) -> str:
    # An ampersand begins a code there, and the header may have at most 255 characters.
    return " ".join(text.split())[:_HEADER_LENGTH].replace("&", "&&")


def column_letters(n: int) -> list[str]:
    """Return the letters of the first n columns."""
    return [get_column_letter(number) for number in range(1, n + 1)]
