"""Webhooks: where other programs want to be told, and what was told to whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

DELIVERY_STATES = ("queued", "delivered", "failed")


class Webhook(KeyedRow, table=True):
    """An address of another program that is told about events of a competition.

    The secret is encrypted with a key of the settings: the worker signs with it, and a copy of the database alone signs
    nothing. A webhook that was removed keeps its row, because its deliveries name it.
    """

    __tablename__ = "webhook"

    competition_id: int = Field(foreign_key="competition.id", index=True)
    address: str = Field(max_length=500)
    events: list[str] = Field(sa_column=Column(JSONValue, nullable=False))
    encrypted_secret: str = Field(max_length=500)
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: int = Field(foreign_key="person.id")
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class WebhookDelivery(KeyedRow, table=True):
    """One event for one webhook, written in the transaction of the event.

    ``message_id`` is the same in every try: a receiver that gets two copies recognises them as one message.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("message_id", name="uq_webhook_delivery_message_id"),
        one_of("state", DELIVERY_STATES, name="state_known"),
        CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name="ended_at_matches_state"),
        Index("ix_webhook_delivery_state_next_try_at", "state", "next_try_at"),
    )

    webhook_id: int = Field(foreign_key="webhook.id", index=True)
    message_id: str = Field(max_length=60)
    event: str = Field(max_length=40)
    content: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    state: str = Field(default="queued", max_length=20)
    tries: int = 0
    # When it was last queued: the names of its tries in the worker's engine begin with it.
    queued_at: datetime = Field(sa_type=UTCDateTime)
    next_try_at: datetime = Field(sa_type=UTCDateTime)
    last_try_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The HTTP status of the last answer; None when there was none.
    answer: int | None = None
    # Why the last try failed, as a stored message.
    problem: JSONObject | None = Field(default=None, sa_type=JSONValue)
    created_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
