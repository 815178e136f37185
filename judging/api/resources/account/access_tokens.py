"""The signed-in person's access tokens. No token makes or revokes one."""

from __future__ import annotations

from typing import Any

from flask import current_app

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.schemas.access_tokens import NewTokenSchema
from judging.schemas.answers.account.access_tokens import MadeTokenSchema, TokenSchema
from judging.services.authentication import access_tokens as services
from judging.services.people import notices

bp = Blueprint("access_tokens", __name__, description="Access tokens for programs")

_ADDRESS = "/session/tokens"


@bp.get(_ADDRESS)
@bp.response(200, TokenSchema(many=True))
def list_tokens() -> list[dict[str, Any]]:
    """Return the tokens that can still be used, newest first, without their texts."""
    return [_described(row) for row in services.list_own(this.session(), this.actor(), at=this.now())]


@bp.post(_ADDRESS)
@bp.arguments(NewTokenSchema)
@bp.response(201, MadeTokenSchema)
@bp.alt_response(403, description="A fresh confirmation with a second factor is needed")
@bp.alt_response(409, description="There are too many tokens already")
def make_token(typed: dict[str, Any]) -> dict[str, Any]:
    """Make a token. Its text is in this answer only."""
    with this.writing() as session:
        row, text = services.make(
            session,
            this.actor(),
            typed,
            secret_key=str(current_app.secret_key),
            browser=this.browser(),
            at=this.now(),
        )
        notices.tell_change(session, this.mailer(), this.actor(), "token_made", at=this.now())
        return {**_described(row), "token": text}


@bp.delete(f"{_ADDRESS}/<int:number>")
@bp.response(204)
@bp.alt_response(404, description="No such token, or it has ended")
def revoke_token(number: int) -> None:
    """Revoke a token: it is refused from now on."""
    with this.writing() as session:
        services.revoke(session, this.actor(), number, at=this.now())


def _described(row: tables.AccessToken) -> dict[str, Any]:
    return {
        "number": row.pk,
        "name": row.name,
        "scopes": row.scopes,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
    }
