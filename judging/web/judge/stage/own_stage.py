"""The stage as one judge sees it: who is there, and which of the pitches so far this judge has not submitted."""

from __future__ import annotations

from dataclasses import dataclass

from judging import request as this
from judging.services.pitches.state import PitchesState, state_of
from judging.services.scoresheets.queues import GIVEN_BACK, SUBMITTED, Entry, Queue, RoundQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStage:
    """The pitches of a round on a judge's page; ``here`` is the key of the proposal of the page, if any."""

    state: PitchesState
    here: str
    entries: tuple[Entry, ...]
    is_open: bool

    @property
    def current_key(self) -> str:
        """Return the key of the proposal that is called or on the stage."""
        return "" if self.state.current is None else self.state.current.proposal.key

    @property
    def entry(self) -> Entry | None:
        """Return the judge's own assignment of the proposal on the stage."""
        return next((entry for entry in self.entries if entry.proposal.key == self.current_key), None)

    @property
    def unfinished(self) -> list[Entry]:
        """Return the pitches before, apart from this page's, whose scoresheets are not submitted as they are."""
        begun = {one.proposal.key for one in self.state.order if one.began_at is not None}
        return [
            entry
            for entry in self.entries
            if entry.proposal.key in begun - {self.current_key, self.here}
            and entry.state not in (SUBMITTED, *GIVEN_BACK)
        ]


def own_stage(queue: Queue, round_queue: RoundQueue, *, here: str = "") -> OwnStage:
    """Return the stage of a round with pitches, for the judge of a queue."""
    state = state_of(this.session(), queue.competition, round_queue.row)
    return OwnStage(state=state, here=here, entries=round_queue.entries, is_open=round_queue.is_open)
