"""Compare all models, and leave out every judge in turn, for a stored run."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.access import READERS, get_round
from judging.services.jobs import results
from judging.services.runs import calibration_runs, sensitivity


def run(work: Work) -> None:
    """Compare for run ``request["run"]`` of a round; a stored comparison is not computed again."""
    where = work.request["competition"], work.request["round"]
    number = work.request["run"]
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the scoresheets"), 0, 1)
        _, round_row = get_round(session, actor, *where, *READERS)
        stored_run = calibration_runs.get_run(session, actor, *where, number)
        given = sensitivity.read_input(session, round_row, stored_run)
        stored = results.find_result(session, given.digest)
    comparison = sensitivity.compute(given) if stored is None else stored
    with work.finishing() as (session, actor):
        _, round_row = get_round(session, actor, *where, *READERS)
        results.store_result(session, given.digest, sensitivity.KIND, round_row, comparison, at=work.now())
        work.finish(session, result={"run": number})
