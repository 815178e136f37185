"""Letters to teams: made once from the release in force and kept with the salts of their proofs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.publication import letter, merkle
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_round, require_person
from judging.services.competitions.definitions import definition_of
from judging.services.decisions.proposals import ProposalEntry, list_proposals
from judging.services.releases.in_force import SignedRelease, in_force, list_signed
from judging.services.releases.letter_access import require_no_conflict
from judging.services.releases.letter_comments import comments_of
from judging.services.releases.letter_texts import texts_of
from judging.tables.competitions import addresses_in

_NOTHING = Message("Nothing has been released in this round yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLetter:
    """One letter; ``email`` is empty where the roster has none, ``has_link`` says whether a link to it works."""

    proposal: str
    team: str
    email: str
    language: str
    text: str
    salt: str
    has_link: bool = False

    @property
    def emails(self) -> tuple[str, ...]:
        """Return each address of the team."""
        return addresses_in(self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersPage:
    """The letters of the release in force.

    Attributes
    ----------
    release : int or None
        Its number; None when nothing has been released.
    policy_allows : bool
    letters : tuple of TeamLetter
        As they were made, without those to proposals that were withdrawn since; otherwise a preview without salts.
    leaves : tuple of bytes
        Of all letters that were made.
    root : str
        Empty for a preview.
    made_at : datetime or None
    released_at : datetime or None
        In the time zone of the event.
    language : str
        The first one of the event.
    """

    release: int | None
    policy_allows: bool
    letters: tuple[TeamLetter, ...]
    root: str
    made_at: datetime | None
    leaves: tuple[bytes, ...] = ()
    released_at: datetime | None = None
    language: str = "en"

    @property
    def proofs(self) -> dict[str, dict[str, Any]]:
        """Return the proof of every letter that was made, by proposal."""
        return {one.proposal: letter.proof_of(one.text, one.salt, self.leaves) for one in self.letters}


def letters_page(session: Session, actor: Actor, competition_key: str, round_key: str) -> LettersPage:
    """Return the letters of a round for organisers and auditors.

    Raises NotAllowed for an actor with a conflict of interest: the letters tell every result.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    require_no_conflict(session, actor, competition_row)
    return page_of(session, competition_row, round_row)


def make_letters(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime
) -> tables.TeamLetters:
    """Keep the letters of the release in force as they are, each with a random salt; the caller commits.

    Raises
    ------
    Conflict
        When nothing is released, the rules send no letters, they were made already, or a comment was not looked at.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, Message("Letters record who made them: sign in as an organiser."))
    require_no_conflict(session, actor, competition_row)
    signed = release_in_force(session, competition_row, round_row)
    if signed is None:
        raise Conflict(_NOTHING)
    page = page_of(session, competition_row, round_row)
    if not page.policy_allows:
        raise Conflict(Message("The rules of this competition send teams no letters."))
    if page.made_at is not None:
        raise Conflict(Message("The letters of release {number} have been made already.", number=signed.row.number))
    if (n_unread := unread_comments(session, competition_row, round_row, signed)) > 0:
        raise Conflict(Message("{n} comments have not been looked at: send each, or hold it back.", n=n_unread))
    kept = [
        {"proposal": one.proposal, "language": one.language, "text": one.text, "salt": secrets.token_hex(32)}
        for one in page.letters
    ]
    root = merkle.root_of(letter.leaves_of((one["text"], one["salt"]) for one in kept)).hex()
    row = tables.TeamLetters(release_id=signed.row.pk, content={"letters": kept}, root=root, made_at=at, made_by=person)
    session.add(row)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "letters.made",
        competition_row,
        round_row,
        f"release {signed.row.number}",
        at=at,
        detail={"root": root, "n": len(kept)},
    )
    return row


def unread_comments(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, signed: SignedRelease
) -> int:
    """Return how many comments nobody has looked at; 0 where letters have no comments."""
    if "comments" not in (definition_of(competition_row).policies.letters or ()):
        return 0
    return sum(one.is_sent is None for one in comments_of(session, round_row, signed))


def digests_of(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> list[str]:
    """Return the leaves of the letters of the release in force, in hexadecimal; empty before they are made."""
    row = letters_made(session, competition_row, round_row)
    if row is None:
        return []
    return [leaf.hex() for leaf in _leaves_of(row)]


def _leaves_of(row: tables.TeamLetters) -> list[bytes]:
    """Return the leaves of letters; they are stored where the texts were removed with other personal data."""
    if "leaves" in row.content:
        return [bytes.fromhex(leaf) for leaf in row.content["leaves"]]
    return list(letter.leaves_of((one["text"], one["salt"]) for one in row.content["letters"]))


def root_of_letters(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> str:
    """Return the root over the letters of the release in force; empty before they are made."""
    row = letters_made(session, competition_row, round_row)
    return "" if row is None else row.root


def release_in_force(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> SignedRelease | None:
    """Return the release in force of a round."""
    return in_force(list_signed(session, definition_of(competition_row), round_row))


def letters_made(
    session: Session, competition_row: tables.Competition, round_row: tables.Round
) -> tables.TeamLetters | None:
    """Return the letters that were made of the release in force."""
    signed = release_in_force(session, competition_row, round_row)
    if signed is None:
        return None
    return session.exec(select(tables.TeamLetters).where(tables.TeamLetters.release_id == signed.row.id)).one_or_none()


def present_proposals(session: Session, round_row: tables.Round) -> dict[str, ProposalEntry]:
    """Return the proposals that are not withdrawn, by key."""
    return {key: entry for key, entry in list_proposals(session, round_row).items() if not entry.is_withdrawn}


def page_of(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> LettersPage:
    """Return the letters of a round; the caller checks permissions."""
    definition = definition_of(competition_row)
    signed = release_in_force(session, competition_row, round_row)
    if signed is None:
        return LettersPage(release=None, policy_allows=definition.policies.feedback, letters=(), root="", made_at=None)
    released_at = signed.released_at.astimezone(definition.zone)
    row = letters_made(session, competition_row, round_row)
    emails = _emails(session, competition_row)
    present = present_proposals(session, round_row)
    if row is None:
        letters = tuple(
            TeamLetter(
                proposal=one.proposal,
                team=present[one.proposal].team,
                email=emails[one.proposal],
                language=one.language,
                text=one.text,
                salt="",
            )
            for one in texts_of(session, definition, round_row, signed, present)
        )
        return LettersPage(
            release=signed.row.number,
            policy_allows=definition.policies.feedback,
            letters=letters,
            root="",
            made_at=None,
            released_at=released_at,
        )
    linked = set(
        session.exec(
            select(tables.TeamLetterLink.proposal).where(
                tables.TeamLetterLink.team_letters_id == row.id, col(tables.TeamLetterLink.revoked_at).is_(None)
            )
        )
    )
    kept = row.content["letters"]
    letters = tuple(
        TeamLetter(team=present[key].team, email=emails[key], has_link=key in linked, **one)
        for one in kept
        for key in (one["proposal"],)
        if key in present
    )
    return LettersPage(
        release=signed.row.number,
        policy_allows=definition.policies.feedback,
        letters=letters,
        leaves=tuple(_leaves_of(row)),
        root=row.root,
        made_at=row.made_at,
        released_at=released_at,
        language=definition.languages[0],
    )


def _emails(session: Session, competition_row: tables.Competition) -> dict[str, str]:
    rows = session.exec(
        select(tables.Proposal.key, tables.Team.email)
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(tables.Proposal.competition_id == competition_row.id)
    ).all()
    return {key: email or "" for key, email in rows}
