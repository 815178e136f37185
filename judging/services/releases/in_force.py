"""The release of a round that is in force: the newest one with all required signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from judging import tables
from judging.competition import CompetitionRules
from judging.services.consents import RequiredConsents, SignedFrom


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: city, name, time, signed digest, and where it was given."""

    city: str
    name: str
    at: datetime
    digest: str
    origin: SignedFrom


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """A stored release with its signatures in order of time."""

    row: tables.Release
    proposed_by: str
    signatures: tuple[Signed, ...]
    required: RequiredConsents

    @property
    def released_at(self) -> datetime:
        """Return the time of the last signature."""
        return max((signature.at for signature in self.signatures), default=self.row.proposed_at)


def list_signed(session: Session, definition: CompetitionRules, round_row: tables.Round) -> list[SignedRelease]:
    """Return the releases of a round, newest first, in two queries."""
    releases = session.exec(
        select(tables.Release, tables.Person.name)
        .join(tables.Person, col(tables.Person.id) == col(tables.Release.proposed_by))
        .where(tables.Release.round_id == round_row.id)
        .order_by(col(tables.Release.number).desc())
    ).all()
    issuer = aliased(tables.Person)
    signatures: dict[int, list[Signed]] = {}
    for signature, name, how, address, *link in session.execute(
        sqlalchemy.select(
            tables.Signature,
            col(tables.Person.name),
            col(tables.SignInSession.how),
            col(tables.SignInSession.address),
            col(issuer.name),
            func.coalesce(tables.SignInLink.channel, tables.SignInSession.link_channel),
        )
        .join(tables.Person, col(tables.Person.id) == col(tables.Signature.person_id))
        .join(tables.Release, col(tables.Release.id) == col(tables.Signature.release_id))
        .outerjoin(tables.SignInSession, col(tables.SignInSession.id) == col(tables.Signature.sign_in_session_id))
        .outerjoin(tables.SignInLink, col(tables.SignInLink.id) == col(tables.SignInSession.sign_in_link_id))
        .outerjoin(
            issuer,
            col(issuer.id) == func.coalesce(tables.SignInLink.issued_by, tables.SignInSession.link_issued_by),
        )
        .where(col(tables.Release.round_id) == round_row.id)
        .order_by(col(tables.Signature.id))
    ):
        signatures.setdefault(signature.release_id, []).append(
            Signed(
                signature.city,
                name,
                signature.signed_at,
                signature.digest,
                SignedFrom(how, address or "", signature.confirmed_by, *link),
            )
        )
    return [
        SignedRelease(
            row,
            name,
            release_signatures,
            RequiredConsents.of(definition, [signature.city for signature in release_signatures]),
        )
        for row, name in releases
        for release_signatures in (tuple(signatures.get(row.pk, ())),)
    ]


def in_force(releases: Sequence[SignedRelease]) -> SignedRelease | None:
    """Return the release in force among those of a round, newest first: the first with complete signatures."""
    return next((release for release in releases if release.required.is_complete), None)
