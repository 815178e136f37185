"""How long a meeting will still take: what is open on its agenda, at the pace of the meeting so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from judging.final_shortlist import Verdict
from judging.web.chair.decisions.standings import Standings

USUAL_MINUTES = 5
"""For a proposal, before the meeting has a pace of its own."""

_ENOUGH_TO_MEASURE = 3


@dataclass(frozen=True, slots=True)
class RemainingTime:
    """What is left of an agenda.

    Attributes
    ----------
    n_open : int
        Proposals on the agenda that the scores do not settle and nobody has decided on.
    minutes_each : int
        Minutes for one, at least 1.
    is_measured : bool
        Whether that is the pace of this meeting.
    """

    n_open: int
    minutes_each: int
    is_measured: bool

    @property
    def minutes(self) -> int:
        """Return the minutes for all that is open."""
        return self.n_open * self.minutes_each


def remaining_time(
    agenda: Sequence[str], standings: Standings, decisions: Sequence[Verdict], *, opened_at: datetime
) -> RemainingTime:
    """Return what is left of an agenda; ``decisions`` are all of the round, oldest first."""
    listed = [standing for key in agenda if (standing := standings.by_key.get(key)) is not None]
    n_open = sum(
        1 for standing in listed if (standing.tied or standing.row.result.tie_band) and standing.verdict is None
    )
    made = [decision for decision in decisions if decision.decided_at >= opened_at]
    n_decided = len({decision.proposal for decision in made})
    if n_decided < _ENOUGH_TO_MEASURE:
        return RemainingTime(n_open, USUAL_MINUTES, is_measured=False)
    spent = (made[-1].decided_at - opened_at).total_seconds() / 60
    return RemainingTime(n_open, max(round(spent / n_decided), 1), is_measured=True)
