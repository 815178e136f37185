"""Order, ties and intervals of ranks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from judging.ranking import rank, rank_draws, rank_intervals


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    assert rank([70.0, 80.0, 70.0, 60.0]).tolist() == [2, 1, 2, 4]


def test_who_has_no_score_has_no_rank() -> None:
    assert rank([np.nan, 80.0, np.nan, 60.0]).tolist() == [0, 1, 0, 2]


def test_rounding_does_not_part_equal_scores() -> None:
    assert rank([0.1 + 0.2, 0.3]).tolist() == [1, 1]


def test_a_chain_of_near_ties_is_cut_at_the_tolerance_from_its_first() -> None:
    assert rank([1.0, 0.9, 0.8, 0.7], tolerance=0.15).tolist() == [1, 1, 3, 3]


def test_tie_breaks_are_asked_in_turn_and_only_among_those_who_tie() -> None:
    score = [70.0, 70.0, 70.0, 90.0]
    assert rank(score, tie_breaks=[[1.0, 1.0, 2.0, 0.0], [5.0, 6.0, 0.0, 0.0]]).tolist() == [4, 3, 2, 1]


def test_a_missing_tie_break_is_the_worst() -> None:
    assert rank([70.0, 70.0], tie_breaks=[[np.nan, 0.0]]).tolist() == [2, 1]


def test_who_ties_on_the_whole_chain_shares_a_rank() -> None:
    assert rank([70.0, 70.0, 70.0], tie_breaks=[[1.0, 1.0, 0.0]]).tolist() == [1, 1, 3]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_ranks_do_not_depend_on_the_order_of_rows(scores: list[int]) -> None:
    order = np.random.default_rng(len(scores)).permutation(len(scores))
    values = np.array(scores, dtype=float)
    assert rank(values)[order].tolist() == rank(values[order]).tolist()


def test_equal_draws_share_their_mean_place() -> None:
    draws = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 5.0], [1.0, 9.0, 9.0]])
    assert rank_draws(draws).tolist() == [[1, 3, 2], [2, 2, 2], [3, 1, 1]]


def test_columns_without_values_are_unranked_in_every_draw() -> None:
    assert rank_draws(np.array([[3.0, np.nan, 2.0], [1.0, np.nan, 2.0]])).tolist() == [[1, 0, 2], [2, 0, 1]]


def test_intervals_count_half_of_the_probability_of_their_end_ranks() -> None:
    ranks = np.repeat(np.array([[1], [2], [3], [4]], dtype=np.int32), [5, 45, 44, 6], axis=0)
    ends = [rank_intervals(ranks, interval=level) for level in (0.5, 0.9, 0.96)]
    assert [(low.tolist(), high.tolist()) for low, high in ends] == [([2], [3]), ([2], [3]), ([1], [4])]
    # Two proposals: the first alone at rank 1 as soon as that has the stated probability, and no sooner.
    for times, expected in ((91, [1]), (89, [2])):
        ranks = np.repeat(np.array([[1, 2], [2, 1]], dtype=np.int32), [times, 100 - times], axis=0)
        assert rank_intervals(ranks, interval=0.9)[1][:1].tolist() == expected


def test_intervals_of_whole_numbers_hold_nearly_what_they_say_on_average() -> None:
    rng = np.random.default_rng(1)
    for n, spread in ((12, 0.6), (40, 0.5)):
        held = []
        for _ in range(30):
            ranks = rank_draws(rng.standard_normal(n) + spread * rng.standard_normal((2000, n)))
            low, high = rank_intervals(ranks, interval=0.9)
            held.append(np.mean((low <= ranks) & (ranks <= high)))
        # A single rank can hold more than 90 % alone, which no choice of ends avoids.
        assert 0.89 < np.mean(held) < 0.93
