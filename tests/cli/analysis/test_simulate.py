"""``judging simulate``: a file that ``judging calibrate`` reads, and the truth beside it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from judging.cli import run
from judging.cli.analysis.simulate import SCORE_COLUMNS, TRUTH_COLUMNS


def test_simulated_scores_are_calibrated_towards_their_truth(tmp_path: Path) -> None:
    scores, truth, report = tmp_path / "scores.csv", tmp_path / "truth.csv", tmp_path / "report.json"
    assert run(["simulate", "--seed", "4", "--out", str(scores), "--truth-out", str(truth)]) == 0
    weights = "c1=30,c2=25,c3=20,c4=15,c5=10"
    command = ["calibrate", str(scores), "--weights", weights, "--scale", "1:10:1", "--model", "hierarchical"]
    assert run([*command, "--json", str(report)]) == 0
    with truth.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == TRUTH_COLUMNS
    quality = {row["name"]: float(row["quality"]) for row in rows if row["kind"] == "proposal"}
    found = {row["proposal"]: row["calibrated"] for row in json.loads(report.read_text("utf-8"))["proposals"]}
    assert set(found) == set(quality)
    assert np.corrcoef([quality[name] for name in found], list(found.values()))[0, 1] > 0.85


def test_same_seed_writes_the_same_file(capsys: pytest.CaptureFixture[str]) -> None:
    written = []
    for seed in ("1", "1", "2"):
        assert run(["simulate", "--seed", seed, "--proposals", "20", "--judges", "12"]) == 0
        written.append(capsys.readouterr().out)
    assert written[0] == written[1] != written[2]
    lines = written[0].splitlines()
    assert lines[0] == ",".join(SCORE_COLUMNS)
    assert len(lines) == 1 + 20 * 3 * 5


def test_too_few_judges_are_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--judges", "3"]) == 2
    assert "at least 6 judges" in capsys.readouterr().err
