"""Who can sign in without a link that somebody else makes, or could once: such an account is nobody else's to open."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy
from sqlmodel import Session, col, select

from judging import tables

OWN_BEGINNINGS = ("password", "passkey", "single_sign_on")
"""How a session begins that nobody else can begin."""


def with_own_way(session: Session, person_ids: Collection[int]) -> set[int]:
    """Return which of these people have, or once had, a password, passkey, app or single sign-on."""
    person, begun, entry = tables.Person, tables.SignInSession, tables.AuditEntry
    app, ids = tables.Authenticator, list(person_ids)
    if not ids:
        return set()
    ways: sqlalchemy.CompoundSelect[Any] = sqlalchemy.union(
        select(person.id).where(col(person.id).in_(ids), col(person.password_hash).is_not(None)),
        select(tables.Passkey.person_id).where(col(tables.Passkey.person_id).in_(ids)),
        select(app.person_id).where(col(app.person_id).in_(ids), col(app.confirmed_at).is_not(None)),
        select(tables.SingleSignOnIdentity.person_id).where(col(tables.SingleSignOnIdentity.person_id).in_(ids)),
        # Sessions of another installation, which came with an event, say nothing about this one.
        select(begun.person_id).where(
            col(begun.person_id).in_(ids), col(begun.how).in_(OWN_BEGINNINGS), col(begun.former_log_id).is_(None)
        ),
        # A password that was removed ends the remark "handed over" on scoresheets all the same.
        select(entry.person_id).where(col(entry.person_id).in_(ids), entry.action == "password.changed"),
    )
    return {number for (number,) in session.execute(ways)}
