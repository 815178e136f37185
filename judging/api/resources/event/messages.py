"""The e-mail messages of a competition: their state, and send one again."""

from __future__ import annotations

from typing import Any

from judging import request as this
from judging import tables
from judging.api import paging
from judging.api.bodies import Blueprint
from judging.schemas.answers.event.messages import MessageSchema, MessagesPageSchema
from judging.schemas.pages import PageQuerySchema
from judging.schemas.stored_messages import from_stored
from judging.services.mail import outbox

bp = Blueprint("messages", __name__, description="E-mail messages and their state")


@bp.get("/competitions/<competition>/messages")
@bp.arguments(PageQuerySchema, location="query")
@bp.response(200, MessagesPageSchema)
def list_messages(asked: dict[str, Any], competition: str) -> dict[str, Any]:
    """Return the messages, newest first. Their sign-in links are shown to nobody."""
    before = paging.number_in(asked["cursor"])
    found = outbox.list_messages(this.session(), this.actor(), competition, before=before, most=asked["limit"] + 1)
    rows, cursor = paging.cut(found, asked["limit"], lambda row: row[0].pk)
    return {
        "entries": [_described(message, name) for message, name in rows],
        "next": paging.linked(cursor),
    }


@bp.post("/competitions/<competition>/messages/<int:number>/again")
@bp.response(200, MessageSchema)
def send_again(competition: str, number: int) -> dict[str, Any]:
    """Queue a message again that failed, came back or was perhaps sent; one that came back, to the present address."""
    with this.writing() as session:
        message = outbox.send_again(session, this.actor(), competition, number, at=this.now(), mailer=this.mailer())
        name = outbox.name_of(session, message)
    return _described(message, name)


def _described(message: tables.OutboxMessage, name: str) -> dict[str, Any]:
    return {
        "number": message.pk,
        "kind": message.kind,
        "name": name,
        "recipient": message.recipient,
        "state": message.delivery,
        "attempts": message.attempts,
        "problem": None if message.problem is None else str(from_stored(message.problem)),
        "created_at": message.created_at,
        "next_attempt_at": message.next_attempt_at if message.state == "queued" else None,
        "ended_at": message.ended_at,
        "returned_at": message.returned_at,
    }
