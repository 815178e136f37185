"""Write a round's results bundle."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.bundle import making
from judging.services.jobs.job_requests import File


def run(work: Work) -> None:
    """Write the bundle of run ``request["run"]``; None is the run of the release in force, or else the newest."""
    request = work.request
    with work.reading() as (session, actor):
        progress.advance(Message("Reading the results"), 0, 10)
        collected = making.collect_bundle(
            session,
            actor,
            request["competition"],
            request["round"],
            run_number=request["run"],
            language=request["language"],
            at=work.now(),
        )
    progress.advance(Message("Writing the file"), 3, 10)
    content = making.write_bundle(collected, made_by=actor.name, at=work.now())
    with work.finishing() as (session, actor):
        making.record_bundle(session, actor, collected, content, at=work.now())
        work.finish(session, file=File(name=collected.filename, media_type="application/zip", content=content))
