"""Write the minutes of a meeting as a file."""

from __future__ import annotations

from functools import partial

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.exports import minutes_file
from judging.translating import translate


def run(work: Work) -> None:
    """Write the minutes for the person who asked: without what is hidden from that person."""
    request = work.request
    with work.reading() as (session, actor):
        collected = minutes_file.collect_minutes(
            session,
            actor,
            request["competition"],
            request["round"],
            request["meeting"],
            language=request["language"],
            format=request["format"],
            translate=partial(translate, language=request["language"]),
        )
    progress.advance(Message("Writing the file"), 3, 10)
    file = minutes_file.write_minutes(collected)
    with work.finishing() as (session, actor):
        minutes_file.record_minutes(session, actor, collected, file, at=work.now())
        work.finish(session, file=file)
