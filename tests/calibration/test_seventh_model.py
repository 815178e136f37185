"""A seventh model is one folder and one line: the recipe of CONTRIBUTING.md, followed with a toy model.

The package is copied, so that the line is really written into ``settings.py`` and nothing else is touched.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from judging.calibration.settings import MODELS

ROOT = Path(__file__).resolve().parents[2]

MODEL = '''
"""The median of a proposal's totals."""

import numpy as np

from judging.calibration.answers.expected_scores import expected_from_totals
from judging.calibration.baselines import criterion_means
from judging.calibration.estimates import COMPONENTS, Answers, Estimate, Estimates, FitCriterion
from judging.calibration.linkage import Linkage
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings


def fit_median(ratings: Ratings, settings: Settings, linkage: Linkage) -> Estimates:
    """Take the median of the totals as the calibrated score."""
    totals = [ratings.total[ratings.proposal == code] for code in range(ratings.n_proposals)]
    median = np.array([np.median(of_proposal) if len(of_proposal) else np.nan for of_proposal in totals])
    return Estimates(
        calibrated=median,
        standard_error=np.full(ratings.n_proposals, np.nan),
        sample=None,
        criterion=FitCriterion("sum of distances", float(np.abs(ratings.total - median[ratings.proposal]).sum())),
        variances=dict.fromkeys(COMPONENTS),
        fixed={"intercept": Estimate(float(np.nanmean(median))), "home_city": None},
        criterion_mean=criterion_means(ratings),
        answers=Answers(expected_scores=lambda: expected_from_totals(ratings, median[ratings.proposal])),
    )
'''

PROGRAM = """
import json
import sys

import numpy as np

from judging.calibration.build_report import build_report
from judging.calibration.diagnostics.fit_statistics import expect_scores, of_judges
from judging.calibration.explanation.explanation import explain_all
from judging.calibration.fit import fit
from judging.calibration.sensitivity.comparison import compare
from judging.calibration.sensitivity.prediction import predict_held_out
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.schemas.stored_reports import to_dict
from judging.shortlist import ShortlistRule

ratings = ratings_of(simulate(Design(n_proposals=20, n_judges=8), rng=np.random.default_rng(1)))
rule = ShortlistRule(size=5)
fitted = fit(ratings, Settings(model="median", shortlist=rule))
others = compare(fit(ratings, Settings(model="raw", shortlist=rule)), judges=False)
residual = ratings.score - expect_scores(fitted).expected
print(
    json.dumps(
        {
            "models": MODELS,
            "calibrated": fitted.calibrated.tolist(),
            "totals": [ratings.total[ratings.proposal == code].tolist() for code in range(ratings.n_proposals)],
            "report": to_dict(build_report(fitted)),
            "explanations": list(explain_all(fitted)),
            "mean_residual": residual.mean(axis=0).tolist(),
            "infit": of_judges(ratings, expect_scores(fitted)).infit.tolist(),
            "without_a_judge": [row.refusal for row in compare(fitted, held_out=False).judges],
            "tau": {row.model: row.outcome.tau for row in others.models},
            "predicted": {row.model: row.log_score is not None for row in predict_held_out(fitted).models},
        },
        allow_nan=False,
    )
)
"""

PAGES = """
from flask import Flask
from flask_babel import Babel

from judging.web.words import wording

app = Flask("toy")
Babel(app)
with app.test_request_context():
    print(wording.method("median"), wording.short_model("median"))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the toy model in it."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "judging", folder / "judging", ignore=shutil.ignore_patterns("__pycache__", "static"))
    model = folder / "judging" / "calibration" / "models" / "median"
    model.mkdir()
    (model / "__init__.py").write_text('"""The median of the totals."""\n', encoding="utf-8")
    (model / "model.py").write_text(MODEL, encoding="utf-8")
    settings = folder / "judging" / "calibration" / "settings.py"
    text = settings.read_text(encoding="utf-8")
    line = f"MODELS = {json.dumps(MODELS)[1:-1]}".replace("= ", "= (") + ")"
    assert text.count(line) == 1
    settings.write_text(text.replace(line, f'{line[:-1]}, "median")'), encoding="utf-8")
    return folder


def python(house: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=house, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def results(house: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(python(house, "-c", PROGRAM))
    return answer


def test_it_is_fitted_and_reported(results: dict[str, Any]) -> None:
    assert results["models"] == [*MODELS, "median"]
    medians = [pytest.approx(statistics.median(totals)) for totals in results["totals"]]
    assert results["calibrated"] == medians
    assert results["report"]["model"] == "median"
    assert [row["calibrated"] for row in results["report"]["proposals"]] == medians
    assert len(results["report"]["shortlist"]["selected"]) == 5
    assert results["report"]["logits"] is None
    assert results["report"]["reliability"]["relative"]["estimate"] > 0


def test_without_terms_there_is_no_explanation(results: dict[str, Any]) -> None:
    assert results["explanations"] == [None] * 20
    assert [row["explanation"] for row in results["report"]["proposals"]] == [None] * 20


def test_fit_statistics_come_from_what_it_expects(results: dict[str, Any]) -> None:
    assert results["mean_residual"] == pytest.approx([0.0] * len(results["mean_residual"]), abs=1e-9)
    assert all(0.2 < infit < 5 for infit in results["infit"])
    assert [row["infit"] for row in results["report"]["judges"]] == results["infit"]


def test_it_is_compared_with_the_other_models(results: dict[str, Any]) -> None:
    assert list(results["tau"]) == [*MODELS, "median"]
    assert 0.5 < results["tau"]["median"] < 1
    assert results["without_a_judge"] == [None] * 8


def test_without_a_prediction_it_has_no_score_and_the_others_have_theirs(results: dict[str, Any]) -> None:
    assert results["predicted"] == dict.fromkeys(MODELS, True) | {"median": False}


def test_the_command_line_takes_it_and_a_workbook_shows_its_name(house: Path) -> None:
    rows = "".join(f"p{p},j{j},{(3 * p + 5 * j) % 7 + p}\n" for p in range(6) for j in range(3))
    (house / "scores.csv").write_text("proposal,judge,score\n" + rows, encoding="utf-8")
    calibrate = ("-m", "judging", "calibrate", "scores.csv", "--model", "median")
    assert "median" in python(house, *calibrate)
    python(house, *calibrate, "--xlsx", "ranking.xlsx")
    book = load_workbook(house / "ranking.xlsx")
    assert [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell == "median"]


def test_pages_show_its_name_until_they_have_words_for_it(house: Path) -> None:
    assert python(house, "-c", PAGES).split() == ["median", "median"]
