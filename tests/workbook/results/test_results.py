"""The results workbook: the report's own numbers, people's words as words, formulas that agree."""

import csv
import io
import math
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judging.calibration.values import rounded
from judging.schemas.stored_reports import to_dict
from judging.workbook.headings import AUDIT_HEAD, stacked
from judging.workbook.results.method import method_sheet
from judging.workbook.results.writing import ranking_csv, ranking_sheet, sheets_of, write_book, write_results
from tests.support.programs.office import recalculate
from tests.workbook.results import example
from tests.workbook.results.reading import SHEETS, opened, table


@pytest.fixture(scope="module")
def recalculated(written: Path) -> Any:
    return opened(recalculate(written, written.parent), values=True)


def test_ranking_holds_the_reports_own_numbers_best_first(written: Path) -> None:
    report = to_dict(example.report())
    rows = table(opened(written)["Ranking"])
    entries = sorted(report["proposals"], key=lambda one: (one["rank"] is None, one["rank"], one["proposal"]))
    assert [row["Proposal"] for row in rows] == [one["proposal"] for one in entries]
    for row, one in zip(rows, entries, strict=True):
        assert (row["Rank"], row["Rank, best"], row["Rank, worst"], row["Judges"]) == (
            one["rank"],
            one["rank_low"],
            one["rank_high"],
            one["n_judges"],
        )
        assert [row[name] for name in ("Calibrated score", "Standard error", "Raw mean", "Additive")] == [
            one["calibrated"],
            one["standard_error"],
            one["raw"],
            one["additive"],
        ]
        assert row["Chance of a seat"] == one["p_shortlist"]


def test_a_proposal_nobody_scored_is_listed_with_empty_cells_and_no_zero(written: Path) -> None:
    last = table(opened(written)["Ranking"])[-1]
    told = {name: value for name, value in last.items() if value is not None}
    assert told == {
        "Proposal": "P8",
        "Title": "Nobody read this one",
        "Team": "Team P8",
        "City": "shanghai",
        "Judges": 0,
        "Shortlisted": "no 否",
    }


def test_shortlist_says_who_is_kept_who_waits_and_which_clause_moved_whom(written: Path) -> None:
    chosen = to_dict(example.report())["shortlist"]
    rows = table(opened(written)["Shortlist"])
    kept = [row["Proposal"] for row in rows if row["Standing"].startswith("shortlisted")]
    assert kept == chosen["selected"]
    assert [row["Proposal"] for row in rows if row["Standing"].startswith("reserve")] == chosen["reserves"]
    clauses = {row["Proposal"]: row["Clause"] for row in rows if row["Clause"]}
    assert set(clauses) == {move["proposal"] for move in chosen["moves"]}
    assert any("the city's cap is reached" in clause and "香港" in clause for clause in clauses.values())
    ranking = table(opened(written)["Ranking"])
    assert {row["Proposal"] for row in ranking if row["Shortlisted"].startswith("yes")} == set(kept)


def test_scores_hold_one_row_a_scoresheet_with_its_comments(written: Path) -> None:
    rows = table(opened(written)["Scores"])
    told = {(row["Proposal"], row["Judge"]): row for row in rows}
    assert len(rows) == len(told) == 28
    for one in example.sheets():
        row = told[one.proposal, one.judge]
        assert (row["Use of data"], row["Social value"]) == (one.scores["data"], one.scores["value"])
        assert (row["Total"], row["Submitted"]) == (one.total, one.submitted_at)
    assert told["P1", "J1"]["Use of data – Comment"] == "=cmd|' /C calc'!A1"
    assert told["P1", "J2"]["Comment"] == "數據來源清楚"


def test_judges_hold_severities_with_their_intervals_harshest_first(written: Path) -> None:
    report = to_dict(example.report())
    rows = table(opened(written)["Judges"])
    judges = sorted(report["judges"], key=lambda one: -one["severity"])
    assert [
        tuple(row[name] for name in ("Judge", "Severity", "Standard error", "Lower end", "Upper end")) for row in rows
    ] == [(one["judge"], one["severity"], one["standard_error"], one["low"], one["high"]) for one in judges]


def test_method_and_provenance_tell_variances_cities_and_digests(written: Path) -> None:
    report, book = to_dict(example.report()), opened(written)
    method = {row["What"]: row for row in table(book["Method"])}
    assert method["Variance 方差: judges 評審 评委"]["Value"] == report["variances"]["judge"]
    home = method["Fixed effect 固定效應 固定效应: home-city effect 本地優勢 本地优势"]
    assert (home["Value"], home["Standard error"]) == (
        report["fixed"]["home_city"]["estimate"],
        report["fixed"]["home_city"]["standard_error"],
    )
    assert method["Linked set 可互相比較的評審組別 可相互比较的评委组: 1"]["Note"] == "all judges 全體評審 全体评委"
    provenance = {row["What"].split(" ")[0]: row["Value"] for row in table(book["Provenance"])}
    assert provenance["Input"] == report["input_digest"]
    assert provenance["Seed"] == report["seed"]


def test_judges_of_several_linked_sets_are_named() -> None:
    report = example.report()
    (everybody,) = report.linked_sets
    parts = [replace(everybody, judges=everybody.judges[:2]), replace(everybody, judges=everybody.judges[2:])]
    apart = replace(report, linked_sets=tuple(parts))
    rows = method_sheet(example.book(report=apart), apart).rows
    notes = [row[-1] for row in rows if str(row[0]).startswith("Linked set")]
    assert notes == ["Judge J1, Judge J2", "Judge J3, Judge J4"]


def test_estimates_have_two_decimals_and_counts_none(written: Path) -> None:
    formats = {}
    for row in opened(written)["Method"].iter_rows():
        formats[row[0].value] = (type(row[1].value), row[1].number_format)
    assert formats["Fixed effect 固定效應 固定效应: home-city effect 本地優勢 本地优势"] == (float, "0.00")
    assert formats["Fit 擬合 拟合: iterations 疊代次數 迭代次数"] == (int, "General")


def test_a_probability_from_draws_is_never_certain(written: Path) -> None:
    sheet = opened(written)["Ranking"]
    first, last = (int(end) for end in re.findall(r"\d+", sheet.auto_filter.ref))
    place = [str(cell.value).split("\n")[0] for cell in sheet[first]].index("Chance of a seat")
    cells = [sheet.cell(row, place + 1) for row in range(first + 1, last + 1)]
    assert {cell.number_format for cell in cells} == {'[>=0.995]">99%";[<0.005]"<1%";0%'}


def test_notes_and_checks_are_in_the_language_of_the_workbook() -> None:
    book = example.book()
    translated = replace(book, language="zh-Hant-HK", translate=lambda message: f"譯：{message}")
    assert translated.report is not None
    notes = [str(row[-1]) for row in method_sheet(translated, translated.report).rows if str(row[0]).startswith("Note")]
    assert [note.replace("譯：", "") for note in notes] == list(translated.report.notes)
    assert all(note.startswith("譯：") for note in notes)
    assert "譯：Proposals scored by nobody: 1. They are listed without a rank." in notes


def test_people_never_write_a_formula(written: Path) -> None:
    book = opened(written)
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert {cell.column_letter for cell in formulas if cell.parent.title == "Ranking"} == {"O"}
    assert all(str(cell.value).startswith(("=SUMPRODUCT(", "=100*SUMPRODUCT(", "=F")) for cell in formulas)
    titles = {row["Proposal"]: row["Title"] for row in table(book["Ranking"])}
    assert titles == {key: re.sub("[\x00\x1b]", "", title).replace("\r", "\n") for key, title in example.TITLES.items()}
    with zipfile.ZipFile(written) as archive:
        styles = archive.read("xl/styles.xml").decode()
    assert 'quotePrefix="1"' in styles


def test_libreoffice_sees_the_words_as_words(recalculated: Any) -> None:
    titles = {row["Proposal"]: row["Title"] for row in table(recalculated["Ranking"])}
    assert [titles[key] for key in ("P1", "P2", "P3", "P4", "P7")] == [
        example.TITLES[key] for key in ("P1", "P2", "P3", "P4", "P7")
    ]
    assert titles["P5"].endswith("=1+1")
    assert titles["P6"].endswith("=1+1")


def test_live_totals_and_means_agree_with_the_values_beside_them(recalculated: Any) -> None:
    scores = table(recalculated["Scores"])
    assert len(scores) == 28
    for row in scores:
        assert math.isclose(row["Total (live)"], row["Total"], rel_tol=0, abs_tol=1e-9)
    ranking = [row for row in table(recalculated["Ranking"]) if row["Rank"] is not None]
    assert len(ranking) == 7
    for row in ranking:
        assert math.isclose(row["Raw mean (live)"], row["Raw mean"], rel_tol=0, abs_tol=1e-9)


def test_a_criterion_left_open_is_empty_and_takes_no_part_in_the_live_total(tmp_path: Path) -> None:
    sheets = example.sheets(left_open=("P3", "J3"))
    path = tmp_path / "open.xlsx"
    with path.open("wb") as stream:
        write_book(example.book(report=example.report("raw", scoresheets=sheets), scoresheets=sheets), stream)
    told = {
        (row["Proposal"], row["Judge"]): row
        for row in table(opened(recalculate(path, tmp_path), values=True)["Scores"])
    }
    row = told["P3", "J3"]
    assert row["Social value"] is None
    assert math.isclose(row["Total (live)"], 100 * (row["Use of data"] - 1) / 9, rel_tol=0, abs_tol=1e-9)
    assert math.isclose(row["Total"], row["Total (live)"], rel_tol=0, abs_tol=1e-9)


def test_a_report_alone_makes_a_workbook_without_names_and_scores(tmp_path: Path) -> None:
    report = example.report()
    write_results(report, tmp_path / "out.xlsx", title="scores.csv", moment=example.MOMENT)
    book = opened(tmp_path / "out.xlsx")
    assert book.sheetnames == [name for name in SHEETS if name != "Scores"]
    assert book["Ranking"]["A1"].value == "scores.csv"
    assert report.input_digest[:16] in book["Ranking"]["A3"].value
    rows = table(book["Ranking"])
    assert "Title" not in rows[0]
    assert "Raw mean (live)" not in rows[0]
    assert rows[0]["Calibrated score"] == max(
        one.calibrated for one in report.proposals if one.rank and one.calibrated is not None
    )


def test_a_report_without_rule_has_no_shortlist(tmp_path: Path) -> None:
    report = replace(example.report(), shortlist=None)
    assert [sheet.name.en for sheet in sheets_of(example.book(report=report))] == [
        name for name in SHEETS if name not in ("Shortlist", "Charts")
    ]
    assert "Shortlisted" not in [
        stacked(one.heading).split("\n")[0] for one in ranking_sheet(example.book(report=report)).columns
    ]


def test_ranking_as_csv_opens_in_excel_with_chinese_and_without_formulas() -> None:
    content = ranking_csv(example.book())
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header[:4] == ["Rank 名次", "Rank, best 最佳可能名次", "Rank, worst 最差可能名次", "Proposal 作品"]
    assert "Raw mean (live) 原始平均分（公式）" not in header
    told = {row[3]: dict(zip(header, row, strict=True)) for row in rows}
    assert told["P1"]["Title 標題 标题"] == "'" + example.TITLES["P1"]
    assert told["P7"]["Title 標題 标题"] == example.TITLES["P7"]
    calibrated = {one["proposal"]: one["calibrated"] for one in to_dict(example.report())["proposals"]}
    assert float(told["P1"]["Calibrated score 校準分 校准分"]) == rounded(calibrated["P1"], 1)
    assert told["P8"]["Calibrated score 校準分 校准分"] == ""


def test_the_csv_has_the_chosen_languages_and_a_table_of_proposals_only() -> None:
    head = (AUDIT_HEAD, "judging-head.1.101.1db28")
    content = ranking_csv(example.book(languages={"zh-Hant-HK": str}, provenance=(head,))).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert header[:5] == ["名次", "最佳可能名次", "最差可能名次", "作品", "標題"]
    assert not re.search(r"[A-Za-z]", "".join(header))
    assert {row[header.index("入圍")] for row in rows} == {"是", "否"}
    assert "judging-head" not in content
    assert len(rows) == len(example.TITLES)


def test_every_effect_of_a_judge_is_the_runs_own_number(tmp_path: Path) -> None:
    report = example.report("hierarchical")
    path = tmp_path / "results.xlsx"
    write_results(report, path)
    told = {row["Judge"]: row for row in table(opened(path)["Judges"])}
    columns = {
        "Scale use": "scale_use",
        "Scale use, lower end": "scale_use_low",
        "Scale use, upper end": "scale_use_high",
        "Consistency": "consistency",
        "Consistency, lower end": "consistency_low",
        "Consistency, upper end": "consistency_high",
        "Drift": "drift",
        "Drift, lower end": "drift_low",
        "Drift, upper end": "drift_high",
        "Infit": "infit",
        "Infit, z": "infit_z",
        "Outfit": "outfit",
        "Outfit, z": "outfit_z",
        "Sheets at one end": "extreme_share",
    }
    for one in to_dict(report)["judges"]:
        row = told[one["judge"]]
        assert {name: row.get(name) for name in columns} == {name: one[key] for name, key in columns.items()}
        assert row["In words"] == "\n".join(reading["text"] for reading in one["readings"])
    assert report.judges[0].scale_use is not None


def test_an_explanation_begins_at_the_raw_mean_and_ends_at_the_calibrated_score(recalculated: Any) -> None:
    entries = {one["proposal"]: one for one in to_dict(example.report())["proposals"]}
    by_proposal: dict[str, list[dict[str, Any]]] = {}
    for row in table(recalculated["Explanations"]):
        by_proposal.setdefault(row["Proposal"], []).append(row)
    assert set(by_proposal) == {key for key, one in entries.items() if one["explanation"]}
    for key, (first, *terms) in by_proposal.items():
        assert first["Score after it"] == pytest.approx(rounded(entries[key]["raw"], 1), abs=1e-9)
        assert [row["Points, exact"] for row in terms] == pytest.approx(
            [one["amount"] for one in entries[key]["explanation"]["terms"]], abs=1e-9
        )
        assert terms[-1]["Score after it"] == pytest.approx(rounded(entries[key]["calibrated"], 1), abs=1e-9)
        for row in terms:
            assert math.isclose(row["Score after it (live)"], row["Score after it"], rel_tol=0, abs_tol=1e-9)


def test_the_ranking_says_in_one_text_why_a_proposal_moved(written: Path) -> None:
    rows = {row["Proposal"]: row["Why it moved"] for row in table(opened(written)["Ranking"])}
    assert rows["P3"].startswith(("Up ", "Down "))
    # The sentence is that of the page: it names no judge.
    assert "Judge J" not in rows["P3"]
    assert rows["P8"] is None
