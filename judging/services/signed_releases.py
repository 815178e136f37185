"""Which release of a round is in force: the newest that everybody has signed whose signature is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import Competition
from judging.services.agreement import Keys


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed, for which city, when, and what."""

    city: str
    name: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """A stored release with its signatures in the order in which they were given."""

    row: tables.Release
    proposed_by: str
    signatures: tuple[Signed, ...]
    keys: Keys


def list_signed(session: Session, definition: Competition, round_row: tables.Round) -> list[SignedRelease]:
    """Return the releases of a round, newest first, in two queries."""
    releases = session.exec(
        select(tables.Release, tables.Person.name)
        .join(tables.Person, col(tables.Person.id) == col(tables.Release.proposed_by))
        .where(tables.Release.round_id == round_row.id)
        .order_by(col(tables.Release.number).desc())
    ).all()
    signatures: dict[int, list[Signed]] = {}
    for signature, name in session.exec(
        select(tables.Signature, tables.Person.name)
        .join(tables.Person, col(tables.Person.id) == col(tables.Signature.person_id))
        .join(tables.Release, col(tables.Release.id) == col(tables.Signature.release_id))
        .where(tables.Release.round_id == round_row.id)
        .order_by(col(tables.Signature.id))
    ):
        signatures.setdefault(signature.release_id, []).append(
            Signed(signature.city, name, signature.signed_at, signature.digest)
        )
    return [
        SignedRelease(row, name, given, Keys.of(definition, [signature.city for signature in given]))
        for row, name in releases
        for given in (tuple(signatures.get(row.pk, ())),)
    ]


def in_force(releases: Sequence[SignedRelease]) -> SignedRelease | None:
    """Return the release in force among those of a round, newest first: the first whose signatures are complete."""
    return next((release for release in releases if release.keys.is_complete), None)
