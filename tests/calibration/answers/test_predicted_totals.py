import numpy as np
import pytest

from judging.calibration.answers.predicted_totals import one_way, predict_next


def test_moments_of_one_way_groups() -> None:
    grand, between, within = one_way(np.array([1.0, 3.0, 7.0, 9.0]), np.array([0, 0, 1, 1]), 2)
    assert (grand, within) == (5.0, 2.0)
    # Means 2 and 8 vary by 18, of which within / 2 = 1 is noise.
    assert between == pytest.approx(17.0)


def test_the_next_value_of_a_group_is_shrunk_towards_the_mean_of_all() -> None:
    found = predict_next(np.array([1.0, 3.0, 7.0, 9.0]), np.array([0, 0, 1, 1]), 2, of_groups=np.array([1, 0]))
    share = 2 / (2 + 2 / 17)
    assert found.mean == pytest.approx([5 + 3 * share, 5 - 3 * share])
    assert found.variance == pytest.approx([2 + 17 * (1 - share) + (1 - share) ** 2 * 19 / 2] * 2)


def test_groups_that_do_not_differ_are_predicted_by_the_mean_of_all() -> None:
    found = predict_next(np.array([1.0, 3.0, 1.0, 3.0]), np.array([0, 0, 1, 1]), 2, of_groups=np.array([0, 1]))
    assert found.mean.tolist() == [2.0, 2.0]
