"""The way from raw mean to calibrated score: it adds up, it points the right way, it does not depend on row order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judging.calibration.answers.terms import TermArrays
from judging.calibration.coding import ratings_from_rows, ratings_from_sheets
from judging.calibration.estimates import Fit
from judging.calibration.explanation.explanation import Explanation, explain, explain_all
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import design_for
from judging.errors import CalibrationError
from tests.support.files.data import DIVING, rows_of, shared
from tests.support.optional import present


def simulated(truth: str = "default", **sizes: Any) -> Ratings:
    return ratings_of(simulate(replace(design_for(truth), **sizes), rng=np.random.default_rng(7)))


def terms_of(fitted: Fit) -> TermArrays:
    """The arrays of terms, which every model of this package returns."""
    return present(fitted.answers.explanation_terms)()


def off(fitted: Fit) -> float:
    """How far the arrays of terms are from the moves, in units of the largest total."""
    ratings = fitted.ratings
    gap = fitted.raw + terms_of(fitted).total(ratings) - fitted.calibrated
    return float(np.nanmax(np.abs(gap))) / max(float(np.abs(ratings.total).max()), 1.0)


def scored(explanations: tuple[Explanation | None, ...]) -> list[Explanation]:
    return [explanation for explanation in explanations if explanation is not None]


@pytest.mark.parametrize("policy", ["adjust", "report", "ignore"])
@pytest.mark.parametrize("model", list(MODELS))
def test_terms_sum_to_the_move_on_a_simulated_round(model: str, policy: str) -> None:
    fitted = fit(simulated(), Settings(model=model, home_city=policy))
    assert off(fitted) < 1e-12
    for explanation in scored(explain_all(fitted)):
        assert explanation.raw + sum(term.amount for term in explanation.terms) == pytest.approx(
            explanation.calibrated, abs=1e-9
        )


@pytest.mark.parametrize("model", list(MODELS))
def test_terms_sum_to_the_move_with_open_criteria_and_repeated_sheets(model: str) -> None:
    ratings = simulated(n_proposals=40, n_judges=12)
    rng = np.random.default_rng(1)
    repeated = rng.choice(ratings.n_sheets, size=12, replace=False)
    take = np.sort(np.r_[np.arange(ratings.n_sheets), repeated])
    score = np.where(rng.random((len(take), ratings.n_criteria)) < 0.15, np.nan, ratings.score[take])
    ratings_in = replace(
        ratings,
        proposal=ratings.proposal[take],
        judge=ratings.judge[take],
        score=score,
        scored_at=ratings.scored_at[take],
    )
    fitted = fit(ratings_in, Settings(model=model))
    assert off(fitted) < 1e-11
    kinds = {term.kind for explanation in scored(explain_all(fitted)) for term in explanation.terms}
    assert ("open_criteria" in kinds) == (model in ("mixed", "hierarchical", "rasch"))


@pytest.mark.parametrize("assumption", ["prior", "equal quality", "equal severity"])
@pytest.mark.parametrize("model", ["mixed", "hierarchical"])
def test_terms_sum_to_the_move_where_cities_are_not_linked(model: str, assumption: str) -> None:
    fitted = fit(simulated("unlinked"), Settings(model=model, assumption=assumption))
    assert off(fitted) < 1e-11


def test_terms_sum_to_the_move_under_a_prior_that_knows_city_and_category() -> None:
    fitted = fit(simulated(), Settings(model="hierarchical", quality_prior="city_and_category"))
    assert off(fitted) < 1e-11


def test_terms_sum_to_the_move_with_more_judges_than_proposals() -> None:
    ratings = simulated(n_proposals=12, n_judges=24, readings=8)
    for model in MODELS:
        assert off(fit(ratings, Settings(model=model))) < 1e-11


@pytest.mark.parametrize("model", list(MODELS))
def test_terms_sum_to_the_move_on_olympic_dives(model: str) -> None:
    rows = [row for row in rows_of(DIVING) if row["event"] == "M3mSB"]
    ratings = ratings_from_rows(
        [row["dive"] for row in rows],
        [row["judge"] for row in rows],
        score=[float(row["score"]) for row in rows],
        minimum=0.0,
        maximum=10.0,
        step=0.5,
        proposal_city={row["dive"]: row["diver_country"] for row in rows},
        judge_city={row["judge"]: row["judge_country"] for row in rows},
    )
    assert off(fit(ratings, Settings(model=model))) < 1e-11


@pytest.mark.parametrize("model", list(MODELS))
def test_terms_sum_to_the_move_on_graded_essays(model: str) -> None:
    rows = rows_of(shared("immer_ptam/data_ptam4.csv"))
    criteria = ("crit2", "crit3", "crit4")
    ratings = ratings_from_sheets(
        [row["idstud"] for row in rows],
        [row["rater"] for row in rows],
        score=[[float(row[criterion]) for criterion in criteria] for row in rows],
        criteria=criteria,
        minimum=0.0,
        maximum=3.0,
        step=1.0,
    )
    assert off(fit(ratings, Settings(model=model))) < 1e-11


@st.composite
def small_rounds(draw: st.DrawFn) -> Ratings:
    n_proposals, n_judges = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    n_criteria = draw(st.integers(1, 3))
    cells = draw(
        st.lists(st.tuples(st.integers(0, n_proposals - 1), st.integers(0, n_judges - 1)), min_size=1, max_size=16)
    )
    mark = st.one_of(st.integers(1, 10).map(float), st.just(float("nan")))
    rows = [draw(st.lists(mark, min_size=n_criteria, max_size=n_criteria)) for _ in cells]
    rows[0][0] = 5.0
    city = st.sampled_from(["Hong Kong", "Shanghai", ""])
    return ratings_from_sheets(
        [f"p{proposal}" for proposal, _ in cells],
        [f"j{judge}" for _, judge in cells],
        score=rows,
        criteria=[f"c{code}" for code in range(n_criteria)],
        weights=[3.0, 2.0, 1.0][:n_criteria],
        minimum=1.0,
        maximum=10.0,
        step=1.0,
        proposals=["unread"],
        proposal_city={f"p{code}": draw(city) for code in range(n_proposals)},
        judge_city={f"j{code}": draw(city) for code in range(n_judges)},
    )


def rounding(fitted: Fit) -> float:
    """How far sums may be off, per point: a perfect fit rests on variances at their lower bound, 1e-8 of the others."""
    return 1e-6 if fitted.variances["residual"] == 0 else 1e-9


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.filterwarnings("ignore:An ill-conditioned matrix")  # a perfect fit of open criteria, as above
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(ratings=small_rounds())
def test_terms_sum_to_the_move_whatever_the_design(model: str, ratings: Ratings) -> None:
    try:
        fitted = fit(ratings, Settings(model=model))
    except CalibrationError:
        return  # what a model refuses it need not explain
    assert off(fitted) < rounding(fitted)
    explanations = explain_all(fitted)
    assert [explanation is None for explanation in explanations] == np.isnan(fitted.calibrated).tolist()
    for explanation in scored(explanations):
        total = explanation.raw + sum(term.amount for term in explanation.terms)
        assert total == pytest.approx(explanation.calibrated, abs=10 * rounding(fitted))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(marks=st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=24, max_size=24))
def test_rasch_terms_sum_to_the_move_whatever_the_marks(marks: list[list[int]]) -> None:
    ratings = ratings_from_sheets(
        [f"p{sheet // 3}" for sheet in range(24)],
        [f"j{(sheet + sheet // 3) % 4}" for sheet in range(24)],
        score=marks,
        criteria=["c0", "c1"],
        weights=[2.0, 1.0],
        minimum=0.0,
        maximum=3.0,
        step=1.0,
    )
    try:
        fitted = fit(ratings, Settings(model="rasch"))
    except CalibrationError:
        return  # what a model refuses it need not explain
    assert off(fitted) < 1e-11


@pytest.mark.parametrize("model", ["additive", "mixed", "hierarchical", "rasch"])
def test_a_proposal_read_by_strict_judges_only_moves_up(model: str) -> None:
    rng = np.random.default_rng(4)
    severity = np.array([2.0, 2.0, 2.0, -1.0, -1.0, -1.0, -1.0, -1.0])
    panels = [(0, 1, 2), (3, 4, 5), *((a, b, c) for a in range(3) for b in (3, 4, 5) for c in (6, 7))]
    proposal = np.repeat(np.arange(len(panels)), 3)
    judge = np.array(panels).ravel()
    quality = rng.normal(0, 0.5, len(panels))
    quality[:2] = 0.0
    marks = np.clip(np.round(6 + quality[proposal] - severity[judge] + rng.normal(0, 0.4, len(judge))), 1, 10)
    ratings = ratings_from_sheets(
        [f"p{code:02}" for code in proposal],
        [f"j{code}" for code in judge],
        score=marks,
        minimum=1.0,
        maximum=10.0,
        step=1.0,
    )
    fitted = fit(ratings, Settings(model=model))
    strict, lenient = explain(fitted, 0), explain(fitted, 1)
    assert present(strict).move > 0.8
    assert present(lenient).move < -0.3
    by_severity = [term for term in present(strict).terms if term.kind == "severity"]
    assert [term.judge for term in by_severity] == ["j0", "j1", "j2"]
    assert all(term.amount > 0 and "stricter than the panel" in term.text for term in by_severity)
    assert all(term.amount < 0 for term in present(lenient).terms if term.kind == "severity")


@pytest.mark.parametrize("model", list(MODELS))
def test_order_of_rows_does_not_enter(model: str) -> None:
    ratings = simulated(n_proposals=30, n_judges=8)
    shuffled = np.random.default_rng(0).permutation(ratings.n_sheets)
    repeated = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal[shuffled]],
        [ratings.judges[code] for code in ratings.judge[shuffled]],
        score=ratings.score[shuffled],
        criteria=ratings.criteria,
        weights=ratings.weights.tolist(),
        minimum=ratings.minimum,
        maximum=ratings.maximum,
        step=ratings.step,
        scored_at=ratings.scored_at[shuffled],
        proposal_city={
            name: ratings.cities[code] for name, code in zip(ratings.proposals, ratings.proposal_city, strict=True)
        },
        judge_city={name: ratings.cities[code] for name, code in zip(ratings.judges, ratings.judge_city, strict=True)},
        category={
            name: ratings.categories[code] for name, code in zip(ratings.proposals, ratings.category, strict=True)
        },
    )
    first, second = (explain_all(fit(ratings_in, Settings(model=model))) for ratings_in in (ratings, repeated))
    assert first == second


def test_raw_means_do_not_move() -> None:
    explanations = scored(explain_all(fit(simulated(n_proposals=12), Settings(model="raw"))))
    assert {explanation.terms for explanation in explanations} == {()}
    assert all(each.text.endswith("not moved.") for each in explanations)


def test_additive_moves_by_severity_alone_as_reported() -> None:
    ratings = simulated()
    fitted = fit(ratings, Settings(model="additive"))
    explanation = present(explain(fitted, 3))
    severity = dict(zip(ratings.judges, present(fitted.severity).tolist(), strict=True))
    for step in explanation.steps():
        assert {term.kind for term in step.terms} == {"severity", "city_severity"}
        assert sum(term.value for term in step.terms) == pytest.approx(severity[present(step.judge)], abs=1e-9)
        assert step.amount == pytest.approx(severity[present(step.judge)] / 3, abs=1e-9)


def test_judges_of_one_city_are_compared_with_the_whole_panel() -> None:
    ratings = simulated(n_cities=1)
    explanation = present(explain(fit(ratings, Settings(model="hierarchical")), 0))
    assert "city_severity" not in {term.kind for term in explanation.terms}
    assert any("than the panel" in term.text for term in explanation.terms)


def test_a_judge_who_scores_at_random_counts_less() -> None:
    ratings = simulated("random-judges")
    fitted = fit(ratings, Settings(model="hierarchical"))
    noisy = ratings.judges[int(np.argmax(present(fitted.consistency)))]
    terms = [
        term
        for explanation in scored(explain_all(fitted))
        for term in explanation.terms
        if term.judge == noisy and term.kind == "consistency"
    ]
    assert len(terms) == int(ratings.n_sheets_of_judge[ratings.judges.index(noisy)])
    assert all(term.value < 1 / 3 and "less informative" in term.text for term in terms)


def test_opinions_stay_inside_the_interval_of_their_mark() -> None:
    ratings = simulated("ceiling", n_proposals=60, n_judges=12)
    fitted = fit(ratings, Settings(model="hierarchical"))
    moved = terms_of(fitted).value["rounding"]
    inside = ((ratings.score > 1) & (ratings.score < 10)).all(axis=1)
    assert np.abs(moved[inside]).max() <= 0.5 + 1e-3
    top = (ratings.score == 10).all(axis=1)
    assert top.any()
    assert (moved[top] > 0).all()
