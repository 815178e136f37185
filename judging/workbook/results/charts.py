"""Charts of the top of the ranking and of the judges, drawn by the spreadsheet program from the other sheets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import LineChart, Reference, Series
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RichTextProperties

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels, style
from judging.workbook.headings import tab_of
from judging.workbook.sheet import Sheet, append_title, plain_cell, set_up
from judging.workbook.style import column_letters

MOST_PROPOSALS = 40
MOST_JUDGES = 60
# In centimetres; columns of nine characters are 1.8 wide, rows 0.53 high.
_WIDTH, _HEIGHT = 28.0, 15.0
_COLUMNS, _ROWS_A_CHART = 16, 30


@dataclass(frozen=True, slots=True)
class Dots:
    """One chart: dots with error bars, and optionally a second mark, for the first rows of a sheet.

    Attributes
    ----------
    title : Text
    sheet : Sheet
        The sheet whose cells are drawn: the chart changes with them, also when somebody sorts the sheet.
    n_rows : int
    labels : Text
        Heading of the column with the names of the rows.
    value, reach : Text
        Headings of the columns of the dots and of the half-widths of their intervals.
    second : Text or None
        Heading of the column of the second mark.
    """

    title: Text
    sheet: Sheet
    n_rows: int
    labels: Text
    value: Text
    reach: Text
    second: Text | None = None

    def column(self, heading: Text) -> int:
        """Return the number of a column, or zero when the sheet has none of this heading."""
        headings = [column.heading for column in self.sheet.columns]
        return headings.index(heading) + 1 if heading in headings else 0

    def ends(self) -> tuple[float, float]:
        """Return round numbers below and above all drawn values; programs ignore error bars when scaling an axis."""
        value, reach, second = (
            self.column(heading) if heading else 0 for heading in (self.value, self.reach, self.second)
        )
        drawn: list[float] = []
        for row in self.sheet.rows[: self.n_rows]:
            half: Any = row[reach - 1] if reach else None
            for place, around in ((value, half or 0.0), (second, 0.0)):
                centre: Any = row[place - 1] if place else None
                drawn += [] if centre is None else [centre - around, centre + around]
        if max(drawn) == min(drawn):
            return min(drawn) - 1, max(drawn) + 1
        step = 10.0 ** math.floor(math.log10(max(drawn) - min(drawn))) / 2
        return math.floor(min(drawn) / step) * step, math.ceil(max(drawn) / step) * step


def charts_of(ranking: Sheet, judges: Sheet) -> list[Dots]:
    """Return the charts for which the sheets have numbers."""
    ranked = _n_filled(ranking, h.CALIBRATED)
    severe = _n_filled(judges, h.SEVERITY)
    charts = [
        Dots(
            labels.TOP_OF_RANKING,
            ranking,
            min(ranked, MOST_PROPOSALS),
            h.PROPOSAL,
            h.CALIBRATED,
            h.REACH,
            h.RAW,
        ),
        Dots(labels.SEVERITIES, judges, min(severe, MOST_JUDGES), h.JUDGE, h.SEVERITY, h.REACH),
    ]
    return [chart for chart in charts if chart.n_rows]


def _n_filled(sheet: Sheet, heading: Text) -> int:
    """Return the number of the last row that has a value: rows are best first, those without one come last."""
    place = next((place for place, column in enumerate(sheet.columns) if column.heading == heading), None)
    if place is None:
        return 0
    return max((number for number, row in enumerate(sheet.rows, 1) if row[place] is not None), default=0)


def write_charts(book: Workbook, sheet: Sheet, charts: Sequence[Dots]) -> None:
    """Append the sheet of charts: a title block, each chart with its title above it as text that can be searched."""
    worksheet: Any = book.create_sheet(tab_of(sheet.name))
    set_up(worksheet, sheet, n_columns=_COLUMNS)
    worksheet.page_setup.orientation = "portrait"
    worksheet.page_setup.fitToHeight = 1
    worksheet.print_title_rows = None
    for letter in column_letters(_COLUMNS):
        # Set explicitly, because every program has its own default width of columns.
        worksheet.column_dimensions[letter].width = 9
    append_title(worksheet, sheet)
    worksheet.append([plain_cell(worksheet, h.in_line(labels.HOW_TO_READ), font=style.FACTS_FONT)])
    first = sheet.heading_row + 2
    worksheet.print_area = f"A1:{column_letters(_COLUMNS)[-1]}{first + len(charts) * _ROWS_A_CHART}"
    for number, chart in enumerate(charts):
        worksheet.add_chart(_drawn(book, chart), f"A{first + number * _ROWS_A_CHART}")


def _drawn(book: Workbook, dots: Dots) -> Any:
    source = book[tab_of(dots.sheet.name)]
    first, last = dots.sheet.first_row, dots.sheet.first_row + dots.n_rows - 1
    # By its type every part can be None.
    chart: Any = LineChart()
    chart.height, chart.width = _HEIGHT, _WIDTH
    chart.title = h.stacked(dots.title)
    chart.title.tx.rich.p = [
        Paragraph(pPr=ParagraphProperties(defRPr=_letters(1100, bold=True)), r=paragraph.r)
        for paragraph in chart.title.tx.rich.p
    ]
    chart.title.overlay = False
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "General"
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = dots.ends()
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=style.LINE[2:]))
    # Labels are below the plot also for negative values, and rotated, so that forty keys fit.
    chart.x_axis.tickLblPos = "low"
    chart.x_axis.txPr = _turned()
    chart.y_axis.txPr = _turned(0)
    marks: list[tuple[Text, Any, str, bool]] = [(dots.value, "circle", style.HEADING[2:], True)]
    if dots.second is not None:
        marks.append((dots.second, "diamond", style.WARNING[2:], False))
    for heading, symbol, colour, has_bars in marks:
        column = dots.column(heading)
        if not column:
            continue
        series = Series(_cells(source, column, first, last), title=h.in_line(heading))
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
        series.smooth = False
        filled = {"solidFill": colour} if has_bars else {"noFill": True}
        series.marker = Marker(
            symbol=symbol, size=7, spPr=GraphicalProperties(ln=LineProperties(solidFill=colour), **filled)
        )
        if has_bars and dots.column(dots.reach):
            series.errBars = _bars(dots, first, last, colour)
        chart.series.append(series)
    chart.set_categories(_cells(source, dots.column(dots.labels), first, last))
    chart.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.05, y=0.17, w=0.93, h=0.7))
    return chart


def _cells(source: Any, column: int, first: int, last: int) -> Reference:
    return Reference(source, min_col=column, min_row=first, max_row=last)


def _bars(dots: Dots, first: int, last: int, colour: str) -> ErrorBars:
    letter = column_letters(dots.column(dots.reach))[-1]
    reference = f"'{tab_of(dots.sheet.name)}'!${letter}${first}:${letter}${last}"
    return ErrorBars(
        errDir="y",
        errBarType="both",
        errValType="cust",
        plus=NumDataSource(numRef=NumRef(f=reference)),
        minus=NumDataSource(numRef=NumRef(f=reference)),
        spPr=GraphicalProperties(ln=LineProperties(solidFill=colour, w=15875)),
    )


def _letters(size: int, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=style.INK[2:])


def _turned(degrees: int = -60) -> RichText:
    return RichText(
        bodyPr=RichTextProperties(rot=degrees * 60_000, vert="horz"),
        p=[Paragraph(pPr=ParagraphProperties(defRPr=_letters(800)), endParaRPr=_letters(800))],
    )
