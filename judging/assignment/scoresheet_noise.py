"""Noise of one additional scoresheet of each judge, from the estimates of a calibration run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from judging.assignment.roster import Floats


def scoresheet_noise(result: Mapping[str, Any], judges: Sequence[str]) -> Floats:
    r"""Return the standard deviation of one additional scoresheet of each judge about a proposal's quality.

    Parameters
    ----------
    result : mapping
        Of a calibration run (`judging.calibration.report.as_dict`).
    judges : sequence of str
        Candidates; a judge without a scoresheet in the run is taken as an average judge of the panel.

    Returns
    -------
    noise : ndarray of shape (n_judges,)
        :math:`\sqrt{f_j^2 (h + e \sum_c w_c^2) + t_j^2} / a_j` in the units of the calibrated scores: halo :math:`h`,
        residual :math:`e`, consistency factor :math:`f_j`, error of the judge's severity :math:`t_j`, scale use
        :math:`a_j`.

    Raises
    ------
    ValueError
        When the run has no estimate of the variance between scoresheets of one proposal.
    """
    variances = result["variances"]
    if variances.get("residual") is not None:
        weights = np.array(
            [criterion["weight"] for criterion in result["criteria"] if criterion["n_scores"]], dtype=np.float64
        )
        weights = weights / weights.sum()
        # A model without a halo is one of totals, and so is its residual; other residuals are those of single criteria.
        share = 1.0 if variances.get("judge_proposal") is None else float(weights @ weights)
        reading = variances["residual"] * share + (variances.get("judge_proposal") or 0.0)
    else:
        disagreements = [row["disagreement"] for row in result["proposals"] if row["disagreement"] is not None]
        reading = float(np.mean(np.square(disagreements))) if disagreements else 0.0
    if not reading > 0:
        raise ValueError("the run tells nothing of how readings of one proposal differ")
    rows = {row["judge"]: row for row in result["judges"]}
    unknown = {"standard_error": float(np.sqrt(variances.get("judge") or 0.0))}
    noise = []
    for judge in judges:
        row: Mapping[str, Any] = rows.get(judge, unknown)
        error = row["standard_error"] if row["standard_error"] is not None else unknown["standard_error"]
        spread = reading * _estimate(row, "consistency") ** 2 + error**2
        noise.append(np.sqrt(spread) / _estimate(row, "scale_use"))
    return np.array(noise, dtype=np.float64)


def _estimate(row: Mapping[str, Any], name: str) -> float:
    """Return a judge's factor, 1 (like the panel) where the model has none."""
    return row.get(name) or 1.0
