"""``judging compare``, and what ``judging calibrate`` adds on request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judging.calibration.settings import MODELS
from judging.cli import run

OPTIONS = ["--scale", "1:10:1", "--weights", "c1=30,c2=25,c3=20,c4=15,c5=10", "--shortlist", "6"]


@pytest.fixture
def scores(tmp_path: Path) -> str:
    path = tmp_path / "scores.csv"
    assert run(["simulate", "--proposals", "24", "--judges", "8", "--seed", "3", "--out", str(path)]) == 0
    return str(path)


def test_it_shows_models_ranks_judges_and_whether_adjusting_helps(
    scores: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", scores, *OPTIONS]) == 0
    models, ranks, judges, prediction = capsys.readouterr().out.strip().split("\n\n")
    assert [line.split()[0] for line in models.splitlines()[1:]] == list(MODELS)
    assert "hierarchical *" in models
    assert len(ranks.splitlines()) == 1 + 24 + 1
    assert ranks.count(" +") == 6 * len(MODELS)
    assert len(judges.splitlines()) == 1 + 8
    assert "unseen scoresheets" in prediction


def test_json_contains_the_same_numbers(scores: str, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert run(["compare", scores, *OPTIONS, "--model", "mixed", "--no-judges", "--json", str(out)]) == 0
    report = json.loads(out.read_text(encoding="utf-8"))
    assert report["sealed_model"] == "mixed"
    assert report["judges"] == []
    assert report["prediction"]["n_folds"] == 5
    assert [len(row["calibrated"]) for row in report["models"]] == [24] * len(MODELS)


def test_parts_can_be_left_out(scores: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", scores, *OPTIONS, "--no-judges", "--no-prediction"]) == 0
    said = capsys.readouterr().out
    assert "without judge" not in said
    assert "unseen" not in said


def test_no_weights_are_noted(scores: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", scores, "--no-judges", "--no-prediction", "--scale", "1:10:1"]) == 0
    assert "- No weights were given: the criteria count equally." in capsys.readouterr().out


def test_an_unreadable_file_is_reported_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", str(tmp_path / "none.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_calibrate_adds_sets_and_sensitivity_on_request(scores: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calibrate", scores, *OPTIONS, "--simultaneous", "--sensitivity"]) == 0
    said = capsys.readouterr().out
    for words in ("sets of ranks", "Simultaneous sets:", "hold alone", "without judge", "unseen scoresheets"):
        assert words in said


def test_calibrate_explains_every_proposal_in_json(scores: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calibrate", scores, *OPTIONS, "--simultaneous", "--json", "-"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["sensitivity"] is None
    assert report["simultaneous"]["size"] == 6
    for row in report["proposals"]:
        moved = sum(term["amount"] for term in row["explanation"]["terms"])
        assert row["calibrated"] - row["raw"] == pytest.approx(moved, abs=1e-9)
