"""The number of decimals with which each quantity is displayed on pages, by the command line and in workbooks.

JSON, stored results and the cells of a workbook contain unrounded numbers: only their display is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decimals:
    """Decimals of one quantity.

    Attributes
    ----------
    page : int
        On web pages.
    text : int
        In the tables of the command line.
    workbook : int
        In the number format of workbook cells.
    """

    page: int
    text: int
    workbook: int

    @property
    def workbook_format(self) -> str:
        """Return the number format of an unsigned cell.

        >>> SCORE.workbook_format
        '0.0'
        """
        return _fixed(self.workbook)

    @property
    def signed_workbook_format(self) -> str:
        """Return the number format of a cell with a sign; zero has none.

        >>> SCORE.signed_workbook_format
        '+0.0;-0.0;0.0'
        """
        fixed = _fixed(self.workbook)
        return f"+{fixed};-{fixed};{fixed}"

    @property
    def percent_workbook_format(self) -> str:
        """Return the number format of a cell that displays a fraction as a percentage.

        >>> PROBABILITY.percent_workbook_format
        '0%'
        """
        return f"{_fixed(self.workbook - 2)}%"

    @property
    def drawn_workbook_format(self) -> str:
        """Return the number format of a probability from draws, which cannot show certainty or impossibility.

        >>> PROBABILITY.drawn_workbook_format
        '[>=0.995]">99%";[<0.005]"<1%";0%'
        """
        step = 10.0**-self.workbook
        least, most = f"{step / 2:.{self.workbook + 1}f}", f"{1 - step / 2:.{self.workbook + 1}f}"
        digits = self.workbook - 2
        return (
            f'[>={most}]">{100 - 100 * step:.{digits}f}%";[<{least}]"<{100 * step:.{digits}f}%";'
            f"{self.percent_workbook_format}"
        )


def _fixed(decimals: int) -> str:
    return "0." + "0" * decimals if decimals else "0"


# Scores, severities and other effects in points, with their standard errors. The command line displays more decimals
# when the standard errors are small, because the points of a file may have any unit.
# Cells of a workbook have two where the scale is short, as the sentences beside them (``ResultsBook.decimals``).
SCORE = Decimals(page=1, text=2, workbook=1)
# The home-city effect and other fixed effects, in points.
EFFECT = Decimals(page=2, text=2, workbook=2)
# The home-city effect in the units of a rubric's scale.
EFFECT_ON_SCALE = Decimals(page=4, text=4, workbook=4)
# Scale use, consistency, infit, outfit: multiples of 1; measures in logits.
FACTOR = Decimals(page=2, text=2, workbook=2)
# Probabilities as fractions of 1; pages and workbooks display percentages.
PROBABILITY = Decimals(page=2, text=3, workbook=2)
# The forecast of a plan: standard errors of differences, in points, and reliability.
FORECAST = Decimals(page=2, text=2, workbook=4)
# The same with one further assignment, which changes little.
FORECAST_AFTER = Decimals(page=1, text=3, workbook=4)
# Expected reduction of wrong places on the shortlist by one further scoresheet.
EXPECTED_GAIN = Decimals(page=3, text=3, workbook=4)
# Reliability, correlation, connectivity, rank agreement, gain of prediction.
COEFFICIENT = Decimals(page=2, text=3, workbook=4)
# Variances in squared points.
VARIANCE = Decimals(page=2, text=2, workbook=4)
# Standardised residuals of single scores.
Z_VALUE = Decimals(page=1, text=1, workbook=2)

# The command line displays estimates of variances and fixed effects with significant digits instead of decimals,
# because the points of a file may have any unit.
VARIANCE_DIGITS, EFFECT_DIGITS, EFFECT_ERROR_DIGITS = 8, 6, 4
CRITERION_DECIMALS = 6
"""Decimals of the fitting criterion in the command line."""
