"""The model check of a run: what its assumptions were tested on, and whether its numbers can carry a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PASSED, NOTED, RESERVED, FAILED, LEFT_OUT = "passed", "noted", "reservation", "failed", "left_out"
"""States of a check, by weight: passed; found, and the model allows for it; found, and people must look; found, and the
model does not allow for it. ``left_out``: the data or the model have nothing to test."""

DECIDE, WITH_RESERVATION, DO_NOT_DECIDE = "decide", "with_reservation", "do_not_decide"
"""Verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAssumption:
    """One assumption and what was found.

    Attributes
    ----------
    name : str
        One of ``CHECKS`` of `judging.calibration.checks.model_check`.
    state : str
        ``passed``, ``noted``, ``reservation``, ``failed`` or ``left_out``.
    statistic : float or None
        What was measured; the larger, the further from the assumption.
    p : float or None
        Probability of a statistic as large where the assumption holds, by simulation from the fitted model; None for
        checks that count or compare without chance.
    text, template, values
        The finding in words, as in `judging.calibration.report.estimates.NoteTemplate`.
    consequence : str or None
        What it changes, in English; its own template. None where nothing was found.
    """

    name: str
    state: str
    statistic: float | None
    p: float | None
    text: str
    template: str
    values: Mapping[str, Any]
    consequence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheckResult:
    """All checks of a run and the verdict.

    Attributes
    ----------
    verdict : str
        ``decide``, ``with_reservation`` or ``do_not_decide``.
    text : str
        The verdict in English; its own template.
    level : float
        Probability that a round in which every assumption holds fails one of the simulated checks.
    n_simulated : int
        Rounds simulated from the fitted model; 0 where the round is too large.
    checks : tuple of CheckedAssumption
    """

    verdict: str
    text: str
    level: float
    n_simulated: int
    checks: tuple[CheckedAssumption, ...]
