"""The method report says what the stored report says: read back out of its HTML and its PDF, number by number."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from judging.calibration.build_report import build_report
from judging.calibration.checks import sentences
from judging.calibration.fit import fit
from judging.calibration.report.checks import DO_NOT_DECIDE, FAILED
from judging.calibration.report.whole import Report
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.documents.html import write_html
from judging.documents.method_report.models import WORDS
from judging.documents.method_report.report_document import method_report
from judging.documents.pdf import write_pdf
from judging.errors import Conflict
from judging.rubric import LANGUAGES, Text
from judging.schemas.stored_reports import from_dict, to_dict
from judging.shortlist import ShortlistRule
from judging.translating import translate
from judging.workbook import headings as h
from judging.workbook.results.book import ResultsBook
from tests.support.document_reading import ReadTable, pages_of, tables_of
from tests.workbook.results.example import book as example_book

REPORTS = Path(__file__).parents[2] / "data" / "reports"


@cache
def report_of(model: str) -> Report:
    """Return the report of a small round with two cities, stored and read back."""
    ratings = ratings_of(simulate(Design(n_proposals=24, n_judges=8, weights=(0.6, 0.4)), rng=np.random.default_rng(5)))
    rule = ShortlistRule(size=6, reserves=2)
    fitted = fit(ratings, Settings(model=model, n_draws=400, shortlist=rule))
    return from_dict(to_dict(build_report(fitted, checked=model == "hierarchical", sensitivity=model == "additive")))


def book_of(report: Report | None, language: str = "en", **changes: Any) -> ResultsBook:
    """Return a book with this report."""
    said = {"competition": "Challenge", "round": "First screening", "run": 2, "digest": "ab" * 32, **changes}
    return ResultsBook(report=report, language=language, translate=partial(translate, language=language), **said)


def read(report: Report, language: str = "en", **changes: Any) -> dict[str, ReadTable]:
    """Return the tables of the report's HTML."""
    return tables_of(write_html(method_report(book_of(report, language, **changes))))


def compare(tables: dict[str, ReadTable], report: Report, language: str) -> None:
    """Compare the tables of proposals, judges, variances and checks with the stored report."""

    def named(text: Text) -> str:
        return text.in_locale(language)

    ranked = [row for row in to_dict(report)["proposals"] if row["rank"]]
    ranked.sort(key=lambda row: (row["rank"], row["proposal"]))
    table = next(one for one in tables.values() if named(h.RAW) in one.headings)
    assert table.texts(named(h.PROPOSAL)) == [row["proposal"] for row in ranked]
    for heading, name in ((h.RANK, "rank"), (h.RAW, "raw"), (h.CALIBRATED, "calibrated"), (h.N_JUDGES, "n_judges")):
        assert table.column(named(heading)) == [row[name] for row in ranked]
    if any(row["p_shortlist"] is not None for row in ranked):
        assert table.column(named(h.P_SHORTLIST)) == [row["p_shortlist"] for row in ranked]
        assert not {"100 %", "0 %"} & set(table.texts(named(h.P_SHORTLIST)))
    standings = table.texts(named(h.STANDING))
    chosen = to_dict(report)["shortlist"]
    assert [key for key, text in zip(table.texts(named(h.PROPOSAL)), standings, strict=True) if text] == [
        row["proposal"] for row in ranked if row["proposal"] in {*chosen["selected"], *chosen["reserves"]}
    ]
    judges = {row["judge"]: row for row in to_dict(report)["judges"]}
    table = next((one for one in tables.values() if named(h.SEVERITY) in one.headings), ReadTable())
    assert bool(table.rows) == any(row["severity"] is not None for row in judges.values())
    for key, values in zip([row[0] for row in table.rows], table.values, strict=True):
        assert [judges[key]["n_sheets"], judges[key]["severity"]] == [
            values[table.headings.index(named(heading))] for heading in (h.N_SHEETS, h.SEVERITY)
        ]
    variances = [value for value in report.variances.values() if value is not None]
    table = next((one for one in tables.values() if named(h.VARIANCE) in one.headings), ReadTable())
    assert [row[1] for row in table.values] == variances
    if report.checks is not None:
        table = tables[named(h.MODEL_CHECK)]
        assert [row[2] for row in table.values] == [check.p for check in report.checks.checks]
        assert [row[1] for row in table.rows] == [named(h.CHECK_STATES[one.state]) for one in report.checks.checks]


def test_a_report_of_one_city_has_no_column_and_no_effect_of_cities() -> None:
    report = report_of("hierarchical")
    several = read(report, cities={"hk": "Hong Kong", "sh": "Shanghai"})
    one = read(report, cities={"hk": "Hong Kong"})
    assert any("City" in table.headings for table in several.values())
    assert not any("City" in table.headings for table in one.values())
    html = write_html(method_report(book_of(report, cities={"hk": "Hong Kong"}))).decode()
    assert "Severity of a city" not in html
    assert "Hierarchical model: severity, scale use and consistency of judges, home city" not in html


@pytest.mark.parametrize("model", MODELS)
def test_the_tables_are_the_stored_report_for_every_model(model: str) -> None:
    report = report_of(model)
    compare(read(report), report, "en")
    html = write_html(method_report(book_of(report))).decode()
    for other, words in WORDS.items():
        # Only the run's own model is in a report.
        assert (f'alttext="{words.equations[-1]}"' in html) == (words.equations[-1] in WORDS[model].equations), other


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_and_pdf_say_the_same_in_every_language(language: str) -> None:
    report = report_of("hierarchical")
    document = method_report(book_of(report, language))
    tables = tables_of(write_html(document))
    compare(tables, report, language)
    text = "".join("".join(page.split()) for page in pages_of(write_pdf(document)))
    for table in tables.values():
        for row in table.rows:
            assert "".join("".join(row).split()) in text or all("".join(cell.split()) in text for cell in row)
    # Row by row in the ranking: rank, ranks that fit, key, numbers.
    ranking = next(one for one in tables.values() if h.RAW.in_locale(language) in one.headings)
    assert all("".join("".join(row).split()) in text for row in ranking.rows)
    if language != "en":
        english = method_report(book_of(report))
        assert not {table.caption for table in document.tables()} & {table.caption for table in english.tables()}


def test_the_verdict_comes_first_whatever_it_is() -> None:
    report = report_of("hierarchical")
    assert report.checks is not None
    failed = tuple(replace(check, state=FAILED) for check in report.checks.checks[:1])
    checks = replace(
        report.checks,
        verdict=DO_NOT_DECIDE,
        text=str(sentences.verdict(DO_NOT_DECIDE)),
        checks=(*failed, *report.checks.checks[1:]),
    )
    for shown, tone in ((report, "good"), (replace(report, checks=checks), "bad")):
        assert shown.checks is not None
        html = write_html(method_report(book_of(shown))).decode()
        first = html.index(f'<p class="callout {tone}">{shown.checks.text}</p>')
        assert first < html.index("<section")
    assert html.count(str(sentences.verdict(DO_NOT_DECIDE))) == 2
    assert '<tr class="strong"><th scope="row">equal work for all judges</th>' in html


def test_other_methods_and_expected_wrong_seats_stand_in_how_sure() -> None:
    report = report_of("additive")
    tables = read(report)
    assert report.sensitivity is not None
    compared = tables["Each method against the one of this run"]
    assert compared.column("Agreement of the order (Kendall's tau)") == [row.tau for row in report.sensitivity.models]
    html = write_html(method_report(book_of(report))).decode()
    assert report.shortlist is not None
    assert report.shortlist.seat_errors is not None
    assert f"Of 6 seats by the rule, {report.shortlist.seat_errors.wrong:.1f} are expected" in html


@pytest.mark.parametrize("name", ["unversioned-first", "unversioned-last"])
def test_a_run_of_an_earlier_version_is_reported_with_what_it_has(name: str) -> None:
    stored = json.loads((REPORTS / f"{name}.json").read_text())
    report = from_dict(stored)
    document = method_report(book_of(report))
    html = write_html(document).decode()
    assert "The assumptions of the model were not checked for this run" in html
    calibrated = {row["proposal"]: row["calibrated"] for row in stored["proposals"]}
    table = tables_of(html.encode())["All proposals, best first"]
    assert dict(zip(table.texts("Proposal"), table.column("Calibrated score"), strict=True)) == calibrated
    assert write_pdf(document).startswith(b"%PDF")


def test_difficult_texts_and_a_proposal_without_scores() -> None:
    document = method_report(example_book())
    table = tables_of(write_html(document))["All proposals, best first"]
    texts = dict(zip(table.texts("Proposal"), table.texts("Title and team"), strict=True))
    assert texts["P1"] == '=HYPERLINK("http://evil.example") · Team P1'
    assert table.rows[-1][:3] == ["–", "–", "P8"]
    assert "跨境巴士：實時到站預測" in "".join(pages_of(write_pdf(document)))


def test_judges_appear_by_their_keys_only() -> None:
    html = write_html(method_report(example_book())).decode()
    assert "J1" in html
    assert "Judge J1" not in html


def test_without_a_run_there_is_no_report() -> None:
    with pytest.raises(Conflict, match="not been calibrated"):
        method_report(book_of(None))
