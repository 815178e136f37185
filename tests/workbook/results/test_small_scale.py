"""Numbers of a scale from 1 to 10: cells and CSV have the decimals of the sentences beside them."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_rows
from judging.calibration.fit import fit
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.writing import ranking_csv, write_results
from tests.workbook.results import example
from tests.workbook.results.reading import table


def report_of_marks() -> Report:
    """Return the report of marks that stay as they are, as the command line has them."""
    sheets = example.sheets()
    ratings = ratings_from_rows(
        [sheet.proposal for sheet in sheets],
        [sheet.judge for sheet in sheets],
        criterion=["data"] * len(sheets),
        score=[sheet.scores["data"] for sheet in sheets],
        criteria=["data"],
        weights={"data": 1.0},
        minimum=[1.0],
        maximum=[10.0],
        step=[0.5],
    )
    return build_report(fit(ratings, Settings(model="mixed", n_draws=400)))


def test_a_cell_has_the_decimals_of_the_sentence_beside_it(tmp_path: Path) -> None:
    write_results(report_of_marks(), tmp_path / "out.xlsx")
    sheet: Any = load_workbook(tmp_path / "out.xlsx")["Ranking"]
    row = next(cells for cells in sheet.iter_rows() if str(cells[0].value).startswith("Rank\n"))
    headings = {str(cell.value).split("\n")[0]: cell.column for cell in row}
    first = row[0].row + 1
    formats = {name: sheet.cell(first, headings[name]).number_format for name in ("Calibrated score", "Raw mean")}
    assert formats == {"Calibrated score": "0.00", "Raw mean": "0.00"}
    told = [(row["Move"], row["Why it moved"]) for row in table(sheet) if row["Move"]]
    assert told
    assert all(f"{abs(move):.2f}" in why for move, why in told)


def test_the_csv_has_them_too() -> None:
    content = ranking_csv(ResultsBook(report=report_of_marks())).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    at = next(place for place, name in enumerate(header) if name.startswith("Calibrated score"))
    assert max(len(row[at].partition(".")[2]) for row in rows) == 2


def test_totals_on_a_hundred_have_one_decimal(tmp_path: Path) -> None:
    write_results(example.report(), tmp_path / "out.xlsx")
    formats = {
        cell.number_format for row in load_workbook(tmp_path / "out.xlsx")["Ranking"].iter_rows() for cell in row
    }
    assert "0.0" in formats
    assert "0.00" not in formats
