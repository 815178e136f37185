"""A round of the standard simulation, and what `hierarchical` makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import Challenge, ratings_of, simulate
from judging.calibration.truths import design_for

HIERARCHICAL = Settings(model="hierarchical")


def challenge(truth: str = "default", seed: int = 11, **sizes: Any) -> Challenge:
    return simulate(replace(design_for(truth), **sizes), rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def round_() -> Challenge:
    return challenge()


@pytest.fixture(scope="module")
def fitted(round_: Challenge) -> Fit:
    return fit(ratings_of(round_), HIERARCHICAL)
