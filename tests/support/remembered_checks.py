"""The model check of a fit, computed once: many tests calibrate the same scores, and it takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path

import pytest

from judging.calibration import build_report
from judging.calibration.checks import model_check
from judging.calibration.estimates import Fit
from judging.calibration.report.checks import ModelCheckResult
from judging.services.runs import calibration_runs
from tests.support.shared_files import made_once


@contextmanager
def remembering(shared: Path | None) -> Iterator[None]:
    """While the block runs, answer a second check as the first, if scores, settings and estimates are the same.

    Answers are kept in the folder ``shared`` for other processes; None for a process alone.
    """
    answers: dict[tuple[object, ...], ModelCheckResult] = {}

    @wraps(model_check.check_model)
    def check_once(fit: Fit) -> ModelCheckResult:
        key = (fit.ratings.digest, repr(fit.settings), fit.seed, fit.model, fit.calibrated.tobytes())
        if key not in answers:
            answers[key] = made_once(shared, key, partial(model_check.check_model, fit))
        return answers[key]

    with pytest.MonkeyPatch.context() as patch:
        for module in (build_report, calibration_runs):
            patch.setattr(module, "check_model", check_once)
        yield
