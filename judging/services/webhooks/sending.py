"""What a worker reads and writes about a delivery: what is due, and how a try ended.

A delivery stays queued until a try succeeds or the tries are used up. A worker that is killed during a try makes the
same try again; the receiver may then get the message twice, with the same ``webhook-id``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.schemas.stored_messages import to_stored

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""After the first try, after the second, and so on: eight tries within 28 hours, as the Standard Webhooks recommend."""
MOST_TRIES = len(PAUSES) + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended.

    Attributes
    ----------
    is_delivered : bool
    answer : int or None
        The HTTP status, if there was an answer.
    problem : str
        Why it was not delivered; a Message is translated.
    is_final : bool
        Whether no further try can succeed.
    """

    is_delivered: bool
    answer: int | None = None
    problem: str = ""
    is_final: bool = False


def list_due(session: Session, *, at: datetime) -> Sequence[tables.WebhookDelivery]:
    """Return the deliveries to send now, oldest first; those of paused webhooks wait."""
    delivery, webhook = tables.WebhookDelivery, tables.Webhook
    return session.exec(
        select(delivery)
        .join(webhook, col(webhook.id) == col(delivery.webhook_id))
        .where(
            col(delivery.state) == "queued",
            col(webhook.paused_at).is_(None),
            # Two-sided: after the clock was set back, no delivery waits longer than its longest pause.
            or_(col(delivery.next_try_at) <= at, col(delivery.next_try_at) > at + 2 * PAUSES[-1]),
        )
        .order_by(col(delivery.id))
        .limit(100)
    ).all()


def try_name(delivery: tables.WebhookDelivery) -> str:
    """Return the name of the next try; it is the same after a restart."""
    return f"webhook-{delivery.pk}-{delivery.queued_at.timestamp():.6f}-{delivery.tries}"


def find_try(session: Session, name: str, delivery_id: int) -> tuple[tables.WebhookDelivery, tables.Webhook] | None:
    """Return the delivery of a try with its webhook; None when this try is over, or nothing is to be sent."""
    delivery = session.get(tables.WebhookDelivery, delivery_id)
    if delivery is None or delivery.state != "queued" or try_name(delivery) != name:
        return None
    webhook = session.get_one(tables.Webhook, delivery.webhook_id)
    return None if webhook.removed_at is not None or webhook.paused_at is not None else (delivery, webhook)


def end_try(session: Session, name: str, delivery_id: int, outcome: Outcome, *, at: datetime) -> None:
    """Store how a try ended; nothing, when another worker has stored that of the same try."""
    delivery = session.get(tables.WebhookDelivery, delivery_id, with_for_update={"key_share": True})
    if delivery is None or delivery.state != "queued" or try_name(delivery) != name:
        return
    delivery.tries += 1
    delivery.last_try_at, delivery.answer = at, outcome.answer
    delivery.problem = to_stored(outcome.problem) if outcome.problem else None
    if outcome.is_delivered:
        delivery.state, delivery.ended_at = "delivered", at
    elif outcome.is_final or delivery.tries >= MOST_TRIES:
        delivery.state, delivery.ended_at = "failed", at
    else:
        delivery.next_try_at = at + PAUSES[delivery.tries - 1]
    session.add(delivery)
    session.flush()


def end_lost_try(session: Session, name: str, delivery_id: int, *, at: datetime) -> None:
    """Count a try that has ended in the worker's engine and not in the row as one that failed.

    So it is after a database was restored from a copy, and when the webhook was paused while the try waited.
    """
    text = Message("This try ended without a result. Perhaps the message arrived.")
    end_try(session, name, delivery_id, Outcome(is_delivered=False, problem=text), at=at)
