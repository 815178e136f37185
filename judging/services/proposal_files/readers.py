"""Who may read the deck and the video of a proposal, and what there is to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message, NotFound
from judging.media.media_limits import DECK, VIDEO
from judging.services.access import READERS, Actor, get_competition
from judging.services.competitions.taking_part import is_not_withdrawn
from judging.services.decisions.conflicts_of_interest import require_unhidden


@dataclass(frozen=True, slots=True)
class ProposalFiles:
    """The files of a proposal that are in use, and the pages of its deck once they are rendered."""

    deck: tables.ProposalFile | None = None
    video: tables.ProposalFile | None = None
    rendered: tables.RenderedDeck | None = None

    @property
    def has_pages(self) -> bool:
        """Return whether the deck can be shown in the page."""
        return self.rendered is not None and self.rendered.state == "ready"

    @property
    def is_rendering(self) -> bool:
        """Return whether there is a deck whose pages are still being made."""
        return self.deck is not None and self.rendered is None

    def of_kind(self, kind: str) -> tables.ProposalFile | None:
        """Return the deck or the video."""
        return {DECK: self.deck, VIDEO: self.video}.get(kind)

    def n_bytes(self, width: str) -> int:
        """Return the size of all images of a width, in bytes."""
        pages = self.rendered.pages if self.rendered is not None else ()
        return sum(page["bytes"][width] for page in pages)


@dataclass(frozen=True, slots=True)
class ReadableFiles:
    """A proposal whose files the actor may read."""

    competition: tables.Competition
    proposal: tables.Proposal
    files: ProposalFiles = field(default_factory=ProposalFiles)


def files_of(session: Session, proposal_ids: Collection[int]) -> dict[int, ProposalFiles]:
    """Return the files of proposals by the key of their row; the caller checks who may read them."""
    if not proposal_ids:
        return {}
    rows = session.exec(
        select(tables.ProposalFile, tables.RenderedDeck)
        .outerjoin(tables.RenderedDeck, col(tables.RenderedDeck.digest) == col(tables.ProposalFile.digest))
        .where(
            col(tables.ProposalFile.proposal_id).in_(proposal_ids),
            col(tables.ProposalFile.removed_at).is_(None),
        )
    ).all()
    decks = {row.proposal_id: (row, rendered) for row, rendered in rows if row.kind == DECK}
    videos = {row.proposal_id: row for row, _ in rows if row.kind == VIDEO}
    return {
        number: ProposalFiles(*_deck(decks.get(number), videos.get(number))) for number in decks.keys() | videos.keys()
    }


def get_files(session: Session, actor: Actor, competition_key: str, proposal_key: str) -> ReadableFiles:
    """Return the files of a proposal for a judge who scores it, a chair, an organiser or an auditor.

    Raises
    ------
    NotAllowed
        For a person with a conflict of interest.
    NotFound
        For a judge without this proposal, and for one who has stepped back from it or abstained.
    """
    competition = get_competition(session, actor, competition_key, *READERS, "judge")
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition.id, tables.Proposal.key == proposal_key
        )
    ).one_or_none()
    if proposal is None or not (
        actor.has_role(competition.pk, *READERS) or _is_assigned(session, actor, competition, proposal)
    ):
        raise NotFound
    require_unhidden(session, actor, competition.pk, proposal_key)
    return ReadableFiles(competition, proposal, files_of(session, [proposal.pk]).get(proposal.pk, ProposalFiles()))


def get_file(readable: ReadableFiles, kind: str) -> tables.ProposalFile:
    """Return the deck or the video; NotFound when there is none."""
    row = readable.files.of_kind(kind)
    if row is None:
        raise NotFound(Message("This file was removed, or was never there."))
    return row


def _is_assigned(session: Session, actor: Actor, competition: tables.Competition, proposal: tables.Proposal) -> bool:
    if actor.person_id is None:
        return False
    found = session.exec(
        select(tables.Assignment.id)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .where(
            tables.Judge.competition_id == competition.id,
            tables.Judge.person_id == actor.person_id,
            tables.Assignment.proposal_id == proposal.id,
            tables.Assignment.state == "active",
            is_not_withdrawn(),
            tables.Round.state != "draft",
        )
        .limit(1)
    ).first()
    return found is not None


def _deck(
    deck: tuple[tables.ProposalFile, tables.RenderedDeck | None] | None, video: tables.ProposalFile | None
) -> tuple[tables.ProposalFile | None, tables.ProposalFile | None, tables.RenderedDeck | None]:
    return (None, video, None) if deck is None else (deck[0], video, deck[1])
