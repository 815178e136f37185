"""The expected number of wrong seats: sums of probabilities, and as many as are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.report.hiding import without
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.shortlist import ShortlistRule


def test_as_many_seats_are_wrong_as_expected() -> None:
    expected, wrong = [], []
    for seed in range(12):
        challenge = simulate(Design(n_proposals=60, n_judges=12), rng=np.random.default_rng([5, seed]))
        ratings = ratings_of(challenge)
        settings = Settings(shortlist=ShortlistRule(size=12), n_draws=1000)
        chosen = build_report(fit(ratings, settings), explained=False).shortlist
        assert chosen is not None
        assert chosen.seat_errors is not None
        best = {ratings.proposals[code] for code in np.argsort(-challenge.quality)[:12]}
        expected.append(chosen.seat_errors.wrong)
        wrong.append(len(set(chosen.selected) - best))
    assert np.mean(wrong) == pytest.approx(np.mean(expected), abs=0.8)


def test_cities_and_categories_add_up_and_are_not_shown_with_something_hidden() -> None:
    ratings = ratings_of(simulate(Design(n_proposals=60, n_judges=12), rng=np.random.default_rng(2)))
    report = build_report(fit(ratings, Settings(shortlist=ShortlistRule(size=12), n_draws=500)), explained=False)
    chosen = report.shortlist
    assert chosen is not None
    assert chosen.seat_errors is not None
    p = {row.proposal: row.p_shortlist or 0.0 for row in report.proposals}
    assert chosen.seat_errors.wrong == pytest.approx(sum(1.0 - p[key] for key in chosen.selected))
    # Every draw fills twelve seats: what is wrong on one side is missed on the other.
    assert chosen.seat_errors.missed == pytest.approx(chosen.seat_errors.wrong)
    for rows in (chosen.seat_errors_by_city, chosen.seat_errors_by_category):
        assert sum(row.wrong for row in rows) == pytest.approx(chosen.seat_errors.wrong)
        assert sum(row.missed for row in rows) == pytest.approx(chosen.seat_errors.missed)
    hidden = without(report, frozenset({report.proposals[0].proposal})).shortlist
    assert hidden is not None
    assert (hidden.seat_errors, hidden.seat_errors_by_city, hidden.seat_errors_by_category) == (None, (), ())
