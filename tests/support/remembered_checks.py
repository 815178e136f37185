"""The model check of a fit, computed once in a process: many tests calibrate the same scores, and it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps

import pytest

from judging.calibration import build_report
from judging.calibration.checks import model_check
from judging.calibration.estimates import Fit
from judging.calibration.report.checks import ModelCheckResult
from judging.services.runs import calibration_runs


@contextmanager
def remembering() -> Iterator[None]:
    """While the block runs, answer a second check as the first, if scores, settings and estimates are the same."""
    answers: dict[tuple[object, ...], ModelCheckResult] = {}

    @wraps(model_check.check_model)
    def check_once(fit: Fit) -> ModelCheckResult:
        key = (fit.ratings.digest, repr(fit.settings), fit.seed, fit.model, fit.calibrated.tobytes())
        if key not in answers:
            answers[key] = model_check.check_model(fit)
        return answers[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (build_report, calibration_runs):
            patch.setattr(module, "check_model", check_once)
        yield
