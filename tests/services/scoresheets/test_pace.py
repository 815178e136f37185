"""How fast one person may save."""

import pytest

from judging.errors import TooFast
from judging.services.scoresheets.pace import Pace


def test_so_many_versions_a_minute_and_no_more() -> None:
    pace = Pace(3)
    for second in (0.0, 10.0, 20.0):
        pace.count(1, at=second)
    with pytest.raises(TooFast) as caught:
        pace.count(1, at=25.0)
    assert caught.value.retry_after_seconds == 35
    pace.count(1, at=60.0)


def test_a_refused_version_is_not_counted() -> None:
    pace = Pace(1)
    pace.count(1, at=0.0)
    for second in (1.0, 30.0, 59.0):
        with pytest.raises(TooFast):
            pace.count(1, at=second)
    pace.count(1, at=60.0)


def test_people_do_not_count_for_each_other() -> None:
    pace = Pace(1)
    pace.count(1, at=0.0)
    pace.count(2, at=0.0)
    with pytest.raises(TooFast):
        pace.count(2, at=1.0)


def test_zero_is_no_limit() -> None:
    pace = Pace(0)
    for _ in range(1000):
        pace.count(1, at=0.0)
