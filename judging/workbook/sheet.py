"""One sheet of a workbook as a value, and its writer: title block, frozen headings, rows, filter, print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.formatting.rule import DataBarRule
from openpyxl.workbook.defined_name import DefinedName

from judging.decimals import SCORE
from judging.rubric import Text
from judging.workbook import style
from judging.workbook.cells import clean, is_formula_like, put_formula, put_text, put_value
from judging.workbook.headings import in_line, stacked, tab_of

_TITLE_ROWS = 3


@dataclass(frozen=True, slots=True)
class Formula:
    """One of our own formulas, such as ``=SUM(A1:A3)``."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and the kind of its cells (a key of ``style.KINDS``).

    Columns that are not printed are read on the screen; they stand to the right of those that are.
    """

    heading: Text
    kind: str
    has_bars: bool = False
    is_printed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleBlock:
    """The title block of every sheet: competition, round, run, method, time; and the warnings."""

    competition: str
    round: str
    facts: str
    notices: Sequence[str]
    footer: str
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    title : TitleBlock
    name : Text
        In the first chosen language it is the name of the tab.
    columns : sequence of Column
        Those that are not printed are the last.
    rows : sequence of rows
        Each with one value for each column: text, number, naive moment, Formula, or None for an empty cell.
    above : sequence of rows
        Between title block and headings: weights and scales that formulas refer to, or sentences.
    below : sequence of texts
        Lines below the table.
    on_one_page : bool
        Printed on one upright page, however long it is.
    n_frozen : int
        Number of columns that stay visible when the sheet is scrolled sideways.
    tab : str
        A key of ``style.TABS``.
    names : mapping of str to str
        Defined names that formulas use, with what each refers to.
    decimals : int
        Decimals of scores and other points.
    """

    title: TitleBlock
    name: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    above: Sequence[Sequence[object]] = field(default=())
    below: Sequence[str] = field(default=())
    on_one_page: bool = False
    n_frozen: int = 0
    tab: str = "record"
    names: Mapping[str, str] = field(default_factory=dict)
    decimals: int = SCORE.workbook

    @property
    def heading_row(self) -> int:
        """Return the number of the row of headings."""
        # Without warnings one row between title and table is blank.
        return _TITLE_ROWS + max(len(self.title.notices), 1) + len(self.above) + 1

    @property
    def first_row(self) -> int:
        """Return the number of the first row of data."""
        return self.heading_row + 1

    @property
    def last_row(self) -> int:
        """Return the number of the last row of data, or of the headings when there is none."""
        return self.heading_row + len(self.rows)


def without_empty_columns(
    columns: Sequence[Column], rows: Sequence[Sequence[object]], *, keep: int = 0
) -> tuple[list[Column], list[list[object]]]:
    """Return columns and rows without the empty columns, except for the first ``keep`` columns."""
    used = [place for place in range(len(columns)) if place < keep or any(row[place] is not None for row in rows)]
    return [columns[place] for place in used], [[row[place] for place in used] for row in rows]


def write_sheet(book: Workbook, sheet: Sheet) -> None:
    """Append a sheet to a write-only workbook."""
    worksheet: Any = book.create_sheet(tab_of(sheet.name))
    kinds = [style.kind_of(column.kind, sheet.decimals) for column in sheet.columns]
    headings = [stacked(column.heading) for column in sheet.columns]
    letters = style.column_letters(len(kinds))
    widths = [
        style.fit_width(kind, heading, (row[place] for row in sheet.rows))
        for place, (kind, heading) in enumerate(zip(kinds, headings, strict=True))
    ]
    # A write-only sheet needs its widths, heights and panes before its first row.
    for letter, width in zip(letters, widths, strict=True):
        worksheet.column_dimensions[letter].width = width
    worksheet.row_dimensions[sheet.heading_row].height = style.height_of(max(map(style.lines_of, headings, widths)))
    worksheet.freeze_panes = f"{style.column_letters(sheet.n_frozen + 1)[-1]}{sheet.first_row}"
    n_printed = sum(column.is_printed for column in sheet.columns)
    set_up(worksheet, sheet, n_columns=n_printed)
    if n_printed < len(kinds):
        worksheet.print_area = f"A1:{letters[n_printed - 1]}{sheet.last_row + len(sheet.below)}"
    if sheet.rows:
        worksheet.auto_filter.ref = f"A{sheet.heading_row}:{letters[-1]}{sheet.last_row}"
    for letter, column in zip(letters, sheet.columns, strict=True):
        if column.has_bars and sheet.rows:
            bars = DataBarRule("num", 0, "num", 1, color="FF9DB8D9")  # type: ignore[no-untyped-call]  # stub lacks types
            worksheet.conditional_formatting.add(f"{letter}{sheet.first_row}:{letter}{sheet.last_row}", bars)

    append_title(worksheet, sheet)
    _append_above(worksheet, sheet, letters=letters, width=sum(widths))
    worksheet.append(
        [
            plain_cell(
                worksheet,
                heading,
                font=style.HEADING_FONT,
                fill=style.HEADING_FILL,
                alignment=style.heading_alignment(),
            )
            for heading in headings
        ]
    )
    _append_rows(worksheet, kinds, widths, sheet)
    for line in sheet.below:
        worksheet.append([plain_cell(worksheet, line or None, font=style.BODY_FONT)])
    for name, reference in sheet.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=reference)


def set_up(worksheet: Any, sheet: Sheet, *, n_columns: int) -> None:
    """Set view, tab and print set-up of a write-only sheet."""
    worksheet.row_dimensions[1].height = 24
    worksheet.row_dimensions[2].height = 18
    worksheet.sheet_view.showGridLines = False
    worksheet.sheet_properties.tabColor = style.TABS[sheet.tab]
    style.set_up_print(
        worksheet,
        heading_row=sheet.heading_row,
        n_columns=n_columns,
        on_one_page=sheet.on_one_page,
        title=f"{sheet.title.competition} · {sheet.title.round}",
        footer=sheet.title.footer,
        moment=sheet.title.moment,
    )


def append_title(worksheet: Any, sheet: Sheet) -> None:
    """Append the title block to a write-only sheet."""
    title = sheet.title
    worksheet.append([plain_cell(worksheet, title.competition, font=style.TITLE_FONT)])
    worksheet.append([plain_cell(worksheet, f"{title.round} · {in_line(sheet.name)}", font=style.SUBTITLE_FONT)])
    worksheet.append([plain_cell(worksheet, title.facts, font=style.FACTS_FONT)])
    for notice in title.notices or ("",):
        worksheet.append([plain_cell(worksheet, notice or None, font=style.NOTICE_FONT)])


def _append_above(worksheet: Any, sheet: Sheet, *, letters: Sequence[str], width: float) -> None:
    first = sheet.heading_row - len(sheet.above)
    for number, row in enumerate(sheet.above, first):
        if not sheet.on_one_page:
            worksheet.append([plain_cell(worksheet, value, font=style.ABOVE_FONT) for value in row])
            continue
        # A sentence wraps across the table: it stays one cell, whatever the program breaks its lines at.
        worksheet.append([plain_cell(worksheet, value, font=style.BODY_FONT, alignment=style.WRAPPED) for value in row])
        worksheet.row_dimensions[number].height = style.height_of(max(style.lines_of(value, width) for value in row))
        if len(letters) > 1:
            worksheet.merged_cells.add(f"A{number}:{letters[-1]}{number}")


def _append_rows(worksheet: Any, kinds: Sequence[style.Kind], widths: Sequence[float], sheet: Sheet) -> None:
    # A write-only sheet writes a row when it is appended, so one cell for each column is used for every row. A style
    # must not change after it was written, so texts that look like formulas have their own cell.
    plain = [_styled(worksheet, kind) for kind in kinds]
    quoted = [_styled(worksheet, kind) for kind in kinds]
    fractions = [
        plain[place] if kind.fraction_format is None else _styled(worksheet, kind, number_format=kind.fraction_format)
        for place, kind in enumerate(kinds)
    ]
    places = range(len(kinds))
    wrapped = [place for place in places if kinds[place].wrap]
    for number, row in enumerate(sheet.rows, sheet.first_row):
        lines = max((style.lines_of(row[place], widths[place]) for place in wrapped), default=1)
        if lines > 1:
            worksheet.row_dimensions[number].height = style.height_of(lines)
        cells = []
        for place, value in zip(places, row, strict=True):
            if isinstance(value, str):
                cell = quoted[place] if is_formula_like(clean(value)) else plain[place]
                put_text(cell, value)
            elif isinstance(value, Formula):
                cell = plain[place]
                put_formula(cell, value.text)
            else:
                cell = fractions[place] if isinstance(value, float) and not value.is_integer() else plain[place]
                put_value(cell, value)
            cells.append(cell)
        worksheet.append(cells)


def _styled(worksheet: Any, kind: style.Kind, *, number_format: str | None = None) -> Any:
    cell = WriteOnlyCell(worksheet)
    cell.font = style.BODY_FONT
    cell.number_format = number_format or kind.number_format
    cell.alignment = style.alignment(kind)
    cell.border = style.RULE
    return cell


def plain_cell(worksheet: Any, value: object, **looks: Any) -> Any:
    """Return a cell of a write-only sheet with its own style."""
    cell = WriteOnlyCell(worksheet)
    put_value(cell, value)
    for name, look in looks.items():
        setattr(cell, name, look)
    return cell
