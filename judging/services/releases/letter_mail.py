"""Letters to teams by e-mail: each goes once to each address of its team, and the state of each message is known.

Each address gets a message of its own: nobody reads there who else of the team has which address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.publication import letter
from judging.services import audit
from judging.services.access import Actor, get_round, require_person
from judging.services.audit import stored_rows
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import Recipient, new_message, queue_many
from judging.services.releases.letter_access import require_no_conflict
from judging.services.releases.team_letters import (
    TeamLetter,
    letters_made,
    page_of,
    present_proposals,
    release_in_force,
)
from judging.tables.types import metadata

KIND = "team_letter"
NO_MAIL_SERVER = Message("No mail server is set up: send the letters with the table of links, or as files.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterMessage:
    """The newest message with a letter; ``is_to_address`` says whether it went to a present address of the team."""

    message: tables.OutboxMessage
    is_to_address: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """How many messages were queued, how many went to these addresses before, and how many teams have none."""

    queued: int
    before: int
    without_address: int


def mail_letters(
    session: Session, actor: Actor, mailer: Mailer | None, competition_key: str, round_key: str, *, at: datetime
) -> Mailed:
    """Queue each letter to each present address of its team, unless it went there already; the caller commits.

    Raises
    ------
    Conflict
        Without a mail server, before the letters are made, or when nobody is left to write to.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, Message("Letters record who sent them: sign in as an organiser."))
    require_no_conflict(session, actor, competition_row)
    if mailer is None:
        raise Conflict(NO_MAIL_SERVER)
    made = letters_made(session, competition_row, round_row)
    if made is None:
        raise Conflict(Message("Make the letters first."))
    letters = page_of(session, competition_row, round_row).letters
    known = set(_known(session, made))
    teams = _teams(session, competition_row)
    wanted = [(one, address) for one in letters for address in one.emails]
    to_send = [(one, address) for one, address in wanted if (one.proposal, address) not in known]
    without = sum(not one.email for one in letters)
    if not to_send:
        raise Conflict(
            Message("Every letter has gone to the address of its team. {n} teams have no address.", n=without)
        )
    messages = [
        _message(mailer, actor, one, address, made, teams[one.proposal], competition_row, at)
        for one, address in to_send
    ]
    numbers = queue_many(session, messages)
    shared = {"team_letters_id": made.pk, "queued_at": at, "queued_by": person}
    session.execute(
        sqlalchemy.insert(tables.TeamLetterMessage),
        [
            {**shared, "proposal": one.proposal, "recipient": address, "message_id": number}
            for (one, address), number in zip(to_send, numbers, strict=True)
        ],
    )
    # A statement wrote them, not the session's objects.
    table = metadata.tables["team_letter_message"]
    stored_rows.note(session, dict(stored_rows.digests(session.connection(), table, table.c.queued_at == at)))
    proposals = list(dict.fromkeys(one.proposal for one, _ in to_send))
    audit.record_in_round(
        session, actor, "letters.mailed", competition_row, round_row, at=at, detail={"proposals": proposals}
    )
    return Mailed(queued=len(to_send), before=len(wanted) - len(to_send), without_address=without)


def messages_by_proposal(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, letters: Sequence[TeamLetter]
) -> dict[str, LetterMessage]:
    """Return the newest message with each letter of the release in force; the caller checks permissions."""
    found = messages_by_address(session, competition_row, round_row, letters)
    return {proposal: max(sent, key=lambda one: one.message.pk) for proposal, sent in found.items()}


def messages_by_address(
    session: Session, competition_row: tables.Competition, round_row: tables.Round, letters: Sequence[TeamLetter]
) -> dict[str, tuple[LetterMessage, ...]]:
    """Return the message with each letter to each address it went to; the caller checks permissions."""
    made = letters_made(session, competition_row, round_row)
    if made is None:
        return {}
    link = tables.TeamLetterMessage
    rows = session.exec(
        select(link, tables.OutboxMessage)
        .join(tables.OutboxMessage, col(tables.OutboxMessage.id) == col(link.message_id))
        .where(link.team_letters_id == made.id)
        .order_by(col(link.id))
    )
    addresses = {one.proposal: one.emails for one in letters}
    found: dict[str, tuple[LetterMessage, ...]] = {}
    for row, message in rows:
        is_present = row.recipient in addresses.get(row.proposal, ())
        found[row.proposal] = (
            *found.get(row.proposal, ()),
            LetterMessage(message=message, is_to_address=is_present),
        )
    return found


def missing(letters: Sequence[TeamLetter], sent: Mapping[str, Sequence[LetterMessage]]) -> int:
    """Return to how many addresses a letter is still to go."""
    known = {(proposal, one.message.recipient) for proposal, messages in sent.items() for one in messages}
    return sum((one.proposal, address) not in known for one in letters for address in one.emails)


def content_of(session: Session, message: tables.OutboxMessage) -> Mapping[str, Any]:
    """Return what the message with a letter names: the team, the letter as it was made, and its proof."""
    made = session.get_one(tables.TeamLetters, message.content["team_letters"])
    kept = {one["proposal"]: one for one in made.content["letters"]}
    own = kept[message.content["proposal"]]
    leaves = letter.leaves_of((one["text"], one["salt"]) for one in kept.values())
    proof = letter.write_proof(letter.proof_of(own["text"], own["salt"], leaves)).decode()
    team = session.get_one(tables.Team, message.team_id).name
    return {"team": team, "proposal": own["proposal"], "letter": own["text"], "proof": proof}


def is_current(session: Session, message: tables.OutboxMessage) -> bool:
    """Return whether the letter in a message is still one of the release in force, of a proposal that takes part."""
    made = session.get_one(tables.TeamLetters, message.content["team_letters"])
    release = session.get_one(tables.Release, made.release_id)
    round_row = session.get_one(tables.Round, release.round_id)
    competition_row = session.get_one(tables.Competition, round_row.competition_id)
    signed = release_in_force(session, competition_row, round_row)
    if signed is None or signed.row.pk != made.release_id:
        return False
    return message.content["proposal"] in present_proposals(session, round_row)


def _message(
    mailer: Mailer,
    actor: Actor,
    one: TeamLetter,
    address: str,
    made: tables.TeamLetters,
    team_id: int,
    competition_row: tables.Competition,
    at: datetime,
) -> tables.OutboxMessage:
    return new_message(
        mailer,
        actor,
        KIND,
        Recipient(address=address, language=one.language, team_id=team_id),
        at=at,
        competition_id=competition_row.pk,
        content={"team_letters": made.pk, "proposal": one.proposal},
    )


def _known(session: Session, made: tables.TeamLetters) -> Sequence[tuple[str, str]]:
    link = tables.TeamLetterMessage
    return session.exec(select(link.proposal, link.recipient).where(link.team_letters_id == made.id)).all()


def _teams(session: Session, competition_row: tables.Competition) -> dict[str, int]:
    rows = session.exec(
        select(tables.Proposal.key, tables.Proposal.team_id).where(tables.Proposal.competition_id == competition_row.id)
    ).all()
    return dict(rows)
