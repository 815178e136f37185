"""The webhooks of a competition: add one, pause it, remove it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.webhooks import load_new_webhook
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition, require_confirmed, require_person
from judging.services.authentication.secret_box import SecretBox

MOST_WEBHOOKS = 10
SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins, by the Standard Webhooks
_BOX = "judging webhook secrets"
_NOBODY = Message("A webhook records who added it: sign in as an organiser.")


def box_of(secret_key: str) -> SecretBox:
    """Return what encrypts the secrets of webhooks, for the secret key of the settings."""
    return SecretBox(secret_key, purpose=_BOX)


def add(
    session: Session,
    actor: Actor,
    competition: str,
    typed: Mapping[str, Any],
    *,
    box: SecretBox,
    may_be_private: bool,
    at: datetime,
) -> tuple[tables.Webhook, str]:
    """Store a webhook; return it with its secret, which is shown once.

    Raises
    ------
    InvalidInput
        When the address or the events are not as ``judging.schemas.webhooks`` says.
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must. A token was confirmed when it was made.
    Conflict
        When the competition has ``MOST_WEBHOOKS`` already, or one with this address.
    """
    row = get_competition(session, actor, competition, "organiser")
    person_id = require_person(actor, _NOBODY)
    if not actor.token:
        require_confirmed(actor)
    asked = load_new_webhook(typed, may_be_private=may_be_private)
    # Two organisers at the same moment: the second waits here, and then sees the webhook of the first.
    session.refresh(row, with_for_update={"key_share": True})
    present = _present(session, row)
    if any(webhook.address == asked.address for webhook in present):
        raise Conflict(Message("This competition has a webhook with this address already."))
    if len(present) >= MOST_WEBHOOKS:
        raise Conflict(Message("This competition has {n} webhooks. Remove one first.", n=MOST_WEBHOOKS))
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    webhook = tables.Webhook(
        competition_id=row.pk,
        address=asked.address,
        events=list(asked.events),
        encrypted_secret=box.encrypted(secret),
        created_at=at,
        created_by=person_id,
    )
    session.add(webhook)
    session.flush()
    _record(session, actor, "webhook.added", webhook, at=at, events=webhook.events)
    return webhook, secret


def list_webhooks(session: Session, actor: Actor, competition: str) -> list[tables.Webhook]:
    """Return the webhooks of a competition that were not removed, oldest first."""
    return _present(session, get_competition(session, actor, competition, *ROSTER_READERS))


def get_webhook(session: Session, actor: Actor, competition: str, number: int, *roles: str) -> tables.Webhook:
    """Return a webhook of a competition that was not removed, or raise NotFound."""
    row = get_competition(session, actor, competition, *(roles or ROSTER_READERS))
    webhook = session.get(tables.Webhook, number)
    if webhook is None or webhook.competition_id != row.id or webhook.removed_at is not None:
        raise NotFound
    return webhook


def pause(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> tables.Webhook:
    """Let a webhook be told of no further event until it goes on; what is queued is sent when it does."""
    webhook = get_webhook(session, actor, competition, number, "organiser")
    session.refresh(webhook, with_for_update={"key_share": True})
    if webhook.paused_at is None:
        webhook.paused_at = at
        session.add(webhook)
        _record(session, actor, "webhook.paused", webhook, at=at)
    return webhook


def go_on(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> tables.Webhook:
    """Let a paused webhook be told of events again."""
    webhook = get_webhook(session, actor, competition, number, "organiser")
    session.refresh(webhook, with_for_update={"key_share": True})
    if webhook.paused_at is not None:
        webhook.paused_at = None
        session.add(webhook)
        _record(session, actor, "webhook.resumed", webhook, at=at)
    return webhook


def remove(session: Session, actor: Actor, competition: str, number: int, *, at: datetime) -> None:
    """Remove a webhook for good: nothing more is sent, and its secret is deleted."""
    webhook = get_webhook(session, actor, competition, number, "organiser")
    session.refresh(webhook, with_for_update={"key_share": True})
    webhook.removed_at, webhook.encrypted_secret = at, ""
    session.add(webhook)
    for delivery in session.exec(
        select(tables.WebhookDelivery).where(
            tables.WebhookDelivery.webhook_id == webhook.id, tables.WebhookDelivery.state == "queued"
        )
    ):
        delivery.state, delivery.ended_at = "failed", at
        session.add(delivery)
    _record(session, actor, "webhook.removed", webhook, at=at)


def _present(session: Session, row: tables.Competition) -> list[tables.Webhook]:
    return list(
        session.exec(
            select(tables.Webhook)
            .where(tables.Webhook.competition_id == row.id, col(tables.Webhook.removed_at).is_(None))
            .order_by(col(tables.Webhook.id))
        )
    )


def _record(
    session: Session, actor: Actor, action: str, webhook: tables.Webhook, *, at: datetime, **detail: object
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"webhook {webhook.pk}",
        at=at,
        competition_id=webhook.competition_id,
        detail={"address": webhook.address, **detail},
    )
