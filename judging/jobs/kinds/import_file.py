"""Check a large file and store it, or only check it."""

from __future__ import annotations

from judging import progress
from judging.errors import Message
from judging.jobs.work import Work
from judging.services.imports import files
from judging.services.imports.import_report import report_to_dict
from judging.services.imports.loaded_file import load_file


def run(work: Work) -> None:
    """Import the input file into ``request["competition"]``; ``request["check_only"]`` stores nothing of it."""
    request = work.request
    with work.reading() as (session, actor):
        target = files.find_target(session, actor, request["competition"], round_key=request["round"])
        given = work.input_file(session)
    progress.advance(Message("Reading the file"), 0, 10)
    loaded = load_file(target, content=given.content, filename=given.name, kind=request["kind"])
    progress.advance(Message("Checking every row"), 4, 10)
    with work.reading() as (session, actor):
        files.check_file(session, actor, loaded, at=work.now())
    progress.advance(Message("Storing"), 7, 10)
    with work.finishing() as (session, actor):
        report = files.store_file(session, actor, loaded, at=work.now(), check_only=request["check_only"])
        work.finish(session, result=report_to_dict(report))
