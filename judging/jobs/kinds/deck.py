"""Render the pages of a deck, for judges who read it in the page, on a phone and without a connection."""

from __future__ import annotations

from judging.errors import InvalidInput, NotFound
from judging.jobs.work import Work
from judging.media.deck_reading import render_deck
from judging.services.proposal_files import renderings


def run(work: Work) -> None:
    """Render ``request["digest"]``; a deck that cannot be rendered is an answer too."""
    request, store = work.request, work.files
    digest = request["digest"]
    if store is None:
        raise RuntimeError("this worker has no folder of files")
    original = store.path_of(digest)
    if not original.exists():
        # After a database was restored without its files: the job is asked for again until they are there.
        raise NotFound
    try:
        with store.rendering(digest) as folder:
            pages = render_deck(original, folder, work.media_limits, n_pages=request["pages"])
    except InvalidInput as problem:
        with work.finishing() as (session, _):
            renderings.store_failure(session, digest, problem, at=work.now())
            work.finish(session)
        return
    with work.finishing() as (session, _):
        renderings.store_pages(session, digest, pages, at=work.now())
        work.finish(session)
