"""The usual order in which a panel discusses proposals."""

from __future__ import annotations

from collections.abc import Iterable

from judging.calibration.report.proposals import ProposalResult
from judging.final_shortlist import FinalShortlist


def discussion_order(final: FinalShortlist, results: Iterable[ProposalResult]) -> list[str]:
    """Return keys: first the tie band by distance from the cut-off, then the rest of the shortlist by rank.

    ``results`` are those that the reader may see.
    """
    visible = {result.proposal: result for result in results}
    band = [result for key, result in visible.items() if result.tie_band or key in final.tied]
    band.sort(key=lambda result: (abs((result.p_shortlist or 0.0) - 0.5), result.rank or 0, result.proposal))
    first = [result.proposal for result in band]
    return [*first, *(key for key in final.selected if key in visible and key not in first)]
