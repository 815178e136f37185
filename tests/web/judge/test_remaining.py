"""What is left for a judge, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from judging.web.judge.remaining import in_words

NOW = datetime(2023, 7, 3, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("n", "left", "words"),
    [
        (3, timedelta(days=2, hours=1), ["3 proposals to score", "2 days left"]),
        (1, timedelta(hours=47), ["1 proposal to score", "47 hours left"]),
        (20, timedelta(minutes=30), ["20 proposals to score", "less than an hour left"]),
        (7, timedelta(minutes=-1), ["7 proposals to score"]),
    ],
)
def test_work_and_time_left_are_said_in_words(app: Flask, n: int, left: timedelta, words: list[str]) -> None:
    with app.test_request_context():
        assert in_words(n, NOW + left, NOW) == words
