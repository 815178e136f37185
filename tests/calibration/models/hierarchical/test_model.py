"""`hierarchical` against an independent sampler, against the truth, and under what must not change it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.hierarchical import judges
from judging.calibration.models.hierarchical.finding import find_posterior
from judging.calibration.models.hierarchical.prediction import log_score, predict_opinions
from judging.calibration.ratings import Floats
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, ratings_of
from judging.ranking import rank_draws, rank_intervals
from tests.calibration.models.hierarchical.conftest import HIERARCHICAL, challenge
from tests.reference.gibbs import Sample, sample
from tests.support.files.data import shared
from tests.support.optional import present


def correlation(a: object, b: object) -> float:
    return float(np.corrcoef(np.asarray(a), np.asarray(b))[0, 1])


def of(values: Floats | None) -> Floats:
    """Values that this model always gives."""
    return present(values)


@pytest.fixture(scope="module")
def reference(round_: Challenge) -> Sample:
    design = round_.design
    return sample(
        round_.proposal,
        round_.judge,
        round_.score,
        same_city=round_.judge_city[round_.judge] == round_.proposal_city[round_.proposal],
        judge_city=round_.judge_city,
        minimum=design.minimum,
        maximum=design.maximum,
        step=design.step,
        n_sweeps=2500,
        n_burn=300,
        rng=np.random.default_rng(5),
    )


def test_quality_agrees_with_the_sampler(round_: Challenge, fitted: Fit, reference: Sample) -> None:
    drawn = reference.merit @ np.array(round_.design.weights)
    assert correlation(fitted.calibrated, drawn.mean(axis=0)) > 0.9985
    around = drawn - drawn.mean(axis=1, keepdims=True)
    ours = fitted.draw(4000, np.random.default_rng(1))
    ours -= ours.mean(axis=1, keepdims=True)
    assert np.mean(ours.std(axis=0) / around.std(axis=0)) == pytest.approx(1.0, abs=0.05)


def test_judges_agree_with_the_sampler(round_: Challenge, fitted: Fit, reference: Sample) -> None:
    drawn = reference.severity @ np.array(round_.design.weights)
    drawn -= drawn.mean(axis=1, keepdims=True)
    assert of(fitted.severity) == pytest.approx(drawn.mean(axis=0), abs=0.12)
    assert np.mean(of(fitted.severity_error) / drawn.std(axis=0)) == pytest.approx(1.0, abs=0.08)
    assert correlation(np.log(of(fitted.scale_use)), np.log(reference.scale_use).mean(axis=0)) > 0.95
    assert correlation(np.log(of(fitted.consistency)), np.log(reference.consistency).mean(axis=0)) > 0.99


def test_spreads_agree_with_the_sampler(fitted: Fit, reference: Sample) -> None:
    expected = dict(zip(reference.names, np.exp(np.log(reference.spreads).mean(axis=0)), strict=True))
    names = {
        "proposal": "quality",
        "proposal_criterion": "criterion",
        "judge": "severity",
        "judge_criterion": "judge_criterion",
        "judge_proposal": "halo",
        "residual": "noise",
    }
    for ours, theirs in names.items():
        assert np.sqrt(fitted.variances[ours] or 0.0) == pytest.approx(expected[theirs], rel=0.12), ours


def test_many_sheets_recover_the_judges() -> None:
    made = challenge(n_proposals=480, readings=4)
    result = fit(ratings_of(made), HIERARCHICAL)
    # Most of what a judge reads is of the own city, so that severity less home advantage is what the sheets tell best.
    net, true_net = of(result.severity) - of(result.home), made.severity - made.home
    for city in (0, 1):
        own = made.judge_city == city
        assert correlation(net[own], true_net[own]) > 0.93
    assert correlation(np.log(of(result.consistency)), np.log(made.consistency)) > 0.97
    assert correlation(np.log(of(result.scale_use)), np.log(made.scale_use)) > 0.85
    home = present(result.fixed["home_city"])
    assert abs(home.estimate - made.design.home) < 3 * present(home.standard_error)


def test_without_evidence_scale_use_and_consistency_stay_near_one() -> None:
    result = fit(ratings_of(challenge("severity-only")), HIERARCHICAL)
    plain = fit(ratings_of(challenge("severity-only")), Settings(model="mixed", exact_reml=True))
    assert np.abs(np.log(of(result.scale_use))).max() < 0.12
    assert np.abs(np.log(of(result.consistency))).max() < 0.12
    assert correlation(result.calibrated, plain.calibrated) > 0.998


@pytest.mark.parametrize("truth", ["default", "unlinked"])
def test_rank_intervals_hold_the_true_ranks_as_often_as_they_say(truth: str) -> None:
    coverage = []
    for seed in range(12):
        made = challenge(truth, seed=100 + seed)
        draws = fit(ratings_of(made), HIERARCHICAL).draw(2000, np.random.default_rng(0))
        low, high = rank_intervals(rank_draws(draws), interval=0.9)
        place = 1 + np.argsort(np.argsort(-made.quality))
        coverage.append(np.mean((low <= place) & (place <= high)))
    assert 0.86 < np.mean(coverage) < 0.95


def test_random_judges_and_colluders_are_distrusted() -> None:
    for truth in ("random-judges", "colluders"):
        made = challenge(truth, seed=3)
        result = fit(ratings_of(made), HIERARCHICAL)
        assert set(np.argsort(-of(result.consistency))[:2]) == set(made.odd_judges)


def test_blocks_over_judges_agree_with_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    made = challenge(n_proposals=600, n_judges=120)
    monkeypatch.setattr(judges, "MOST_EXACT", 3000)
    whole = fit(ratings_of(made), HIERARCHICAL)
    monkeypatch.setattr(judges, "MOST_EXACT", 0)
    at_end = fit(ratings_of(made), HIERARCHICAL)
    monkeypatch.setattr(judges, "MOST_EXACT_AT_END", 0)
    blocks = fit(ratings_of(made), HIERARCHICAL)
    for other in (at_end, blocks):
        assert other.calibrated == pytest.approx(whole.calibrated, abs=0.03)
        assert of(other.severity) == pytest.approx(of(whole.severity), abs=0.03)
        assert np.mean(other.standard_error / whole.standard_error) == pytest.approx(1.0, abs=0.02)
    spread = blocks.draw(1500, np.random.default_rng(0)).std(axis=0)
    assert np.mean(spread / blocks.standard_error) == pytest.approx(1.0, abs=0.02)
    # Blocks leave out what two judges have in common: the gap of the cities looks more certain than it is.
    # The uncertainty of the spreads, only in the first, adds 3 % with 120 judges.
    assert city_gap_error(at_end) == pytest.approx(city_gap_error(whole), rel=0.05)
    assert city_gap_error(blocks) < 0.9 * city_gap_error(whole)


def city_gap_error(fitted: Fit) -> float:
    assert fitted.city_effects is not None
    contrast = np.array([1.0, -1.0])
    return float(np.sqrt(contrast @ fitted.city_effects.severity_covariance @ contrast))


def test_draws_have_the_standard_errors_they_come_with(fitted: Fit) -> None:
    draws = fitted.draw(8000, np.random.default_rng(0))
    assert draws.mean(axis=0) == pytest.approx(fitted.calibrated, abs=0.04)
    assert draws.std(axis=0) == pytest.approx(fitted.standard_error, rel=0.05)


def test_unseen_marks_are_expected_better_than_by_their_mean(round_: Challenge) -> None:
    retained = np.arange(len(round_.proposal)) % 7 != 0
    ratings = ratings_of(round_, sheets=retained)
    result = present(find_posterior(ratings, HIERARCHICAL, find_linkage(ratings)))
    unseen = {
        "proposal": round_.proposal[~retained],
        "judge": round_.judge[~retained],
        "same_city": (round_.judge_city[round_.judge] == round_.proposal_city[round_.proposal])[~retained],
    }
    mean, variance = predict_opinions(result, **unseen)
    score = round_.score[~retained]
    assert np.mean((score - mean) ** 2) < 0.7 * score.var()
    assert np.mean((score - mean) ** 2 / variance) == pytest.approx(1.0, abs=0.25)
    assert log_score(result, score=score, **unseen).mean() > -2.0


def test_prior_for_quality_knows_the_city_only_when_told(round_: Challenge) -> None:
    ratings = ratings_of(round_)
    score = ratings.score - 2.0 * (ratings.proposal_city[ratings.proposal] == 0)[:, None]
    weaker = replace(ratings, score=np.clip(score, 1, 10))
    blind = fit(weaker, HIERARCHICAL)
    labelled = fit(weaker, Settings(model="hierarchical", quality_prior="city"))
    gap = [
        float(np.ptp(result.city_effects.quality)) for result in (blind, labelled) if result.city_effects is not None
    ]
    assert gap[1] > gap[0]


def test_home_city_as_it_fell_favours_those_read_at_home(round_: Challenge) -> None:
    ratings = ratings_of(round_)
    taken_out = fit(ratings, HIERARCHICAL)
    as_it_fell = fit(ratings, Settings(model="hierarchical", home_city="report"))
    home = present(taken_out.fixed["home_city"])
    share = np.bincount(ratings.proposal, weights=ratings.same_city) / taken_out.n_judges
    expected = home.estimate * (share - ratings.same_city.mean())
    assert as_it_fell.calibrated - taken_out.calibrated == pytest.approx(expected, abs=1e-9)


def test_ptam_severities_agree_with_tam() -> None:
    folder = shared("immer_ptam")
    rows = np.genfromtxt(folder / "data_ptam4.csv", delimiter=",", skip_header=1, dtype=str)
    result = fit(
        ratings_from_sheets(
            [row[0] for row in rows],
            [row[1] for row in rows],
            score=rows[:, 2:].astype(float),
            criteria=("crit2", "crit3", "crit4"),
            minimum=0,
            maximum=3,
            step=1,
        ),
        HIERARCHICAL,
    )
    table = np.genfromtxt(folder / "tam_ptam4_xsi.csv", delimiter=",", skip_header=1, dtype=str)
    published = {
        row[0].strip('"').removeprefix("rater"): float(row[2]) for row in table if row[1].strip('"') == "rater"
    }
    assert correlation(of(result.severity), [published[name.strip('"')] for name in result.ratings.judges]) > 0.98
