import json

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.diagnostics.criteria import describe_criteria
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import MODELS, Settings
from tests.support.reports import report_dict

JUDGE_KEYS = {"scale_use", "consistency", "home", "infit", "outfit", "drift", "extreme_share", "readings"}


def scored(halo: float, noise: float, seed: int = 0, n: int = 200) -> Ratings:
    rng = np.random.default_rng(seed)
    proposal, judge = np.repeat(np.arange(n), 3), np.concatenate([rng.permutation(12)[:3] for _ in range(n)])
    level = rng.normal(0, 1, n)[proposal] - rng.normal(0, 0.5, 12)[judge] + halo * rng.standard_normal(3 * n)
    score = np.round(10 + 2 * (level[:, None] + noise * rng.standard_normal((3 * n, 4))))
    return ratings_from_sheets(
        [f"P{i:03d}" for i in proposal],
        [f"J{j:02d}" for j in judge],
        score=score,
        criteria=("a", "b", "c", "d"),
        scored_at=rng.permutation(3 * n),
        proposals=["unread"],
        judges=["idle"],
    )


def test_halo_share_is_that_of_the_scores() -> None:
    share = describe_criteria(scored(0.7, 0.7)).halo_share
    assert share == pytest.approx(np.full(4, 0.5), abs=0.1)
    assert describe_criteria(scored(0.0, 0.7)).halo_share == pytest.approx(np.zeros(4), abs=0.1)


def test_halo_share_of_one_criterion_and_of_few_sheets_is_not_told() -> None:
    one = ratings_from_sheets(list("aabb"), list("xyxy"), score=[1, 2, 3, 3])
    assert np.isnan(describe_criteria(one).halo_share).all()
    few = ratings_from_sheets(list("aabb"), list("xyxy"), score=np.arange(8.0).reshape(4, 2), criteria=("a", "b"))
    assert np.isnan(describe_criteria(few).halo_share).all()


def test_correlations_are_those_of_numpy() -> None:
    ratings = scored(0.7, 0.7)
    found = describe_criteria(ratings)
    assert found.correlation == pytest.approx(np.corrcoef(ratings.score.T), rel=1e-12)
    rest = ratings.score[:, 1:].mean(axis=1)
    assert found.with_rest[0] == pytest.approx(np.corrcoef(ratings.score[:, 0], rest)[0, 1])
    assert found.spread == pytest.approx(ratings.score.std(axis=0, ddof=1))


@pytest.mark.parametrize("model", MODELS)
def test_the_report_of_every_model_has_its_diagnostics_and_no_nan(model: str) -> None:
    report = report_dict(fit(scored(0.5, 0.7, n=30), Settings(model=model, n_draws=200)))
    json.dumps(report, allow_nan=False)
    for judge in report["judges"]:
        assert set(judge) >= JUDGE_KEYS
        told = judge["n_sheets"] > 0
        assert (judge["infit"] is not None) == told
        assert told or [reading["text"] for reading in judge["readings"]] == ["has not scored yet"]
    assert [row["criterion"] for row in report["criteria"]] == ["a", "b", "c", "d"]
    assert all(row["halo_share"] is not None for row in report["criteria"])
    assert report["reliability"]["relative"]["estimate"] > 0.5
    assert [row["n_judges"] for row in report["reliability"]["table"]] == list(range(1, 11))
    assert isinstance(report["unexpected"], list)


def test_logits_stand_in_the_report_of_rasch_only() -> None:
    ratings = scored(0.5, 0.7, n=30)
    rasch = report_dict(fit(ratings, Settings(model="rasch", n_draws=200)))
    assert report_dict(fit(ratings, Settings(model="mixed", n_draws=200)))["logits"] is None
    measures = {row["proposal"]: row["measure"] for row in rasch["proposals"]}
    logits = rasch["logits"]
    assert {name: row["estimate"] for name, row in logits["proposals"].items()} == measures
    assert sum(row["estimate"] for row in logits["judges"].values() if row["estimate"] is not None) == pytest.approx(0)
    assert all(
        row["standard_error"] > row["standard_error_without_halo"]
        for row in logits["proposals"].values()
        if row["estimate"] is not None
    )
    assert len(logits["thresholds"]) == 1
