"""Hand deliveries that are due over to the engine of jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from judging import db
from judging.jobs import durable
from judging.services.webhooks import sending


def hand_over(engine: Engine, handed_over: set[str], *, at: datetime) -> None:
    """Hand over the tries that are due and were not handed over before; ``handed_over`` remembers their names."""
    with db.transaction(engine, read_only=True) as session:
        due = [(sending.try_name(delivery), delivery.pk) for delivery in sending.list_due(session, at=at)]
    for name, delivery_id in due:
        if name in handed_over:
            continue
        if not durable.enqueue_telling(name, delivery_id):
            with db.transaction(engine) as session:
                sending.end_lost_try(session, name, delivery_id, at=at)
        handed_over.add(name)
