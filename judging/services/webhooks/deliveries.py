"""What webhooks are told: queued in the transaction of the event, listed, and sent again when somebody asks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.webhooks import TEST
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.webhooks.registering import get_webhook

MOST_LISTED = 200
KEPT = timedelta(days=30)
"""How long a delivery that has ended remains."""


def tell(
    session: Session,
    event: str,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    at: datetime,
    content: Mapping[str, Any] | None = None,
) -> None:
    """Queue an event for every webhook that wants it, in the transaction of the event.

    Parameters
    ----------
    session : Session
    event : str
        One of ``judging.schemas.webhooks.EVENTS``.
    competition_row, round_row
    at : datetime
    content : mapping, optional
        Further facts as JSON values: digests and numbers, no score and no name.
    """
    listed = session.exec(
        select(tables.Webhook)
        .where(
            tables.Webhook.competition_id == competition_row.id,
            col(tables.Webhook.removed_at).is_(None),
            col(tables.Webhook.paused_at).is_(None),
        )
        .order_by(col(tables.Webhook.id))
    ).all()
    facts = {"competition": competition_row.key, "round": round_row.key, **(content or {})}
    for webhook in listed:
        if event in webhook.events:
            session.add(_new(webhook, event, facts, at=at))


def send_test(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> tables.WebhookDelivery:
    """Queue a message that says nothing, in order to try a webhook; Conflict while it is paused."""
    webhook = get_webhook(session, actor, competition, number, "organiser")
    _require_going(webhook)
    delivery = _new(webhook, TEST, {"competition": competition}, at=at)
    session.add(delivery)
    session.flush()
    _record(session, actor, "webhook.tested", delivery, webhook, at=at)
    return delivery


def list_deliveries(
    session: Session, actor: Actor, competition: str, *, webhook: int | None = None
) -> Sequence[tuple[tables.WebhookDelivery, tables.Webhook]]:
    """Return the newest deliveries of a competition, newest first; those of removed webhooks too."""
    row = get_competition(session, actor, competition, *ROSTER_READERS)
    delivery, target = tables.WebhookDelivery, tables.Webhook
    statement = (
        select(delivery, target)
        .join(target, col(target.id) == col(delivery.webhook_id))
        .where(target.competition_id == row.id)
        .order_by(col(delivery.id).desc())
        .limit(MOST_LISTED)
    )
    if webhook is not None:
        statement = statement.where(delivery.webhook_id == webhook)
    return session.exec(statement).all()


def send_again(
    session: Session, actor: Actor, competition: str, number: int, *, at: datetime
) -> tuple[tables.WebhookDelivery, tables.Webhook]:
    """Queue a delivery again, with the same content and message number; its tries begin anew.

    Raises
    ------
    Conflict
        When it is queued already, or its webhook is paused or was removed.
    """
    row = get_competition(session, actor, competition, "organiser")
    delivery = session.get(tables.WebhookDelivery, number)
    webhook = None if delivery is None else session.get_one(tables.Webhook, delivery.webhook_id)
    if delivery is None or webhook is None or webhook.competition_id != row.id:
        raise NotFound
    if webhook.removed_at is not None:
        raise Conflict(Message("This webhook was removed. Nothing is sent to it any more."))
    _require_going(webhook)
    session.refresh(delivery, with_for_update={"key_share": True})
    if delivery.state == "queued":
        raise Conflict(Message("This message is on its way already."))
    before = delivery.state
    delivery.state, delivery.tries, delivery.ended_at = "queued", 0, None
    delivery.queued_at, delivery.next_try_at = at, at
    session.add(delivery)
    _record(session, actor, "webhook.sent_again", delivery, webhook, at=at, was=before)
    return delivery, webhook


def delete_old(session: Session, *, at: datetime) -> None:
    """Delete deliveries that ended a month ago; those that still wait stay."""
    table = tables.WebhookDelivery
    session.execute(delete(table).where(col(table.ended_at) < at - KEPT))


def _new(webhook: tables.Webhook, event: str, content: Mapping[str, Any], *, at: datetime) -> tables.WebhookDelivery:
    return tables.WebhookDelivery(
        webhook_id=webhook.pk,
        message_id=f"msg_{secrets.token_hex(16)}",
        event=event,
        content=dict(content),
        queued_at=at,
        next_try_at=at,
        created_at=at,
    )


def _require_going(webhook: tables.Webhook) -> None:
    if webhook.paused_at is not None:
        raise Conflict(Message("This webhook is paused. Let it go on first."))


def _record(
    session: Session,
    actor: Actor,
    action: str,
    delivery: tables.WebhookDelivery,
    webhook: tables.Webhook,
    *,
    at: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"webhook {webhook.pk}",
        at=at,
        competition_id=webhook.competition_id,
        detail={"delivery": delivery.pk, "event": delivery.event, **detail},
    )
