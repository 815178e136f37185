"""Scoresheets saved in a session that began with a link which somebody had handed over.

Whoever has seen a sign-in link could have used it. So such scoresheets say whose hand it went through, until the judge
has set a password or added a passkey.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col

from judging import tables
from judging.services.scoresheets.versions import is_newest


def handed_over_by(session: Session, sheet_ids: Collection[int]) -> dict[int, str]:
    """Return who handed the sign-in link over, by scoresheet; scoresheets of other sessions are missing."""
    return handed_over_where(session, col(tables.Scoresheet.id).in_(sheet_ids))


def newest_handed_over_by(session: Session, assignment_id: int) -> str:
    """Return who handed the sign-in link over for the newest version of a scoresheet; empty for nobody."""
    marks = handed_over_where(session, col(tables.Scoresheet.assignment_id) == assignment_id, is_newest())
    return next(iter(marks.values()), "")


def handed_over_where(session: Session, *conditions: ColumnElement[bool]) -> dict[int, str]:
    """Return the same as ``handed_over_by`` for the scoresheets that meet the conditions."""
    sheet, begun, link, issuer = tables.Scoresheet, tables.SignInSession, tables.SignInLink, tables.Person
    rows = session.execute(
        sqlalchemy.select(
            *(col(sheet.id), col(sheet.saved_at), col(issuer.name), col(begun.former_log_id)),
            *(_first_password(), _first_passkey()),
        )
        .join(begun, col(begun.id) == col(sheet.sign_in_session_id))
        .outerjoin(link, col(link.id) == col(begun.sign_in_link_id))
        .join(issuer, col(issuer.id) == func.coalesce(link.issued_by, begun.link_issued_by))
        .where(func.coalesce(link.channel, begun.link_channel) == "hand", *conditions)
    ).all()
    return {
        sheet_id: name
        for sheet_id, saved_at, name, former, password_at, passkey_at in rows
        # The password of this installation says nothing about a session at another one.
        if former is not None or all(at is None or saved_at < at for at in (password_at, passkey_at))
    }


def _first_password() -> sqlalchemy.ScalarSelect[datetime]:
    entry = tables.AuditEntry
    return (
        sqlalchemy.select(func.min(col(entry.at)))
        .where(col(entry.person_id) == col(tables.SignInSession.person_id), col(entry.action) == "password.changed")
        .scalar_subquery()
    )


def _first_passkey() -> sqlalchemy.ScalarSelect[datetime]:
    passkey = tables.Passkey
    return (
        sqlalchemy.select(func.min(col(passkey.created_at)))
        .where(col(passkey.person_id) == col(tables.SignInSession.person_id))
        .scalar_subquery()
    )
