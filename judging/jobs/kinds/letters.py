"""Write the letters to teams as PDF."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.exports import letters_file


def run(work: Work) -> None:
    """Write every letter of the release in force."""
    where = work.request["competition"], work.request["round"]
    with work.reading() as (session, actor):
        collected = letters_file.collect_letters(session, actor, *where)
    file = letters_file.write_letters(
        collected, told=lambda done, total: progress.advance(Message("Writing the file"), done, total)
    )
    with work.finishing() as (session, actor):
        letters_file.record_letters(session, actor, collected, file, at=work.now())
        work.finish(session, file=file)
