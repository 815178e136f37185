"""Which judges share proposals: each pair counted once, ordered by city, in numbers as well."""

from itertools import pairwise

import pytest

from judging.web.chair.results.linkage_picture import LARGEST, picture_of

READINGS = [("J1", "P1"), ("J2", "P1"), ("J3", "P1"), ("J1", "P2"), ("J3", "P2"), ("J1", "P2"), ("J4", "P9")]
CITIES = {"J1": "sh", "J2": "hk", "J3": "sh", "J4": "hk"}


def test_a_square_counts_the_proposals_that_both_have_read() -> None:
    shown = picture_of(READINGS, cities=CITIES, linked_sets=[["J1", "J2", "J3"], ["J4"]])
    assert [(sharing.judge, sharing.n_sheets, sharing.n_other_city, sharing.others) for sharing in shown.judges] == [
        ("J2", 1, 2, (("J1", 1), ("J3", 1))),
        ("J4", 1, 0, ()),
        ("J1", 2, 1, (("J3", 2), ("J2", 1))),
        ("J3", 2, 1, (("J1", 2), ("J2", 1))),
    ]
    places = {
        ((cell.y - shown.margin) // shown.side, (cell.x - shown.margin) // shown.side): cell.n for cell in shown.cells
    }
    assert places == {(0, 2): 1, (0, 3): 1, (2, 0): 1, (2, 3): 2, (3, 0): 1, (3, 2): 2}


def test_judges_of_a_city_form_one_block() -> None:
    shown = picture_of(READINGS, cities=CITIES, linked_sets=[])
    assert [(block.city, block.start, block.length) for block in shown.blocks] == [("hk", 0, 2), ("sh", 2, 2)]


def test_nobody_has_scored() -> None:
    shown = picture_of([], cities={}, linked_sets=[])
    assert (shown.judges, shown.cells, shown.blocks, shown.steps) == ((), (), (), ())


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 7, 40])
def test_shades_divide_all_counts_without_gap(most: int) -> None:
    readings = [(judge, f"P{number}") for judge in ("A", "B") for number in range(most)]
    steps = picture_of(readings, cities={}, linked_sets=[]).steps
    assert (steps[0][0], steps[-1][1]) == (1, most)
    assert all(lower[1] + 1 == higher[0] for lower, higher in pairwise(steps))


def test_with_many_judges_only_the_table_is_shown() -> None:
    readings = [(f"J{number:03}", f"P{number // 2}") for number in range(LARGEST + 1)]
    assert not picture_of(readings, cities={}, linked_sets=[]).is_drawn
