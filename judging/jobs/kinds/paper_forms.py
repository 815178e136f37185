"""Write blank scoresheets."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.exports import paper_forms


def run(work: Work) -> None:
    """Write the blank scoresheets that were asked for, each in the language of its judge."""
    request = work.request
    with work.reading() as (session, actor):
        collected = paper_forms.collect_forms(
            session,
            actor,
            request["competition"],
            request["round"],
            judge_key=request["judge"],
            proposal_key=request["proposal"],
        )
    file = paper_forms.write_forms(
        collected, told=lambda done, total: progress.advance(Message("Writing the file"), done, total)
    )
    with work.finishing() as (session, actor):
        paper_forms.record_forms(session, actor, collected, at=work.now())
        work.finish(session, file=file)
