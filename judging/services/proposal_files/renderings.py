"""The pages of decks: which are missing, the jobs that make them, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import digest_of
from judging.errors import InvalidInput
from judging.media.deck_reading import DeckPage
from judging.media.media_limits import DECK
from judging.schemas.stored_messages import problem_to_stored
from judging.tables.jobs import UNFINISHED

KIND = "deck"
_AGAIN_AFTER = timedelta(hours=1)


def list_unasked(session: Session, *, at: datetime) -> list[tuple[tables.ProposalFile, tables.Competition]]:
    """Return the decks in use whose pages are missing and that no job makes; one that failed, an hour later again."""
    known = {key for key, ended_at in _known_jobs(session) if ended_at is None or ended_at > at - _AGAIN_AFTER}
    return [(row, competition) for row, competition in _list_missing(session) if _work_key(row.digest) not in known]


def request_missing(session: Session, *, at: datetime) -> int:
    """Ask for the pages of every deck in use that has none, and return how many jobs were added.

    No person asks for them: the worker finds out by itself, so that decks of the page, of the API, of the command line
    and of a restored backup need no code of their own.
    """
    unasked = {row.digest: (row, competition) for row, competition in list_unasked(session, at=at)}
    for digest, (row, competition) in unasked.items():
        session.add(
            tables.Job(
                kind=KIND,
                work_key=_work_key(digest),
                competition_id=competition.pk,
                request={"competition": competition.key, "digest": digest, "pages": row.facts.get("pages", 1)},
                created_at=at,
            )
        )
    session.flush()
    return len(unasked)


def _list_missing(session: Session) -> Sequence[tuple[tables.ProposalFile, tables.Competition]]:
    """Return the decks in use whose pages were never made, oldest first."""
    return session.exec(
        select(tables.ProposalFile, tables.Competition)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ProposalFile.proposal_id))
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Proposal.competition_id))
        .outerjoin(tables.RenderedDeck, col(tables.RenderedDeck.digest) == col(tables.ProposalFile.digest))
        .where(
            tables.ProposalFile.kind == DECK,
            col(tables.ProposalFile.removed_at).is_(None),
            col(tables.RenderedDeck.digest).is_(None),
        )
        .order_by(col(tables.ProposalFile.id))
    ).all()


def store_pages(session: Session, digest: str, pages: Sequence[DeckPage], *, at: datetime) -> None:
    """Store the sizes and texts of pages whose images are in the folder of files."""
    shown = [
        {"width": page.width, "height": page.height, "bytes": page.n_bytes, "text": asdict(page)["text"]}
        for page in pages
    ]
    session.merge(tables.RenderedDeck(digest=digest, state="ready", pages=shown, rendered_at=at))
    session.flush()


def store_failure(session: Session, digest: str, problem: InvalidInput, *, at: datetime) -> None:
    """Store why a deck cannot be rendered: the organiser reads it, and judges get the file itself."""
    stored = problem_to_stored(problem)
    session.merge(tables.RenderedDeck(digest=digest, state="failed", problem=stored, rendered_at=at))
    session.flush()


def forget(session: Session, digest: str) -> None:
    """Let the pages of a deck be made again: their images are not in the folder."""
    row = session.get(tables.RenderedDeck, digest)
    if row is not None:
        session.delete(row)
        session.flush()


def _known_jobs(session: Session) -> Sequence[tuple[str, datetime | None]]:
    return session.exec(
        select(tables.Job.work_key, tables.Job.ended_at).where(
            tables.Job.kind == KIND, (col(tables.Job.state).in_(UNFINISHED)) | (tables.Job.state != "done")
        )
    ).all()


def _work_key(digest: str) -> str:
    return digest_of({"kind": KIND, "digest": digest})
