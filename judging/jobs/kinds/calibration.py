"""Calibrate a round and store the run; the comparison of models for it is asked for in the same transaction."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.runs import calibrating, sensitivity


def run(work: Work) -> None:
    """Calibrate a round with the model ``request["model"]``; None is the model of the rules."""
    where = work.request["competition"], work.request["round"]
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the scoresheets"), 0, 1)
        prepared = calibrating.prepare_calibration(session, actor, *where, model=work.request.get("model"))
    result = calibrating.compute_result(prepared)
    with work.finishing() as (session, actor):
        stored = calibrating.store_run(session, actor, prepared, result, at=work.now())
        work.finish(session, result={"run": stored.number})
        sensitivity.request_comparison(session, actor, *where, stored.number, at=work.now())
