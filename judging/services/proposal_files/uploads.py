"""What an organiser does with decks and videos: add or replace, remove, put an earlier one back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.media.recognising_media import RecognisedMedia
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.proposal_files.readers import ProposalFiles, files_of

_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is in the folder of files and belongs to no proposal yet."""

    name: str
    n_bytes: int
    digest: str
    recognised: RecognisedMedia


@dataclass(frozen=True, slots=True)
class ListedFiles:
    """A proposal with its files, and those that were replaced or removed, newest first."""

    proposal: tables.Proposal
    files: ProposalFiles
    earlier: tuple[tables.ProposalFile, ...]


def list_files(session: Session, actor: Actor, competition_key: str) -> list[ListedFiles]:
    """Return all proposals of a competition by key, with their files, for organisers and auditors."""
    competition = get_competition(session, actor, competition_key, *ROSTER_READERS)
    proposals = session.exec(
        select(tables.Proposal).where(tables.Proposal.competition_id == competition.id).order_by(tables.Proposal.key)
    ).all()
    current = files_of(session, [row.pk for row in proposals])
    earlier = session.exec(
        select(tables.ProposalFile)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ProposalFile.proposal_id))
        .where(tables.Proposal.competition_id == competition.id, col(tables.ProposalFile.removed_at).is_not(None))
        .order_by(col(tables.ProposalFile.removed_at).desc(), col(tables.ProposalFile.id).desc())
    ).all()
    return [
        ListedFiles(
            row, current.get(row.pk, ProposalFiles()), tuple(one for one in earlier if one.proposal_id == row.pk)
        )
        for row in proposals
    ]


def keys_of(session: Session, actor: Actor, competition_key: str) -> list[str]:
    """Return the keys of the proposals for an organiser who uploads files named by them."""
    competition = get_competition(session, actor, competition_key, "organiser")
    return list(session.exec(select(tables.Proposal.key).where(tables.Proposal.competition_id == competition.id)).all())


def key_in_name(name: str, keys: Sequence[str]) -> str:
    """Return the proposal that a file is named by: ``P001.pdf``, ``P001 final.pdf``.

    Raises
    ------
    InvalidInput
        When the name begins with no key of a proposal.

    Examples
    --------
    >>> key_in_name("p001_deck.PDF", ["P001", "P0012"])
    'P001'
    """
    folded = name.casefold()
    for key in sorted(keys, key=len, reverse=True):
        rest = folded.removeprefix(key.casefold())
        if len(rest) < len(folded) and (rest[:1] in ("", "_") or not _WORD.match(rest)):
            return key
    example = min(keys, default="P001")
    raise InvalidInput(
        {
            name: Message(
                "Its name begins with no key of a proposal. Name it {example}.pdf, with the key of its proposal.",
                example=example,
            )
        }
    )


def add_file(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, upload: Upload, *, at: datetime
) -> tables.ProposalFile:
    """Give a proposal a deck or a video; the one before keeps its row. The same content again changes nothing."""
    competition, proposal = _get_proposal(session, actor, competition_key, proposal_key)
    before = _in_use(session, proposal, upload.recognised.kind)
    if before is not None and before.digest == upload.digest:
        return before
    _take_out(session, actor, before, at=at)
    row = tables.ProposalFile(
        proposal_id=proposal.pk,
        kind=upload.recognised.kind,
        name=_plain(upload.name),
        media_type=upload.recognised.media_type,
        n_bytes=upload.n_bytes,
        digest=upload.digest,
        facts=upload.recognised.facts,
        uploaded_by=actor.person_id,
        uploaded_at=at,
    )
    _store(session, actor, competition, proposal, row, "file.added" if before is None else "file.replaced", at=at)
    return row


def remove_file(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, kind: str, *, at: datetime
) -> None:
    """Remove the deck or the video from a proposal; it can be put back until it is deleted from the disk."""
    competition, proposal = _get_proposal(session, actor, competition_key, proposal_key)
    row = _in_use(session, proposal, kind)
    if row is None:
        raise NotFound(Message("This file was removed, or was never there."))
    _take_out(session, actor, row, at=at)
    _record(session, actor, "file.removed", competition, proposal, row, at=at)


def get_earlier(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, number: int
) -> tables.ProposalFile:
    """Return a file of this proposal that was replaced or removed."""
    _, proposal = _get_proposal(session, actor, competition_key, proposal_key)
    row = session.get(tables.ProposalFile, number)
    if row is None or row.proposal_id != proposal.id or row.removed_at is None:
        raise NotFound
    return row


def put_back(
    session: Session, actor: Actor, competition_key: str, proposal_key: str, number: int, *, at: datetime
) -> tables.ProposalFile:
    """Use an earlier file again, as a new row; the caller has checked that its content is still kept."""
    earlier = get_earlier(session, actor, competition_key, proposal_key, number)
    competition, proposal = _get_proposal(session, actor, competition_key, proposal_key)
    before = _in_use(session, proposal, earlier.kind)
    if before is not None and before.digest == earlier.digest:
        raise Conflict(Message("This file is in use already."))
    _take_out(session, actor, before, at=at)
    copied = ("proposal_id", "kind", "name", "media_type", "n_bytes", "digest", "facts")
    row = tables.ProposalFile(
        **{name: getattr(earlier, name) for name in copied}, uploaded_by=actor.person_id, uploaded_at=at
    )
    _store(session, actor, competition, proposal, row, "file.put_back", at=at)
    return row


def _get_proposal(
    session: Session, actor: Actor, competition_key: str, proposal_key: str
) -> tuple[tables.Competition, tables.Proposal]:
    competition = get_competition(session, actor, competition_key, "organiser")
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition.id, tables.Proposal.key == proposal_key
        )
    ).one_or_none()
    if proposal is None:
        raise NotFound(Message("There is no proposal {proposal}.", proposal=proposal_key))
    return competition, proposal


def _in_use(session: Session, proposal: tables.Proposal, kind: str) -> tables.ProposalFile | None:
    return session.exec(
        select(tables.ProposalFile)
        .where(
            tables.ProposalFile.proposal_id == proposal.id,
            tables.ProposalFile.kind == kind,
            col(tables.ProposalFile.removed_at).is_(None),
        )
        .with_for_update(key_share=True)
    ).one_or_none()


def _take_out(session: Session, actor: Actor, row: tables.ProposalFile | None, *, at: datetime) -> None:
    if row is not None:
        row.removed_at, row.removed_by = at, actor.person_id
        session.add(row)
        # Before the next one is inserted: one of a kind is in use.
        session.flush()


def _store(
    session: Session,
    actor: Actor,
    competition: tables.Competition,
    proposal: tables.Proposal,
    row: tables.ProposalFile,
    action: str,
    *,
    at: datetime,
) -> None:
    session.add(row)
    session.flush()
    _record(session, actor, action, competition, proposal, row, at=at)


def _record(
    session: Session,
    actor: Actor,
    action: str,
    competition: tables.Competition,
    proposal: tables.Proposal,
    row: tables.ProposalFile,
    *,
    at: datetime,
) -> None:
    detail = {"name": row.name, "bytes": row.n_bytes, "sha256": row.digest}
    subject = f"{competition.key} {proposal.key} {row.kind}"
    audit.record(session, actor, action, subject, at=at, competition_id=competition.pk, detail=detail)


def _plain(name: str) -> str:
    """Return a name without folders and without characters that no name of a file has."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:200] or "file"
