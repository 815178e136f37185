"""Links to letters: each shows one letter to whoever has it, until an organiser ends it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.publication import letter
from judging.services import audit
from judging.services.access import Actor, get_round, require_person
from judging.services.audit import stored_rows
from judging.services.authentication.tokens import hash_of
from judging.services.releases.letter_access import require_no_conflict
from judging.services.releases.team_letters import (
    TeamLetter,
    letters_made,
    page_of,
    present_proposals,
    release_in_force,
)
from judging.tables.types import metadata


def issue_links(
    session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime
) -> list[tuple[TeamLetter, str]]:
    """Return every letter with the token of a new link; earlier links to these letters end. The caller commits.

    Raises Conflict when no letters were made of the release in force.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, Message("Links record who made them: sign in as an organiser."))
    require_no_conflict(session, actor, competition_row)
    page, row = page_of(session, competition_row, round_row), letters_made(session, competition_row, round_row)
    if row is None:
        raise Conflict(Message("Make the letters first."))
    if not page.letters:
        raise Conflict(Message("Every proposal with a letter was withdrawn: there is nobody to write to."))
    _revoke(session, row, at)
    issued = [(one, secrets.token_urlsafe(32)) for one in page.letters]
    shared = {"team_letters_id": row.pk, "issued_at": at, "issued_by": person}
    session.execute(
        sqlalchemy.insert(tables.TeamLetterLink),
        [{**shared, "proposal": one.proposal, "token_hash": hash_of(token)} for one, token in issued],
    )
    _note(session, row)
    audit.record_in_round(
        session, actor, "letters.linked", competition_row, round_row, at=at, detail={"n": len(issued)}
    )
    return issued


def revoke_links(session: Session, actor: Actor, competition_key: str, round_key: str, *, at: datetime) -> int:
    """End all links to the letters of the release in force, and return how many there were; the caller commits."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    row = letters_made(session, competition_row, round_row)
    n_ended = 0 if row is None else _revoke(session, row, at)
    audit.record_in_round(
        session, actor, "letters.links_revoked", competition_row, round_row, at=at, detail={"n": n_ended}
    )
    return n_ended


def read_by_link(session: Session, token: str) -> tuple[str, str, dict[str, Any]]:
    """Return language, text and proof of the letter that a link shows.

    Raises NotFound for an unknown or ended link, and when a later release took the place of the letter's.
    """
    found = session.exec(
        select(tables.TeamLetterLink, tables.TeamLetters, tables.Round, tables.Competition)
        .join(tables.TeamLetters, col(tables.TeamLetters.id) == col(tables.TeamLetterLink.team_letters_id))
        .join(tables.Release, col(tables.Release.id) == col(tables.TeamLetters.release_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Release.round_id))
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Round.competition_id))
        .where(tables.TeamLetterLink.token_hash == hash_of(token), col(tables.TeamLetterLink.revoked_at).is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound
    link, row, round_row, competition_row = found
    signed = release_in_force(session, competition_row, round_row)
    if signed is None or signed.row.pk != row.release_id or link.proposal not in present_proposals(session, round_row):
        raise NotFound
    kept = {one["proposal"]: one for one in row.content["letters"]}
    own = kept[link.proposal]
    leaves = letter.leaves_of((one["text"], one["salt"]) for one in kept.values())
    return own["language"], own["text"], letter.proof_of(own["text"], own["salt"], leaves)


def _revoke(session: Session, row: tables.TeamLetters, at: datetime) -> int:
    ended = session.execute(
        sqlalchemy.update(tables.TeamLetterLink)
        .where(col(tables.TeamLetterLink.team_letters_id) == row.id, col(tables.TeamLetterLink.revoked_at).is_(None))
        .values(revoked_at=at)
        .returning(col(tables.TeamLetterLink.id))
    )
    n_ended = len(ended.all())
    _note(session, row)
    return n_ended


def _note(session: Session, row: tables.TeamLetters) -> None:
    """Report the links to the audit log: statements wrote them, not the session's objects."""
    table = metadata.tables["team_letter_link"]
    of_letters = table.c.team_letters_id == row.id
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), table, of_letters)))
