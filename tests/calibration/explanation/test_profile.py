"""The criterion profile: where a proposal is against the middle half, and when nobody can tell."""

from __future__ import annotations

import numpy as np

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.explanation.profile import profiles_of

NAMES = [f"p{number:02}" for number in range(12)]
SEVERITY = {"strict": -20.0, "usual": 0.0, "lenient": 20.0}


def ratings(noise: float):  # type: ignore[no-untyped-def]  # the type is that of ratings_from_sheets
    """Twelve proposals worth 30, 34 .. 74, each read by two of three judges, with errors of one size."""
    rng = np.random.default_rng(1)
    proposals, judges, scores = [], [], []
    for number, name in enumerate(NAMES):
        for judge in [key for at, key in enumerate(SEVERITY) if at != number % 3]:
            proposals.append(name)
            judges.append(judge)
            scores.append(30 + 4 * number + SEVERITY[judge] + noise * rng.standard_normal())
    return ratings_from_sheets(proposals, judges, score=scores)


def test_places_follow_the_worth_and_not_the_judges() -> None:
    exact = ratings(1e-6)
    places = {name: profiles_of(exact)[name][0] for name in NAMES}
    assert [places[name].place for name in NAMES] == ["below"] * 3 + ["within"] * 6 + ["above"] * 3
    assert [places[name].value for name in NAMES] == [30 + 4 * number for number in range(12)]
    assert {(place.low, place.high) for place in places.values()} == {(41, 63)}


def test_a_value_that_errors_hide_is_not_told() -> None:
    noisy = ratings(60.0)
    (middle,) = profiles_of(noisy)["p05"]
    assert (middle.place, middle.value) == ("unknown", None)


def test_one_scoresheet_is_never_told() -> None:
    whole = ratings(1e-6)
    lonely = ratings_from_sheets(
        [*(whole.proposals[code] for code in whole.proposal), "p99"],
        [*(whole.judges[code] for code in whole.judge), "usual"],
        score=[*whole.score[:, 0], 50.0],
    )
    (place,) = profiles_of(lonely)["p99"]
    assert (place.place, place.value) == ("unknown", None)


def test_few_proposals_have_no_middle_half() -> None:
    few = ratings_from_sheets(["a", "a", "b", "b"], ["x", "y", "x", "y"], score=[8, 6, 5, 3])
    (place,) = profiles_of(few)["a"]
    assert (place.place, place.low, place.high) == ("unknown", None, None)
