"""The versions of a round's rules: the sealed ones, a proposed one with its consents, the withdrawn ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from judging import competition, tables
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.consents import RequiredConsents, SignedFrom


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent: name, city, time, and where it was given."""

    city: str
    name: str
    at: datetime
    origin: SignedFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRulesVersion:
    """One version of a round's rules.

    Attributes
    ----------
    number, digest, reason, state, proposed_at, sealed_at
        As stored.
    proposed_by : str
        Name of the person; empty for the command line.
    rules : RoundRules
    consents : tuple of Consent
    required : RequiredConsents
        The cities whose consent is required or missing.
    """

    number: int
    digest: str
    reason: str
    state: str
    proposed_at: datetime
    proposed_by: str
    sealed_at: datetime | None
    rules: competition.RoundRules
    consents: tuple[Consent, ...]
    required: RequiredConsents


@dataclass(frozen=True, slots=True)
class Sealed:
    """The version in force: its number, digest and time."""

    number: int
    digest: str
    sealed_at: datetime


def seal_first(session: Session, round_row: tables.Round, *, by: int | None, at: datetime) -> tables.RulesVersion:
    """Seal a round's rules as version 1, unless version 1 exists."""
    sealed = session.exec(
        select(tables.RulesVersion).where(tables.RulesVersion.round_id == round_row.id, tables.RulesVersion.number == 1)
    ).one_or_none()
    if sealed is not None:
        return sealed
    first = tables.RulesVersion(
        round_id=round_row.pk,
        number=1,
        definition=round_row.definition,
        digest=round_row.digest,
        state="sealed",
        proposed_at=at,
        proposed_by=by,
        sealed_at=at,
    )
    session.add(first)
    session.flush()
    return first


def find_sealed(session: Session, round_row: tables.Round) -> Sealed | None:
    """Return the version in force; None before the round is opened."""
    newest = session.exec(
        select(tables.RulesVersion.number, tables.RulesVersion.digest, tables.RulesVersion.sealed_at)
        .where(tables.RulesVersion.round_id == round_row.id, tables.RulesVersion.state == "sealed")
        .order_by(col(tables.RulesVersion.number).desc())
    ).first()
    if newest is not None and newest[2] is not None:
        return Sealed(newest[0], newest[1], newest[2])
    # The round was opened before versions were stored: its definition has not changed since.
    return None if round_row.opened_at is None else Sealed(1, round_row.digest, round_row.opened_at)


def find_definition(session: Session, round_row: tables.Round, digest: str) -> Mapping[str, Any] | None:
    """Return the definition with this digest if it is or was in force."""
    if round_row.digest == digest:
        return round_row.definition
    return session.exec(
        select(tables.RulesVersion.definition).where(
            tables.RulesVersion.round_id == round_row.id,
            tables.RulesVersion.digest == digest,
            tables.RulesVersion.state == "sealed",
        )
    ).first()


def list_versions(
    session: Session, round_row: tables.Round, definition: competition.CompetitionRules
) -> tuple[ListedRulesVersion, ...]:
    """Return all versions of a round's rules with their consents, newest first; the caller checks permissions."""
    rows = session.exec(
        select(tables.RulesVersion)
        .where(tables.RulesVersion.round_id == round_row.id)
        .order_by(col(tables.RulesVersion.number).desc())
    ).all()
    people = _names(session, [row.proposed_by for row in rows])
    consents = consents_of(session, [row.pk for row in rows])
    return tuple(
        ListedRulesVersion(
            number=row.number,
            digest=row.digest,
            reason=row.reason,
            state=row.state,
            proposed_at=row.proposed_at,
            proposed_by="" if row.proposed_by is None else people.get(row.proposed_by, ""),
            sealed_at=row.sealed_at,
            rules=load_round_dict(row.definition),
            consents=consents.get(row.pk, ()),
            required=RequiredConsents.of(definition, [consent.city for consent in consents.get(row.pk, ())]),
        )
        for row in rows
    )


def _names(session: Session, ids: list[int | None]) -> dict[int, str]:
    people = session.exec(
        select(tables.Person).where(
            col(tables.Person.id).in_([person_id for person_id in ids if person_id is not None])
        )
    )
    return {person.pk: person.name for person in people}


def consents_of(session: Session, version_ids: Collection[int]) -> dict[int, tuple[Consent, ...]]:
    """Return the consents to some versions, by the version's key and in the order of time."""
    issuer = aliased(tables.Person)
    rows = session.execute(
        sqlalchemy.select(
            tables.RulesConsent,
            col(tables.Person.name),
            col(tables.SignInSession.how),
            col(tables.SignInSession.address),
            col(issuer.name),
            func.coalesce(tables.SignInLink.channel, tables.SignInSession.link_channel),
        )
        .join(tables.Person, col(tables.Person.id) == col(tables.RulesConsent.person_id))
        .outerjoin(tables.SignInSession, col(tables.SignInSession.id) == col(tables.RulesConsent.sign_in_session_id))
        .outerjoin(tables.SignInLink, col(tables.SignInLink.id) == col(tables.SignInSession.sign_in_link_id))
        .outerjoin(
            issuer,
            col(issuer.id) == func.coalesce(tables.SignInLink.issued_by, tables.SignInSession.link_issued_by),
        )
        .where(col(tables.RulesConsent.rules_version_id).in_(version_ids))
        .order_by(col(tables.RulesConsent.id))
    )
    consents: dict[int, tuple[Consent, ...]] = {}
    for row, name, how, address, *link in rows:
        consent = Consent(row.city, name, row.given_at, SignedFrom(how, address or "", row.confirmed_by, *link))
        consents[row.rules_version_id] = (*consents.get(row.rules_version_id, ()), consent)
    return consents
