"""The webhooks of a competition: programs that are told about events, and what they were told."""

from __future__ import annotations

from typing import Any

from flask import current_app

from judging import request as this
from judging import tables
from judging.api.bodies import Blueprint
from judging.request_language import translate
from judging.schemas.answers.event.webhooks import (
    AddedWebhookSchema,
    DeliveryQuerySchema,
    DeliverySchema,
    WebhookSchema,
)
from judging.schemas.stored_messages import from_stored
from judging.schemas.webhooks import NewWebhookSchema
from judging.services.webhooks import deliveries, registering

bp = Blueprint("webhooks", __name__, description="Webhooks: programs that are told about events")

_ADDRESS = "/competitions/<competition>/webhooks"
_DELIVERIES = "/competitions/<competition>/webhook-deliveries"


@bp.get(_ADDRESS)
@bp.response(200, WebhookSchema(many=True))
def list_webhooks(competition: str) -> list[dict[str, Any]]:
    """Return the webhooks, oldest first, without their secrets."""
    return [_described(row) for row in registering.list_webhooks(this.session(), this.actor(), competition)]


@bp.post(_ADDRESS)
@bp.arguments(NewWebhookSchema)
@bp.response(201, AddedWebhookSchema)
@bp.alt_response(403, description="A fresh confirmation with a second factor is needed")
@bp.alt_response(409, description="There is one with this address, or too many")
def add_webhook(typed: dict[str, Any], competition: str) -> dict[str, Any]:
    """Add a webhook. Its secret is in this answer only."""
    with this.writing() as session:
        row, secret = registering.add(
            session,
            this.actor(),
            competition,
            typed,
            box=registering.box_of(str(current_app.secret_key)),
            may_be_private=current_app.config["WEBHOOK_PRIVATE"],
            at=this.now(),
        )
        return {**_described(row), "secret": secret}


@bp.delete(f"{_ADDRESS}/<int:number>")
@bp.response(204)
@bp.alt_response(404, description="No such webhook")
def remove_webhook(competition: str, number: int) -> None:
    """Remove a webhook: nothing more is sent to it."""
    with this.writing() as session:
        registering.remove(session, this.actor(), competition, number, at=this.now())


@bp.post(f"{_ADDRESS}/<int:number>/pause")
@bp.response(200, WebhookSchema)
@bp.alt_response(404, description="No such webhook")
def pause_webhook(competition: str, number: int) -> dict[str, Any]:
    """Pause a webhook: it is told of no further event."""
    with this.writing() as session:
        return _described(registering.pause(session, this.actor(), competition, number, at=this.now()))


@bp.post(f"{_ADDRESS}/<int:number>/resume")
@bp.response(200, WebhookSchema)
@bp.alt_response(404, description="No such webhook")
def resume_webhook(competition: str, number: int) -> dict[str, Any]:
    """Let a paused webhook be told of events again."""
    with this.writing() as session:
        return _described(registering.go_on(session, this.actor(), competition, number, at=this.now()))


@bp.post(f"{_ADDRESS}/<int:number>/test")
@bp.response(202, DeliverySchema)
@bp.alt_response(404, description="No such webhook")
@bp.alt_response(409, description="The webhook is paused")
def send_test(competition: str, number: int) -> dict[str, Any]:
    """Send a message that says nothing, in order to try a webhook."""
    with this.writing() as session:
        actor = this.actor()
        delivery = deliveries.send_test(session, actor, competition, number, at=this.now())
        return _delivery(delivery, registering.get_webhook(session, actor, competition, number))


@bp.get(_DELIVERIES)
@bp.arguments(DeliveryQuerySchema, location="query")
@bp.response(200, DeliverySchema(many=True))
def list_deliveries(query: dict[str, int], competition: str) -> list[dict[str, Any]]:
    """Return the newest deliveries, newest first, 200 at most."""
    rows = deliveries.list_deliveries(this.session(), this.actor(), competition, webhook=query.get("webhook"))
    return [_delivery(*row) for row in rows]


@bp.post(f"{_DELIVERIES}/<int:number>/again")
@bp.response(202, DeliverySchema)
@bp.alt_response(404, description="No such delivery")
@bp.alt_response(409, description="It is on its way, or its webhook is paused or was removed")
def send_again(competition: str, number: int) -> dict[str, Any]:
    """Send a message again, with the same `webhook-id`."""
    with this.writing() as session:
        return _delivery(*deliveries.send_again(session, this.actor(), competition, number, at=this.now()))


def _described(row: tables.Webhook) -> dict[str, Any]:
    return {
        "number": row.pk,
        "address": row.address,
        "events": row.events,
        "is_paused": row.paused_at is not None,
        "created_at": row.created_at,
    }


def _delivery(row: tables.WebhookDelivery, webhook: tables.Webhook) -> dict[str, Any]:
    names = ("message_id", "event", "state", "tries", "answer", "created_at", "last_try_at", "ended_at")
    return {
        **{name: getattr(row, name) for name in names},
        "number": row.pk,
        "webhook": webhook.pk,
        "address": webhook.address,
        "problem": None if row.problem is None else translate(from_stored(row.problem)),
        "next_try_at": row.next_try_at if row.state == "queued" else None,
    }
