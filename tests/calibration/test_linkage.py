"""Identifiability of designs: linked sets, cross-city scoresheets."""

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.linkage import find_linkage
from judging.calibration.models.additive.model import fit_additive
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.errors import NotLinked
from tests.support.optional import present
from tests.support.reports import report_dict


def _design(*readings: str) -> Ratings:
    """Make scores for assignments such as `e1 w2`: proposal and judge, city first."""
    pairs = [reading.split() for reading in readings]
    proposals, judges = [f"p-{p}" for p, _ in pairs], [f"j-{j}" for _, j in pairs]
    return ratings_from_sheets(
        proposals,
        judges,
        score=np.arange(len(pairs)) * 7.0 % 5.0,
        proposal_city={name: name[2] for name in proposals},
        judge_city={name: name[2] for name in judges},
    )


BOTH = ("e1 e1", "e1 e2", "e2 e1", "e2 w1", "w1 w1", "w1 w2", "w2 w2", "w2 e2")
ONE_WAY = ("e1 e1", "e1 e2", "e2 e1", "e2 w1", "w1 w1", "w1 w2", "w2 w2", "w2 w1")
NONE = ("e1 e1", "e1 e2", "e2 e1", "w1 w1", "w1 w2", "w2 w2")
# Half of the scoresheets are cross-city, and still there are two linked sets: each expert scores only one theme.
ROTATION = ("e1 e1", "e1 w1", "w1 e1", "w1 w1", "e2 e2", "e2 w2", "w2 e2", "w2 w2")


@pytest.mark.parametrize(
    ("readings", "links", "n_sets", "home", "severity"),
    [
        (BOTH, "both", 1, True, True),
        (ONE_WAY, "one_way", 1, False, False),
        (NONE, "none", 2, False, False),
        (ROTATION, "both", 2, True, False),
    ],
    ids=["both", "one way", "none", "rotation"],
)
def test_what_can_be_told_of_cities(
    readings: tuple[str, ...], links: str, n_sets: int, home: bool, severity: bool
) -> None:
    linkage = find_linkage(_design(*readings))
    assert (linkage.links, linkage.n_linked_sets) == (links, n_sets)
    assert (linkage.home_identified, linkage.severity_identified) == (home, severity)


def test_cross_city_readings_are_counted_in_both_directions() -> None:
    assert find_linkage(_design(*BOTH)).cross_city.tolist() == [[3, 1], [1, 3]]


def test_connectivity_is_one_when_all_read_all_and_zero_when_cut() -> None:
    crossed = _design(*(f"{p} {j}" for p in ("e1", "e2", "w1") for j in ("e1", "e2", "w1")))
    assert find_linkage(crossed).algebraic_connectivity == pytest.approx(1.0)
    assert find_linkage(_design(*NONE)).algebraic_connectivity == 0.0
    assert 0.0 < find_linkage(_design(*BOTH)).algebraic_connectivity < 1.0


def test_large_panels_get_the_connectivity_of_small_ones() -> None:
    rng = np.random.default_rng(0)
    proposal = np.repeat(np.arange(900), 3)
    judge = rng.integers(0, 320, 2700)
    ratings = ratings_from_sheets([f"p{p}" for p in proposal], [f"j{j}" for j in judge], score=rng.normal(size=2700))
    readings = np.zeros((ratings.n_proposals, ratings.n_judges))
    np.add.at(readings, (ratings.proposal, ratings.judge), 1.0)
    of_judge, of_proposal = readings.sum(axis=0), readings.sum(axis=1)
    laplacian = np.diag(of_judge) - readings.T @ (readings / of_proposal[:, None])
    scaled = laplacian / np.sqrt(np.outer(of_judge, of_judge))
    assert find_linkage(ratings).algebraic_connectivity == pytest.approx(np.linalg.eigvalsh(scaled)[1], abs=1e-4)


def test_additive_refuses_and_names_the_sets_and_the_remedy() -> None:
    with pytest.raises(NotLinked, match="share no proposal") as caught:
        fit(_design(*NONE), Settings(model="additive"))
    assert caught.value.linked_sets == (("j-e1", "j-e2"), ("j-w1", "j-w2"))
    assert "`mixed`" in str(caught.value)


def test_mixed_calibrates_across_sets_and_names_its_assumption() -> None:
    report = report_dict(fit(_design(*NONE), Settings(model="mixed")))
    assert report["cities"]["identified"] is False
    assert report["cities"]["assumption"] == "prior"
    assert [part["judges"] for part in report["linked_sets"]] == [["j-e1", "j-e2"], ["j-w1", "j-w2"]]
    assert any("Assumption in force" in note for note in report["notes"])


def test_additive_severities_sum_to_zero_and_are_those_of_least_squares() -> None:
    ratings = _design(*BOTH)
    linkage = fit_additive(ratings, Settings(model="additive"), find_linkage(ratings))
    assert present(linkage.severity).sum() == pytest.approx(0.0, abs=1e-12)
    n, n_p = ratings.n_sheets, ratings.n_proposals
    design = np.zeros((n + 1, n_p + ratings.n_judges))
    design[np.arange(n), ratings.proposal] = 1.0
    design[np.arange(n), n_p + ratings.judge] = -1.0
    design[n, n_p:] = 1.0
    solved, squares, *_ = np.linalg.lstsq(design, np.r_[ratings.total, 0.0])
    np.testing.assert_allclose(np.r_[linkage.calibrated, present(linkage.severity)], solved, atol=1e-12)
    variance = squares[0] / (n - n_p - ratings.n_judges + 1) * np.linalg.inv(design.T @ design)
    # The constraint as a row of data would add to the information of the mean of severities, which is not estimated.
    project = np.eye(ratings.n_judges) - 1.0 / ratings.n_judges
    np.testing.assert_allclose(
        present(linkage.severity_error) ** 2, np.diag(project @ variance[n_p:, n_p:] @ project), rtol=1e-9
    )
    error = linkage.standard_error
    contrast = np.zeros(n_p)
    contrast[[0, 1]] = 1.0, -1.0
    draws = present(linkage.sample)(20_000, np.random.default_rng(0)) @ contrast
    assert draws.std() == pytest.approx(np.sqrt(contrast @ variance[:n_p, :n_p] @ contrast), rel=0.03)
    assert (error > 0).all()
