"""Appointments and changes of accounts that wait for a second person."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging.api.bodies import Blueprint
from judging.schemas.answers.account.account_changes import AccountChangeSchema
from judging.services.people import confirming

bp = Blueprint("account_changes", __name__, description="Appointments and changes of accounts")

_CHANGES = "/competitions/<competition>/account-changes"


@bp.get(_CHANGES)
@bp.response(200, AccountChangeSchema(many=True))
def list_changes(competition: str) -> list[dict[str, Any]]:
    """Return what waits for confirmation, oldest first."""
    return _described(competition)


@bp.post(f"{_CHANGES}/<int:number>/confirm")
@bp.response(200, AccountChangeSchema(many=True))
@bp.alt_response(409, description="You may not be the second person, or the change has ended")
def confirm(competition: str, number: int) -> list[dict[str, Any]]:
    """Confirm a change as the second person; return what still waits."""
    with this.writing() as session:
        confirming.confirm(session, this.actor(), this.mailer(), competition, number, at=this.now())
    return _described(competition)


@bp.post(f"{_CHANGES}/<int:number>/refuse")
@bp.response(200, AccountChangeSchema(many=True))
def refuse(competition: str, number: int) -> list[dict[str, Any]]:
    """End a change without carrying it out; return what still waits."""
    with this.writing() as session:
        confirming.refuse(session, this.actor(), competition, number, at=this.now())
    return _described(competition)


def _described(competition: str) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(change.row, name) for name in ("kind", "role", "city", "asked_at")},
            "number": change.row.pk,
            "name": change.person.name,
            "email": change.person.email,
            "new_value": change.row.new_value or None,
            "asked_by": change.asker.name,
            "may_confirm": change.may_confirm,
        }
        for change in confirming.list_open(this.session(), this.actor(), competition, at=this.now())
    ]
