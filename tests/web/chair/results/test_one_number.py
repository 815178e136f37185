"""One quantity has one number: on the page, in a cell as it is displayed, in a sentence, and in the CSV."""

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session

import judging.web
from judging.calibration.values import rounded
from judging.decimals import SCORE
from judging.displaying import fixed, with_sign
from judging.services.runs.reports import report_of
from tests.services.exports.test_workbook import rows
from tests.support.event import AT, COMPETITION, ROUND, newest_run, sign_in
from tests.support.files.exports import export_round
from tests.web.chair.test_pages import HERE, calibrated, rows_of

TEMPLATES = Path(judging.web.__file__).parent / "templates"
AMOUNT = re.compile(r"(?:up|down) (?:by )?([\d.]+)|([\d.]+) points (?:up|down)", re.IGNORECASE)


def displayed(value: float, decimals: int = SCORE.workbook) -> str:
    """Return what a spreadsheet displays: halves away from zero, of the fifteen digits that it knows."""
    return str(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_page_workbook_sentence_and_csv_say_one_move(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["organiser"])
    page = rows_of(client.get(f"{HERE}/{ROUND}").text)
    organiser = event.actor(session, "organiser")
    _, content = export_round(session, organiser, COMPETITION, ROUND, at=AT)
    cells = {row["Proposal"]: row for row in rows(load_workbook(io.BytesIO(content))["Ranking"])}
    _, content = export_round(session, organiser, COMPETITION, ROUND, format="csv", at=AT)
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    table = {row["Proposal 作品"]: row for row in lines}
    ranked = [row for row in report_of(newest_run(session)).proposals if row.rank]
    differ = []
    for row in ranked:
        assert row.calibrated is not None
        assert row.raw is not None
        cell = cells[row.proposal]
        move, why = cell["Move"], cell["Why it moved"]
        assert with_sign(float(displayed(move)), 1) in page[row.proposal]
        said = AMOUNT.search(why)
        assert abs(move) == float(next(filter(None, said.groups())) if said else 0), why
        assert Decimal(displayed(move)) == Decimal(displayed(cell["Calibrated score"])) - Decimal(
            displayed(cell["Raw mean"])
        )
        assert fixed(row.raw, 1) == displayed(row.raw) in page[row.proposal]
        csv_row = table[row.proposal]
        assert [
            csv_row[name]
            for name in ("Calibrated score 校準分 校准分", "Raw mean 原始平均分", "Move 校準變動 校准变动")
        ] == [str(float(displayed(value))) for value in (row.calibrated, row.raw, move)]
        if displayed(row.calibrated - row.raw) != displayed(move):
            differ.append(row.proposal)
    assert differ, "no proposal tries the rule"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_explanation_adds_up_as_it_is_displayed_and_names_what_is_exact(session: Session) -> None:
    event = calibrated(session)
    _, content = export_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=AT)
    by_key = {row.proposal: row for row in report_of(newest_run(session)).proposals}
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows(load_workbook(io.BytesIO(content))["Explanations"]):
        told.setdefault(row["Proposal"], []).append(row)
    for key, (first, *terms) in told.items():
        result = by_key[key]
        assert result.calibrated is not None
        assert result.explanation is not None
        assert first["Score after it"] == float(displayed(result.explanation.raw))
        assert terms[-1]["Score after it"] == pytest.approx(float(displayed(result.calibrated)), abs=1e-9)
        for row, term in zip(terms, result.explanation.terms, strict=True):
            assert row["In words"].endswith(f": {row['Points']:+.1f}")
            assert row["Points, exact"] == term.amount


@pytest.mark.parametrize(("value", "shown"), [(58.25, 58.3), (-58.25, -58.3), (58.249999999999996, 58.3), (-0.04, 0.0)])
def test_halves_are_rounded_as_a_spreadsheet_rounds_them(value: float, shown: float) -> None:
    assert rounded(value, 1) == shown


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_plus_minus_is_the_standard_error_and_is_named_so(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["organiser"])
    page = client.get(f"{HERE}/{ROUND}").text
    assert "± standard error" in page.partition("<tbody>")[0]
    told = rows_of(page)
    _, content = export_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=AT)
    book = load_workbook(io.BytesIO(content))
    for row in rows(book["Ranking"]):
        if row["Rank"]:
            assert f"± {displayed(row['Standard error'])}" in " ".join(told[row["Proposal"]])
    assert [
        cell for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if "±" in str(cell)
    ] == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_every_template_with_plus_minus_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "± {{" not in text or "± standard error" in text or "with ± its standard error" in text
