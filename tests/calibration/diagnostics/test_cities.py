from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from judging.calibration.diagnostics.cities import city_report
from judging.calibration.estimates import Estimate
from judging.calibration.fit import fit
from judging.calibration.ratings import Ratings
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import design_for

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
    assert any("scored by a judge of its own city" in sentence.lower() for sentence in sentences) == has_effect


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


@pytest.mark.parametrize(
    ("estimate", "error", "begin"),
    [
        (1.79, 4.0, "No clear advantage of being scored by a judge of its own city: +1.79 points (standard error 4)."),
        (1.79, 0.5, "Scored by a judge of its own city, a proposal gets 1.79 points more (standard error 0.5)."),
        (-1.79, 0.5, "Scored by a judge of its own city, a proposal gets 1.79 points less (standard error 0.5)."),
    ],
)
@pytest.mark.parametrize(
    ("policy", "end"), [("adjust", "It is taken out"), ("report", "This is reported only: it is still in the scores.")]
)
def test_an_advantage_within_its_error_is_not_called_one(
    estimate: float, error: float, begin: str, policy: str, end: str
) -> None:
    fitted = fit(simulated("default"), Settings(model="mixed", home_city=policy))
    fitted = replace(fitted, fixed={**fitted.fixed, "home_city": Estimate(estimate, error)})
    sentence = str(city_report(fitted)[1][-1])
    assert sentence.startswith(begin)
    assert end in sentence
