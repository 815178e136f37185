"""``judging plan`` on files."""

import csv
import json
from pathlib import Path

import pytest

from judging.cli import run

PROPOSALS = "proposal,city,category\n" + "".join(f"P{i:02d},{'hk' if i % 2 else 'sh'},c{i % 3}\n" for i in range(1, 21))
JUDGES = "judge,city,categories\n" + "".join(f'J{j},{"hk" if j % 2 else "sh"},"c0, c1; c2"\n' for j in range(1, 7))


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "proposals.csv").write_text(PROPOSALS, encoding="utf-8")
    (tmp_path / "judges.csv").write_text(JUDGES, encoding="utf-8-sig")
    return str(tmp_path / "proposals.csv"), str(tmp_path / "judges.csv")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def test_a_plan_is_written_and_forecast(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "plan.csv", tmp_path / "plan.json"
    arguments = ["plan", *files, "--readings", "2", "--cross-city", "4", "--out", str(out), "--json", str(report)]
    assert run(arguments) == 0
    said = json.loads(report.read_text(encoding="utf-8"))
    assert read(out) == said["readings"]
    assert len(said["readings"]) == 40
    assert sorted(said["loads"].values()) == [6, 6, 7, 7, 7, 7]
    assert [len(names) for names in said["linked_sets"]] == [6]
    assert min(said["n_read_across"].values()) >= 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[0] == "40 readings, 0 kept; 6 to 7 a judge."
    assert len(said["helpful_readings"]) == 5


def test_without_output_the_pairs_are_printed(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *files, "--readings", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "proposal,judge"
    assert len(lines) == 21


def test_a_plan_made_again_keeps_what_it_can(files: tuple[str, str], tmp_path: Path) -> None:
    out, report = tmp_path / "plan.csv", tmp_path / "again.json"
    run(["plan", *files, "--readings", "2", "--out", str(out)])
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("\n".join(line for line in JUDGES.splitlines() if not line.startswith("J6")), encoding="utf-8")
    assert run(["plan", files[0], str(fewer), "--readings", "2", "--assigned", str(out), "--json", str(report)]) == 0
    said = json.loads(report.read_text(encoding="utf-8"))
    of_the_one_who_left = sum(row["judge"] == "J6" for row in read(out))
    assert said["n_kept"] >= 40 - 2 * of_the_one_who_left


def test_what_is_wrong_is_named_by_row_and_column(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("judge,max_load\nJ1,three\n,2\nJ1,4\nJ1,5\n", encoding="utf-8")
    assert run(["plan", files[0], str(wrong)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in lines if not line.startswith("how the file was read")] == [
        "sheet wrong, row 2, column max_load",
        "sheet wrong, row 3, column judge",
        "sheet wrong, row 5, column judge",
    ]


def test_a_missing_column_and_a_missing_file_are_named(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("town,city\nJ1,hk\n", encoding="utf-8")
    assert run(["plan", files[0], str(other)]) == 2
    assert "no column is recognised as the judge; the file has: town, city" in capsys.readouterr().err
    assert run(["plan", files[0], str(tmp_path / "none.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_conflict_with_an_unknown_judge_or_proposal_is_refused(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "conflicts.csv"
    pairs.write_text("proposal,judge\nP01,J9\n", encoding="utf-8")
    assert run(["plan", *files, "--conflicts", str(pairs)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "sheet conflicts, row 2, column judge: `J9` is not in the list given beside it."


def test_the_forecast_takes_its_variances_from_the_json_of_a_calibration(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores, result, other = tmp_path / "scores.csv", tmp_path / "result.json", tmp_path / "other.json"
    assert run(["simulate", "--seed", "1", "--out", str(scores)]) == 0
    assert run(["calibrate", str(scores), "--model", "mixed", "--scale", "1:10:1", "--json", str(result)]) == 0
    capsys.readouterr()
    printed = []
    for arguments in [[], ["--variances", str(result)]]:
        assert run(["plan", *files, "--readings", "2", "--json", str(other), *arguments]) == 0
        printed.append(json.loads(other.read_text(encoding="utf-8")))
    assert printed[0]["forecast"]["difference_error"] != printed[1]["forecast"]["difference_error"]
    assert [report["unit"] for report in printed] == ["points of 100", "units of the scores of result.json"]
    said = capsys.readouterr().err
    assert all(f"{report['unit']} (standard error" in said for report in printed)
    for content in ("[]", "{}", "no JSON"):
        other.write_text(content, encoding="utf-8")
        assert run(["plan", *files, "--variances", str(other)]) == 2
        assert "is not the JSON that" in capsys.readouterr().err
