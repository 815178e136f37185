"""What one more scoresheet for every proposal would bring, from the numbers of a calibration run."""

from __future__ import annotations

import numpy as np

from judging.assignment.next_assignments import wrong_share_after_round
from judging.assignment.scoresheet_noise import scoresheet_noise
from judging.calibration.report.whole import Report


def wrong_seats_after_round(report: Report) -> float | None:
    """Return the expected number of wrong seats with one more scoresheet for every proposal by a typical judge.

    None without a shortlist, without probabilities, or where the model has no variance between scoresheets.
    """
    chosen = report.shortlist
    if chosen is None or chosen.seat_errors is None:
        return None
    judges = [row.judge for row in report.judges if row.n_sheets]
    try:
        noise = scoresheet_noise(report, judges)
    except ValueError:
        return None
    p_shortlist, error = (
        np.array([np.nan if value is None else value for value in column], dtype=np.float64)
        for column in (
            [row.p_shortlist for row in report.proposals],
            [row.standard_error if report.carried is None else row.combined_standard_error for row in report.proposals],
        )
    )
    return chosen.seat_errors.wrong * wrong_share_after_round(p_shortlist, error, float(np.median(noise)))
