"""``judging calibrate`` on files."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from judging.cli import run
from tests.support.document_reading import tables_of
from tests.support.files.data import DIVING

WORKED = Path(__file__).parents[3] / "docs" / "worked-example.csv"
HEADING = "proposal,judge,criterion,score\n"
ROWS = "".join(
    f"p{p},j{j},{criterion},{(3 * p + 5 * j + 2 * k) % 7 + p}\n"
    for p in range(6)
    for j in range(3)
    for k, criterion in enumerate(("data", "impact"))
)
DIVING_COLUMNS = [
    "--column", "proposal=dive", "--column", "proposal_city=diver_country", "--column", "judge_city=judge_country",
]  # fmt: skip


def file_of(tmp_path: Path, content: str | bytes, name: str = "scores.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _calibrated(path: Path, *arguments: str) -> dict[str, Any]:
    out = path.with_suffix(".json")
    assert run(["calibrate", str(path), *arguments, "--json", str(out)]) == 0
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


def refused(path: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    out = path.parent / "out.json"
    assert run(["calibrate", str(path), *arguments, "--json", str(out)]) == 2
    assert not out.exists()
    said = capsys.readouterr().err.splitlines()
    return [line for line in said if not line.startswith("how the file was read: ")]


def test_diving_as_it_stands_gives_the_published_fit(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = ["calibrate", str(DIVING), *DIVING_COLUMNS, "--model", "mixed", "--scale", "0:10:0.5"]
    assert run([*command, "--shortlist", "20", "--json", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["fixed"]["home_city"]["estimate"] == pytest.approx(0.294837, rel=1e-4)
    assert report["fixed"]["home_city"]["standard_error"] == pytest.approx(0.026627, rel=1e-2)
    assert (len(report["proposals"]), len(report["judges"]), len(report["linked_sets"])) == (1541, 25, 1)
    assert sum(row["p_shortlist"] for row in report["proposals"]) == pytest.approx(20.0)


def test_json_has_the_keys_that_others_rely_on(tmp_path: Path) -> None:
    report = _calibrated(file_of(tmp_path, HEADING + ROWS))
    expected = {"model", "converged", "iterations", "seconds", "criterion", "variances", "fixed", "proposals", "judges"}
    assert expected | {"cities", "linked_sets"} <= set(report)
    assert set(report["criterion"]) == {"name", "value"}
    assert set(report["variances"]) == {
        "proposal", "judge", "residual", "judge_proposal", "proposal_criterion", "judge_criterion",
    }  # fmt: skip
    of_proposal = "proposal n_judges raw additive calibrated standard_error rank rank_low rank_high p_shortlist"
    assert set(of_proposal.split()) <= set(report["proposals"][0])
    of_judge = "judge n_sheets severity standard_error"
    assert set(of_judge.split()) <= set(report["judges"][0])
    assert {"identified", "assumption"} <= set(report["cities"])


def test_same_input_same_output_but_for_the_seconds(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADING + ROWS)
    reversed_rows = file_of(tmp_path, HEADING + "".join(reversed(ROWS.splitlines(keepends=True))), "reversed.csv")
    one, other = _calibrated(path, "--shortlist", "2"), _calibrated(reversed_rows, "--shortlist", "2")
    assert one.pop("seconds") > 0
    assert other.pop("seconds") > 0
    assert one == other


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + HEADING + ROWS).replace("\n", "\r\n").encode(),
        (HEADING + ROWS).replace(",", ";").encode(),
        (HEADING + ROWS).replace(",", "\t").encode(),
        (" Proposal ,JUDGE,Criterion,Score\n" + ROWS).encode(),
        (HEADING + ROWS).encode("utf-16"),
    ],
    ids=["mark and CRLF", "semicolons", "tabs", "headings", "UTF-16"],
)
def test_files_as_excel_writes_them_are_read_alike(tmp_path: Path, content: bytes) -> None:
    plain = _calibrated(file_of(tmp_path, HEADING + ROWS))
    same = _calibrated(file_of(tmp_path, content, "other.csv"))
    assert same["input_digest"] == plain["input_digest"]


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_chinese_names_survive_the_encodings_of_a_chinese_excel(tmp_path: Path, encoding: str) -> None:
    rows = (
        "proposal,judge,score\n智慧出行平台,上海的一位老人,5\n智慧出行平台,香港中文大学,7\n共享停車場,香港中文大学,8\n"
    )
    if encoding == "big5":
        rows = rows.replace("学", "學").replace("台", "台")
    report = _calibrated(file_of(tmp_path, rows.encode(encoding)))
    assert "智慧出行平台" in [row["proposal"] for row in report["proposals"]]


def test_weights_set_totals_and_missing_weights_are_noted(tmp_path: Path) -> None:
    path = file_of(tmp_path, "proposal,judge,criterion,score\na,x,c1,2\na,x,c2,6\nb,x,c1,4\nb,x,c2,5\n")
    equal = _calibrated(path, "--model", "raw")
    weighted = _calibrated(path, "--model", "raw", "--weights", "c1=30,c2=10")
    assert [row["raw"] for row in equal["proposals"]] == [4.0, 4.5]
    assert [row["raw"] for row in weighted["proposals"]] == [3.0, 4.25]
    assert "No weights were given: the criteria count equally." in equal["notes"]
    assert "No weights were given: the criteria count equally." not in weighted["notes"]


def test_an_empty_score_is_missing_and_a_proposal_without_any_is_unranked(tmp_path: Path) -> None:
    report = _calibrated(file_of(tmp_path, "proposal,judge,score\na,x,5\na,y,6\nb,x,4\nb,y,\nc,y,\n"), "--model", "raw")
    assert [(row["proposal"], row["n_judges"], row["rank"]) for row in report["proposals"]] == [
        ("a", 2, 1),
        ("b", 1, 2),
        ("c", 0, None),
    ]


def test_standard_input_and_output_accept_csv_and_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((HEADING + ROWS).encode())))
    assert run(["calibrate", "-", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["scores"] == 36


def test_without_an_output_option_a_table_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calibrate", str(file_of(tmp_path, HEADING + ROWS)), "--model", "mixed", "--shortlist", "2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Model mixed, REML ")
    assert "6 proposals, 3 judges, 18 scoresheets, 1 linked set" in said
    verdict, table = said.split("\n\n")[1:3]
    assert verdict.startswith("These numbers can carry a decision.\n")
    assert verdict.endswith(" rounds simulated")
    lines = table.splitlines()
    assert lines[0].split() == [
        "proposal", "rank", "90%", "calibrated", "s.e.", "raw", "additive", "judges", "P(shortlist)",
    ]  # fmt: skip
    assert lines[1].split()[1] == "1"


def test_the_workbook_contains_the_numbers_of_the_json(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADING + ROWS)
    book = tmp_path / "out.xlsx"
    report = _calibrated(path, "--xlsx", str(book))
    cells = {cell.value for sheet in load_workbook(book).worksheets for row in sheet.iter_rows() for cell in row}
    numbers = [value for value in cells if isinstance(value, float)]
    for row in report["proposals"]:
        assert any(value == pytest.approx(row["calibrated"], rel=1e-12) for value in numbers)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_rubric_brings_weights_scales_shortlist_rule_and_policies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rubric = Path(__file__).parents[3] / "rubrics" / "diving-2000" / "all-dives.yaml"
    off_scale = file_of(tmp_path, "proposal,judge,score\nd,x,7.3\n")
    assert (
        "7.3: the scale goes in steps of 0.5: 7 or 7.5" in refused(off_scale, "--rubric", str(rubric), capsys=capsys)[0]
    )
    report = _calibrated(
        file_of(tmp_path, "proposal,judge,score\nd,x,7\nd,y,8\ne,x,6\ne,y,6.5\n"), "--rubric", str(rubric)
    )
    assert report["criteria"][0]["maximum"] == 10.0


def test_how_a_file_was_read_is_written_and_holds_for_the_next_file_of_the_same_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = "Printed in July,,,\nEntry,Chan,Wong,Total\nA,5,6,11\nB,4,3,7\n"
    first, mapping = file_of(tmp_path, wide), tmp_path / "how.yaml"
    said = refused(first, capsys=capsys)
    assert said[0].startswith("question: Are Chan, Wong names of judges, or criteria that one judge has scored?")
    options = ["--model", "raw", "--answer", "columns=judges", "--save-mapping", str(mapping)]
    assert {row["judge"] for row in _calibrated(first, *options)["judges"]} == {"Chan", "Wong"}
    assert "  use: leave out\n" in mapping.read_text(encoding="utf-8")
    later = file_of(tmp_path, "Entry,Total,Wong,Chan\nC,9,4,5\nD,7,4,3\n", "later.csv")
    report = _calibrated(later, "--model", "raw", "--mapping", str(mapping))
    assert [(row["proposal"], row["raw"]) for row in report["proposals"]] == [("C", 4.5), ("D", 3.5)]


def test_earlier_scores_of_the_same_judges_are_used_and_their_proposals_are_not_ranked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = file_of(tmp_path, HEADING + ROWS)
    earlier = file_of(tmp_path, HEADING + ROWS.replace("data", "depth").replace("p", "old"), "practice.csv")
    options = ("--scale", "0:12:1", "--unchecked")
    alone, report = _calibrated(scores, *options), _calibrated(scores, *options, "--earlier", f"anchor={earlier}")
    assert "earlier" not in alone
    (used,) = report["earlier"]
    assert (used["kind"], used["name"], used["n_sheets"], used["n_judges"]) == ("anchor", "practice", 18, 3)
    assert [row["proposal"] for row in report["proposals"]] == [row["proposal"] for row in alone["proposals"]]
    assert report["input_digest"] != alone["input_digest"]
    assert (
        "18 scoresheets of practice proposals (practice) count for what they say about 3 of the judges."
        in report["notes"]
    )
    said = refused(scores, "--earlier", str(tmp_path / "nowhere.csv"), capsys=capsys)
    assert len(said) == 1
    assert "nowhere.csv" in said[0]


def test_a_method_report_of_a_file_has_the_numbers_of_the_json(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADING + ROWS)
    report = _calibrated(path, "--model", "mixed", "--report", str(tmp_path / "r.html"), "--language", "zh-Hant-HK")
    tables = tables_of((tmp_path / "r.html").read_bytes())
    ranking = tables["全部作品，由高至低"]
    assert dict(zip(ranking.texts("作品"), ranking.column("校準分"), strict=True)) == {
        row["proposal"]: row["calibrated"] for row in report["proposals"]
    }
    digests = {row[0]: row[1] for row in tables["SHA-256 校驗碼及版本"].rows}
    assert digests["輸入校驗碼"] == report["input_digest"]
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "judging calibrate SCORES --model mixed --seed 0 --json result.json" in html
    assert report["checks"]["text"] == "These numbers can carry a decision."
    assert '<p class="callout good">' in html


def test_a_probability_from_draws_is_never_certain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "worked-example.csv"
    path.write_bytes(WORKED.read_bytes())
    command = ["calibrate", str(path), "--model", "mixed", "--scale", "0:100:1", "--shortlist", "3", "--unchecked"]
    report = _calibrated(path, *command[2:])
    probabilities = [row["p_shortlist"] for row in report["proposals"]]
    n_sure = sum(value >= 0.9995 or value < 0.0005 for value in probabilities)
    assert n_sure
    capsys.readouterr()
    assert run(command) == 0
    table = capsys.readouterr().out
    assert table.count(">0.999") + table.count("<0.001") == n_sure
    assert not re.search(r" 1\.000| 0\.000", table)
