"""Write the results of a round as a workbook, or its ranking as CSV."""

from __future__ import annotations

from functools import partial

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.exports import workbook
from judging.services.jobs.job_requests import File
from judging.translating import translate

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def run(work: Work) -> None:
    """Write the file for the person who asked: without what is hidden from that person."""
    request = work.request
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the results"), 0, 10)
        collected = workbook.collect_export(
            session,
            actor,
            request["competition"],
            request["round"],
            run_number=request["run"],
            language=request["language"],
            format=request["format"],
            translate=partial(translate, language=request["language"]),
            # A job asked for before there was a choice has none.
            languages={tag: partial(translate, language=tag) for tag in request.get("languages", ())},
            at=work.now(),
        )
    progress.advance(Message("Writing the file"), 3, 10)
    content = workbook.write_export(collected)
    with work.finishing() as (session, actor):
        workbook.record_export(session, actor, collected, at=work.now())
        work.finish(
            session,
            file=File(name=collected.filename, media_type=MEDIA_TYPES[request["format"]], content=content),
        )
