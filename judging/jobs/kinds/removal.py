"""Remove the personal data of an archived competition."""

from __future__ import annotations

from judging import db, progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.personal_data import removing


def run(work: Work) -> None:
    """Replace names entry by entry, then the rows of people; interrupted, it goes on where it was."""
    with work.reading() as (session, actor):
        removal = removing.prepare_removal(
            session, actor, work.request["competition"], typed=work.request["competition"], at=work.now()
        )
        session.expunge_all()
    last = 0
    while True:
        progress.advance(Message("Replacing names in the audit log"), 0.5, 1.0)
        with db.transaction(work.engine) as session:
            reached = removing.replace_in_entries(session, actor, removal, after=last, at=work.now())
        if reached is None:
            break
        last = reached
    for step in (removing.replace_in_facts, removing.replace_in_rosters):
        with db.transaction(work.engine) as session:
            step(session, actor, removal, at=work.now())
    with work.finishing() as (session, actor):
        numbers = removing.finish_removal(session, actor, removal, after=last, at=work.now())
        work.finish(session, result=numbers)
