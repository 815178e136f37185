from typing import Any

import numpy as np
import pytest

from judging.calibration.diagnostics.cities import city_report
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import design_for, ratings_of, simulate

NOT_PART = "An advantage of being scored by one's own city is not part of this calibration."


def simulated(truth: str) -> Ratings:
    return ratings_of(simulate(design_for(truth), rng=np.random.default_rng(3)))


def said(model: str, **settings: Any) -> tuple[str | None, list[str]]:
    """The assumption about cities and the sentences of a round whose cities are linked."""
    cities, sentences = city_report(fit(simulated("default"), Settings(model=model, **settings)))
    return cities.assumption, [str(sentence) for sentence in sentences]


@pytest.mark.parametrize("model", MODELS)
def test_only_models_with_a_home_city_effect_speak_of_its_size(model: str) -> None:
    _, sentences = said(model)
    has_effect = model in ("mixed", "hierarchical")
    assert (NOT_PART in sentences) == (not has_effect)
    assert any(sentence.startswith("Scored by a judge of its own city") for sentence in sentences) == has_effect


def test_an_effect_that_is_ignored_is_not_part_of_the_calibration() -> None:
    assert NOT_PART in said("mixed", home_city="ignore")[1]


def test_raw_means_and_z_scores_make_an_assumption_about_cities_whatever_the_design() -> None:
    assert {model: said(model)[0] for model in MODELS} == {
        "raw": "equal severity",
        "additive": None,
        "mixed": None,
        "zscore": "equal quality",
        "hierarchical": None,
        "rasch": None,
    }
