"""Check a large file and store it, or only check it."""

from __future__ import annotations

from judging import progress
from judging.errors import InvalidInput, Message
from judging.incoming_tables.mapping import mapping_from_dict
from judging.jobs.work import Work
from judging.schemas.entries import load_posted
from judging.services.access import get_competition
from judging.services.imports import checking, destination, entries, storing
from judging.services.imports.import_report import report_to_dict
from judging.services.imports.incoming_files import find_mapping, keep_file
from judging.services.imports.loaded_file import load_file
from judging.services.imports.shown import show


def run(work: Work) -> None:
    """Import the input file into ``request["competition"]``; ``request["check_only"]`` stores nothing of it."""
    request = work.request
    with work.reading() as (session, actor):
        target = destination.find_target(session, actor, request["competition"], round_key=request["round"])
        given = work.input_file(session)
    progress.advance(Message("Reading the file"), 0, 10)
    # A job that an older version asked for has no mapping.
    mapping = mapping_from_dict(request["mapping"]) if request.get("mapping") else None
    if request["kind"] == entries.KIND:
        loaded = entries.load_entries(target, load_posted(given.content))
    else:
        loaded = load_file(target, content=given.content, filename=given.name, kind=request["kind"], mapping=mapping)
    if mapping is None:
        with work.reading() as (session, actor):
            mapping = find_mapping(session, actor, request["competition"], loaded)
        if mapping is not None:
            loaded = load_file(
                target, content=given.content, filename=given.name, kind=request["kind"], mapping=mapping
            )
    progress.advance(Message("Checking every row"), 4, 10)
    problem: InvalidInput | None = None
    with work.reading() as (session, actor):
        try:
            checking.check_file(session, actor, loaded, at=work.now())
        except InvalidInput as error:
            # What has to be corrected is a result: its page shows how the file was read.
            problem = error
    progress.advance(Message("Storing"), 7, 10)
    with work.finishing() as (session, actor):
        competition = get_competition(session, actor, request["competition"], "organiser")
        if problem is not None:
            shown = show(loaded, problem.messages, problem.message)
            report = None
        else:
            report = storing.store_file(session, actor, loaded, at=work.now(), check_only=request["check_only"])
            shown = show(loaded)
        number = None
        if report is None or request["check_only"]:
            number = keep_file(session, actor, competition, name=given.name, content=given.content, at=work.now())
        result = {
            "report": None if report is None else report_to_dict(report),
            "shown": shown.to_dict(),
            "kind": request["kind"] or "",
            "file": number,
        }
        work.finish(session, result=result)
