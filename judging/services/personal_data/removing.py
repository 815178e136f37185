"""Remove personal data, in short transactions that may be interrupted: the facts first, then the rows of people.

Names in the log, in the history of rosters and in letters are replaced while the rows of people still say what they
are. The last transaction gives these rows their pseudonyms; until then, the same removal may begin again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.publication import letter
from judging.schemas.invitations import normal_email
from judging.services import audit
from judging.services.access import Actor, get_competition, require_confirmed
from judging.services.audit import stored_rows
from judging.services.audit.stored_rows import PERSONAL, REMOVAL
from judging.services.jobs.job_requests import request_job
from judging.services.personal_data.concerned import DOMAIN, Concerned, concerned_by
from judging.services.personal_data.forgetting import forget_accounts, forget_rosters
from judging.services.personal_data.preview import entries_of, kept_by, letters_of, require_removable
from judging.services.personal_data.removal_requests import require_approved, require_typed
from judging.services.personal_data.replacing import Replacer
from judging.tables.row_digests import digest_of_row
from judging.tables.types import metadata

_TOLD_BY = ("archived", "removal_asked")
BATCH = 200
"""Entries of one transaction: others who write wait for it."""

_CODES = frozenset(
    [
        *("action", "by", "channel", "confirmed_by", "digest", "event", "fields", "format", "judge", "kind", "link"),
        *("order", "outcome", "phase", "proposals", "removed", "role", "roles", "root", "rounds", "sha256", "source"),
        *("state", "table", "verdict", "was"),
    ]
)
"""Details of entries that are words and keys of the service, whatever a team or a judge is called."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was asked for and may be done."""

    key: str
    concerned: Concerned
    replacer: Replacer


def request_removal(session: Session, actor: Actor, key: str, *, typed: str, at: datetime) -> tables.Job:
    """Let a removal begin that was asked for, after the checks of ``prepare_removal``."""
    row = _removable(session, actor, key, typed, at=at)
    return request_job(session, actor, "removal", competition=row, request={"competition": row.key}, at=at)


def people_with(session: Session, emails: Sequence[str]) -> frozenset[int]:
    """Return the people with these addresses; NotFound names one that nobody has."""
    found = set()
    for email in emails:
        person = session.exec(select(tables.Person).where(tables.Person.email == normal_email(email))).one_or_none()
        if person is None:
            raise NotFound(Message("Nobody has the e-mail {email}.", email=email))
        found.add(person.pk)
    return frozenset(found)


def prepare_removal(
    session: Session, actor: Actor, key: str, *, typed: str, at: datetime, kept: frozenset[int] = frozenset()
) -> Removal:
    """Check that an organiser may remove the personal data of a competition, and find whose; a reader's session.

    ``kept`` are people who keep their accounts, beside the one who asks.

    Raises
    ------
    Conflict
        Unless the competition is archived, chairs and auditors have been told, and it has its personal data; and,
        but for the command line, the removal has waited its time or a second person has confirmed it.
    InvalidInput
        When what was typed is not its key.
    """
    row = _removable(session, actor, key, typed, at=at)
    concerned = concerned_by(session, row, kept=kept_by(actor) | kept)
    return Removal(row.key, concerned, Replacer(concerned.words))


def replace_in_entries(session: Session, actor: Actor, removal: Removal, *, after: int, at: datetime) -> int | None:
    """Replace names in the next entries of the log; return the number of the last one, or None after all of them."""
    row = _locked(session, actor, removal)
    entry = tables.AuditEntry
    entries = session.exec(
        select(entry)
        .where(entries_of(row, removal.concerned), col(entry.id) > after)
        .order_by(col(entry.id))
        .limit(BATCH)
    ).all()
    changes = {one.pk: change for one in entries if (change := _change_of_entry(one, removal))}
    if changes:
        values = {one.pk: one.model_dump() for one in entries}
        _replace(session, row, "audit_entry", {number: (values[number], new) for number, new in changes.items()}, at)
        detail = {"table": "audit_entry", "n": len(changes), "first": min(changes), "last": max(changes)}
        audit.record(session, actor, REMOVAL, row.key, at=at, competition_id=row.id, detail=detail)
    return entries[-1].pk if entries else None


def replace_in_facts(session: Session, actor: Actor, removal: Removal, *, at: datetime) -> None:
    """Replace names in the history of rosters, and remove the texts of letters."""
    row = _locked(session, actor, removal)
    numbers = {
        "former_entries": _replace_in_former_entries(session, row, removal, at),
        "histories": _replace_in_histories(session, row, removal, at),
        "appeals": _replace_in_appeals(session, row, removal, at),
        "letters": _empty_letters(session, row, at),
    }
    audit.record(session, actor, REMOVAL, row.key, at=at, competition_id=row.id, detail=numbers)


def replace_in_rosters(session: Session, actor: Actor, removal: Removal, *, at: datetime) -> None:
    """Give judges and teams their pseudonyms."""
    row = _locked(session, actor, removal)
    forget_rosters(session, row, removal.concerned, removal.replacer, at=at)
    numbers = {"judges": len(removal.concerned.judges), "teams": len(removal.concerned.teams)}
    audit.record(session, actor, REMOVAL, row.key, at=at, competition_id=row.id, detail=numbers)


def finish_removal(session: Session, actor: Actor, removal: Removal, *, after: int, at: datetime) -> dict[str, int]:
    """Replace names in the newest entries, and give people their pseudonyms; return how many were removed."""
    last: int | None = after
    while last is not None:
        last = replace_in_entries(session, actor, removal, after=last, at=at)
    row = _locked(session, actor, removal)
    forget_accounts(session, row, removal.concerned, at=at)
    row.personal_data_removed_at = at
    row.removal_objection = None
    session.add(row)
    session.flush()
    concerned = removal.concerned
    numbers = {"people": len(concerned.people), "judges": len(concerned.judges), "teams": len(concerned.teams)}
    audit.record(session, actor, REMOVAL, row.key, at=at, competition_id=row.id, detail=numbers)
    return numbers


def _removable(session: Session, actor: Actor, key: str, typed: str, *, at: datetime) -> tables.Competition:
    row = get_competition(session, actor, key, "organiser")
    require_confirmed(actor)
    require_removable(row)
    require_typed(row, typed)
    if not actor.is_operator:
        require_approved(row, at=at)
    message = tables.OutboxMessage
    waiting = select(message.id).where(
        message.competition_id == row.id, col(message.kind).in_(_TOLD_BY), col(message.state).in_(("queued", "sending"))
    )
    # A removal deletes messages of the competition.
    if session.exec(waiting.limit(1)).first() is not None:
        raise Conflict(Message("Chairs and auditors are being told of it. Try again in a minute."))
    return row


def _locked(session: Session, actor: Actor, removal: Removal) -> tables.Competition:
    row = get_competition(session, actor, removal.key, "organiser")
    session.refresh(row, with_for_update={"key_share": True})
    require_removable(row)
    return row


def _change_of_entry(entry: tables.AuditEntry | tables.FormerEntry, removal: Removal) -> dict[str, Any]:
    """Return the columns of an entry that name somebody, with pseudonyms."""
    own = None if entry.person_id is None else removal.concerned.people.get(entry.person_id)
    replaced: dict[str, Any] = {
        "actor": own or removal.replacer.in_text(entry.actor),
        "address": "" if own else entry.address,
        "subject": removal.replacer.in_text(entry.subject)[:200],
        "detail": {
            name: value if name in _CODES else removal.replacer.in_value(value) for name, value in entry.detail.items()
        },
    }
    return {name: value for name, value in replaced.items() if value != getattr(entry, name)}


def _replace(
    session: Session,
    row: tables.Competition,
    name: str,
    changes: Mapping[int, tuple[Mapping[str, Any], Mapping[str, Any]]],
    at: datetime,
) -> None:
    """Name appended rows as rows that lose personal data, and then change them: their trigger admits that only."""
    table = metadata.tables[name]
    digests = {number: digest_of_row(table, {**old, **new}) for number, (old, new) in changes.items()}
    session.add_all(
        tables.RemovedPersonalData(
            competition_id=row.pk, table_name=name, row_id=number, row_digest=digest, removed_at=at
        )
        for number, digest in digests.items()
    )
    session.flush()
    if changes:
        columns = {
            column: sqlalchemy.bindparam(f"new_{column}", type_=table.c[column].type) for column in PERSONAL[name]
        }
        session.connection().execute(
            sqlalchemy.update(table).where(table.c.id == sqlalchemy.bindparam("changed_row")).values(columns),
            [
                {"changed_row": number, **{f"new_{column}": {**old, **new}[column] for column in PERSONAL[name]}}
                for number, (old, new) in changes.items()
            ],
        )
    if name not in stored_rows.NOT_COVERED:
        stored_rows.note(session, {f"{name} {number}": digest for number, digest in digests.items()})


def _replace_in_histories(session: Session, row: tables.Competition, removal: Removal, at: datetime) -> int:
    changes: dict[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for one in session.exec(select(tables.RosterChange).where(tables.RosterChange.competition_id == row.id)):
        new = {
            name: value
            for name in ("changes", "reason", "file")
            if (value := removal.replacer.in_value(getattr(one, name))) != getattr(one, name)
        }
        if new:
            changes[one.pk] = (one.model_dump(), new)
    _replace(session, row, "roster_change", changes, at)
    return len(changes)


def _replace_in_former_entries(session: Session, row: tables.Competition, removal: Removal, at: datetime) -> int:
    """Replace names in what former installations recorded; its chains have no entry after these."""
    entries = session.exec(select(tables.FormerEntry).where(tables.FormerEntry.competition_id == row.id)).all()
    changes = {one.pk: (one.model_dump(), change) for one in entries if (change := _change_of_entry(one, removal))}
    _replace(session, row, "former_entry", changes, at)
    return len(changes)


def _replace_in_appeals(session: Session, row: tables.Competition, removal: Removal, at: datetime) -> int:
    """Replace who asked for a team by the team, and names in the reason."""
    appeal, proposal, team = tables.Appeal, tables.Proposal, tables.Team
    query = (
        select(appeal, team.key)
        .join(proposal, col(proposal.id) == col(appeal.proposal_id))
        .join(team, col(team.id) == col(proposal.team_id))
        .where(proposal.competition_id == row.id)
    )
    changes: dict[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for one, key in session.exec(query):
        new = {"asked_by": f"Team {key}", "reason": removal.replacer.in_text(one.reason)}
        if new != {name: getattr(one, name) for name in new}:
            changes[one.pk] = (one.model_dump(), new)
    _replace(session, row, "appeal", changes, at)
    return len(changes)


def _empty_letters(session: Session, row: tables.Competition, at: datetime) -> int:
    """Remove the texts and salts of letters; the leaves stay, so that a letter in a team's hands is still proven."""
    found: Sequence[tables.TeamLetters] = session.exec(letters_of(row)).all()
    changes: dict[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    n_letters = 0
    for one in found:
        if "leaves" in one.content:
            # A removal that was interrupted has emptied them already.
            continue
        kept = one.content["letters"]
        n_letters += len(kept)
        leaves = [leaf.hex() for leaf in letter.leaves_of((each["text"], each["salt"]) for each in kept)]
        changes[one.pk] = (one.model_dump(), {"content": {"letters": [], "leaves": leaves}})
    _replace(session, row, "team_letters", changes, at)
    sent = tables.TeamLetterMessage
    addressed = session.exec(select(sent).where(col(sent.team_letters_id).in_([one.pk for one in found]))).all()
    new = {one.pk: {"recipient": f"letter-{one.pk}@{DOMAIN}"} for one in addressed}
    changed = {one.pk: (one.model_dump(), new[one.pk]) for one in addressed if not one.recipient.endswith(f"@{DOMAIN}")}
    _replace(session, row, "team_letter_message", changed, at)
    for one in found:
        links = select(tables.TeamLetterLink).where(
            tables.TeamLetterLink.team_letters_id == one.id, col(tables.TeamLetterLink.revoked_at).is_(None)
        )
        for link in session.exec(links):
            link.revoked_at = at
            session.add(link)
    return n_letters
