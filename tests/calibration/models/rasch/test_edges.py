"""The edges of the Rasch model: few, equal, separated and refused scores."""

import numpy as np
import pytest

from benchmarks.support.troubled_rounds import ROUNDS
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.errors import CalibrationError, NotLinked
from tests.calibration.models.rasch.test_model import measures_of, small
from tests.support.optional import present


def test_an_unused_category_keeps_its_place() -> None:
    ratings = small()
    score = np.where(ratings.score == 3, 4, ratings.score)
    with_gap = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal],
        [ratings.judges[code] for code in ratings.judge],
        score=score,
        criteria=ratings.criteria,
    )
    measures = measures_of(fit(with_gap, Settings(model="rasch")))
    assert measures.likelihood.scales[0].category.tolist() == [0, 1, 2, 4]
    assert np.isnan(measures.thresholds(0)).tolist() == [False, False, True, True]


def test_continuous_scores_are_refused() -> None:
    rng = np.random.default_rng(0)
    ratings = ratings_from_sheets(list("aabbcc"), list("xyxyxy"), score=rng.normal(50, 10, 6))
    with pytest.raises(CalibrationError, match="choose the model `mixed`"):
        fit(ratings, Settings(model="rasch"))


def test_a_score_off_the_stated_step_is_refused_by_name() -> None:
    ratings = ratings_from_sheets(list("aabb"), list("xyxy"), score=[1, 2, 2.5, 3], minimum=0, maximum=5, step=1)
    with pytest.raises(CalibrationError, match=r"score: the score 2\.5 is not a whole number of steps of 1"):
        fit(ratings, Settings(model="rasch"))


def test_several_linked_sets_are_refused() -> None:
    ratings = ratings_from_sheets(list("aabbccdd"), list("xyxyzwzw"), score=[1, 2, 2, 3, 1, 3, 2, 2])
    with pytest.raises(NotLinked):
        fit(ratings, Settings(model="rasch"))


def test_scores_that_split_without_contradiction_are_held_back_and_keep_their_order() -> None:
    ratings = ratings_from_sheets(list("abcd"), ["x"] * 4, score=[1, 2, 3, 4])
    result = fit(ratings, Settings(model="rasch"))
    assert np.diff(result.calibrated).min() > 0
    assert np.isfinite(result.standard_error).all()
    assert "separate perfectly" in result.notes[0]


@pytest.mark.parametrize("score", [[3, 3, 3, 3], [1, 1, 4, 4], [4, 4, 4, 1]])
def test_few_and_equal_scores_give_finite_answers(score: list[float]) -> None:
    result = fit(ratings_from_sheets(list("aabb"), list("xyxy"), score=score), Settings(model="rasch"))
    assert np.isfinite(result.calibrated).all()
    assert np.isfinite(present(result.severity)).all()


@pytest.mark.parametrize(
    ("proposals", "score", "criteria"),
    [(("a", "a", "b"), [2, 4, 5], ("c",)), (("a", "b"), [[5, 4], [7, 7]], ("c", "d"))],
)
def test_a_threshold_that_the_other_effects_explain_is_held_back_too(
    proposals: tuple[str, ...], score: list[float], criteria: tuple[str, ...]
) -> None:
    judges = ["x"] * len(proposals)
    ratings = ratings_from_sheets(proposals, judges, score=score, criteria=criteria, minimum=1, maximum=10, step=1)
    result = fit(ratings, Settings(model="rasch"))
    assert "separate perfectly" in result.notes[0]
    assert np.isfinite(result.standard_error).all()


def test_standard_errors_that_a_score_far_out_makes_useless_are_named() -> None:
    notes = {
        name: [str(note) for note in fit(ROUNDS[name](np.random.default_rng(1)).ratings, Settings(model="rasch")).notes]
        for name in ("far-out", "small")
    }
    named = {name: any("the spread of all calibrated scores" in note for note in notes[name]) for name in notes}
    assert named == {"far-out": True, "small": False}


def test_row_order_changes_nothing() -> None:
    ratings = small()
    order = np.random.default_rng(1).permutation(ratings.n_sheets)
    shuffled = ratings_from_sheets(
        [ratings.proposals[code] for code in ratings.proposal[order]],
        [ratings.judges[code] for code in ratings.judge[order]],
        score=ratings.score[order],
        criteria=ratings.criteria,
    )
    one, other = fit(ratings, Settings(model="rasch")), fit(shuffled, Settings(model="rasch"))
    assert one.calibrated.tolist() == other.calibrated.tolist()
    assert one.standard_error.tolist() == other.standard_error.tolist()


def test_every_edge_is_defined() -> None:
    hole = np.nan
    cases: dict[str, tuple[str, str, list[list[float]]]] = {
        "one judge": ("abc", "xxx", [[1], [2], [3]]),
        "one proposal": ("aaa", "xyz", [[1], [2], [3]]),
        "one sheet": ("a", "x", [[3, 4]]),
        "a judge with all highest": ("abcabcabc", "xxxyyyzzz", [[1], [2], [3], [3], [3], [3], [1], [3], [2]]),
        "a criterion nobody used": ("abab", "xxyy", [[1, hole], [2, hole], [2, hole], [1, hole]]),
        "a criterion with one value": ("abcab", "xxxyy", [[1, 5], [2, 5], [hole, 5], [2, 5], [1, 5]]),
        "judges who share no criterion": (
            "ababab",
            "xxyyzz",
            [[1, hole], [2, hole], [hole, 3], [hole, 2], [2, 1], [3, 3]],
        ),
        "agreement": ("abcabc", "xxxyyy", [[1], [2], [3], [1], [2], [3]]),
    }
    for name, (proposal, judge, score) in cases.items():
        ratings = ratings_from_sheets(
            list(proposal),
            list(judge),
            score=np.array(score, dtype=float),
            criteria=[f"c{k}" for k in range(len(score[0]))],
            proposals=["unread"],
        )
        result = fit(ratings, Settings(model="rasch"))
        assert np.isfinite(result.calibrated[:-1]).all(), name
        assert np.isnan(result.calibrated[-1]), name
        if result.sample is not None:
            assert np.isfinite(result.draw(20, np.random.default_rng(0))[:, :-1]).all(), name
