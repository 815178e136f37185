"""Write the method report of a calibration run."""

from __future__ import annotations

from functools import partial

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.exports import method_report_file
from judging.translating import translate


def run(work: Work) -> None:
    """Write the report for the person who asked: without what is hidden from that person."""
    request = work.request
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the results"), 0, 10)
        collected = method_report_file.collect_method_report(
            session,
            actor,
            request["competition"],
            request["round"],
            run_number=request["run"],
            language=request["language"],
            format=request["format"],
            translate=partial(translate, language=request["language"]),
            at=work.now(),
        )
    progress.advance(Message("Writing the file"), 3, 10)
    file = method_report_file.write_method_report(collected)
    with work.finishing() as (session, actor):
        method_report_file.record_method_report(session, actor, collected, file, at=work.now())
        work.finish(session, file=file)
