"""Noise of one additional scoresheet of each judge, from the estimates of a calibration run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judging.assignment.roster import Floats
from judging.calibration.report.whole import Report


def scoresheet_noise(report: Report, judges: Sequence[str]) -> Floats:
    r"""Return the standard deviation of one additional scoresheet of each judge about a proposal's quality.

    Parameters
    ----------
    report : Report
        Of a calibration run.
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
    variances = report.variances
    residual = variances.get("residual")
    if residual is not None:
        weights = np.array([row.weight for row in report.criteria if row.n_scores], dtype=np.float64)
        weights = weights / weights.sum()
        # A model without a halo is a model of totals, and its residual is that of a total; others are of single
        # criteria.
        share = 1.0 if variances.get("judge_proposal") is None else float(weights @ weights)
        reading = residual * share + (variances.get("judge_proposal") or 0.0)
    else:
        spreads = [row.disagreement for row in report.proposals if row.disagreement is not None]
        reading = float(np.mean(np.square(spreads))) if spreads else 0.0
    if not reading > 0:
        raise ValueError("the run tells nothing of how readings of one proposal differ")
    rows = {row.judge: row for row in report.judges}
    error_of_any = float(np.sqrt(variances.get("judge") or 0.0))
    noise = []
    for judge in judges:
        row = rows.get(judge)
        error = error_of_any if row is None or row.standard_error is None else row.standard_error
        # 1, like the panel, where the model has no such factor.
        consistency = 1.0 if row is None else row.consistency or 1.0
        scale_use = 1.0 if row is None else row.scale_use or 1.0
        noise.append(np.sqrt(reading * consistency**2 + error**2) / scale_use)
    return np.array(noise, dtype=np.float64)
