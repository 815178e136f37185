"""The sealed rule: size, quotas, floors, ties, reserves."""

import numpy as np
import pytest

from judging.ranking import rank
from judging.shortlist import Field, Move, Shortlist, ShortlistRule, select, select_draws


def _among(city: str = "", category: str = "", **criteria: list[float]) -> Field:
    cities, categories = tuple(sorted(set(city))), tuple(sorted(set(category)))
    n = max(len(city), len(category))
    return Field(
        cities=cities,
        city=np.array([cities.index(one) for one in city] or [-1] * n),
        categories=categories,
        category=np.array([categories.index(one) for one in category] or [-1] * n),
        criterion_mean={name: np.array(values) for name, values in criteria.items()},
    )


def _select(scores: list[float], rule: ShortlistRule, among: Field | None = None) -> Shortlist:
    values = np.array(scores)
    return select(values, rank(values), rule, among=among or Field.plain(len(scores)))


def test_the_best_are_kept_and_the_cut_off_is_the_last_of_them() -> None:
    chosen = _select([60.0, 90.0, 70.0, 80.0], ShortlistRule(size=2, reserves=1))
    assert chosen == Shortlist(selected=(1, 3), reserves=(2,), cut_off=80.0, tied_at_line=(), moves=(), unmet=())


def test_tie_at_the_cutoff_keeps_both() -> None:
    chosen = _select([90.0, 80.0, 80.0, 70.0], ShortlistRule(size=2, reserves=2))
    assert chosen.selected == (0, 1, 2)
    assert chosen.tied_at_line == (1, 2)
    assert chosen.reserves == (3,)
    assert chosen.moves == (Move(2, True, "tie"),)


def test_a_tie_away_from_the_line_is_no_tie_at_the_line() -> None:
    chosen = _select([90.0, 90.0, 80.0, 70.0], ShortlistRule(size=3))
    assert (chosen.selected, chosen.tied_at_line) == ((0, 1, 2), ())


def test_who_has_no_score_is_never_kept() -> None:
    assert _select([np.nan, 80.0], ShortlistRule(size=2)).selected == (1,)


def test_an_empty_field_has_no_cut_off() -> None:
    chosen = _select([np.nan], ShortlistRule(size=2))
    assert (chosen.selected, chosen.cut_off) == ((), None)


def test_a_cap_passes_over_and_the_next_moves_up() -> None:
    rule = ShortlistRule(size=2, category_cap={"a": 1})
    chosen = _select([90.0, 80.0, 70.0], rule, _among(category="aab"))
    assert chosen.selected == (0, 2)
    assert chosen.moves == (Move(1, False, "category_cap", "a"), Move(2, True, "moved_up"))


def test_a_minimum_keeps_seats_free() -> None:
    rule = ShortlistRule(size=2, city_minimum={"w": 1})
    chosen = _select([90.0, 80.0, 70.0], rule, _among(city="eew"))
    assert chosen.selected == (0, 2)
    assert chosen.moves == (Move(1, False, "kept_for_minimum"), Move(2, True, "city_minimum", "w"))


def test_a_tie_at_a_cap_keeps_both() -> None:
    rule = ShortlistRule(size=3, category_cap={"a": 1})
    chosen = _select([90.0, 90.0, 70.0], rule, _among(category="aab"))
    assert chosen.selected == (0, 1, 2)
    assert chosen.tied_at_line == (0, 1)


def test_a_minimum_that_nobody_can_fill_takes_no_seat() -> None:
    rule = ShortlistRule(size=2, city_minimum={"w": 2})
    chosen = _select([90.0, 80.0, 70.0], rule, _among(city="eew"))
    assert chosen.selected == (0, 2)


def test_one_proposal_serves_a_city_and_a_category_at_once() -> None:
    rule = ShortlistRule(size=2, city_minimum={"w": 1}, category_minimum={"b": 1})
    chosen = _select([90.0, 80.0, 70.0, 60.0], rule, _among(city="eeww", category="aaab"))
    assert chosen.unmet == ()
    assert 3 in chosen.selected


def test_a_floor_excludes_whatever_the_total() -> None:
    rule = ShortlistRule(size=1, floors={"impact": 5.0})
    chosen = _select([90.0, 80.0], rule, _among(city="ee", impact=[4.0, 6.0]))
    assert chosen.selected == (1,)
    assert chosen.moves == (Move(0, False, "floor", "impact"), Move(1, True, "moved_up"))


def test_minima_beyond_the_seats_are_refused() -> None:
    with pytest.raises(ValueError, match="more seats than there are"):
        ShortlistRule(size=2, city_minimum={"e": 2, "w": 1})


@pytest.mark.parametrize(
    "rule",
    [
        ShortlistRule(size=4),
        ShortlistRule(size=4, city_minimum={"w": 2}, category_cap={"a": 2}),
        ShortlistRule(size=4, city_cap={"e": 2}, category_minimum={"b": 2}, floors={"impact": 0.0}),
    ],
)
def test_each_draw_is_judged_by_the_rule_that_judges_the_ranking(rule: ShortlistRule) -> None:
    rng = np.random.default_rng(0)
    among = _among(city="eewweewwee", category="aabbaabbab", impact=rng.normal(1, 1, 10).tolist())
    draws = rng.normal(size=(60, 10))
    draws[:, 4] = np.nan
    kept = select_draws(draws, rule, among=among)
    for values, row in zip(draws, kept, strict=True):
        assert sorted(select(values, rank(values), rule, among=among).selected) == np.flatnonzero(row).tolist()
