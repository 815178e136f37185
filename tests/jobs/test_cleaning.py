"""What the worker deletes once an hour: messages to programs and keys of requests whose time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from judging import db, tables
from judging.jobs.worker import Loop
from judging.services import audit, request_keys
from judging.services.request_keys import RequestToKeep
from judging.services.webhooks import deliveries
from tests.support.event import COMPETITION, make_event
from tests.support.webhooks import add_webhook

NOW = datetime.now(UTC)


def test_old_deliveries_and_expired_keys_are_deleted_and_the_rest_stays(engine: Engine, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6)
    organiser = event.actor(session, "organiser")
    webhook, _ = add_webhook(session, organiser, "https://receiver.example.org/")
    for _ in range(3):
        deliveries.send_test(session, organiser, COMPETITION, webhook.pk, at=NOW)
    person = event.people["organiser"].pk
    for key, age in (("new", timedelta()), ("old", request_keys.KEPT)):
        request_keys.claim(session, RequestToKeep(person_id=person, key=key, digest="d" * 64), at=NOW - age)
    old, recent, waiting = session.exec(select(tables.WebhookDelivery).order_by(col(tables.WebhookDelivery.id))).all()
    for row, age in ((old, deliveries.KEPT + timedelta(days=1)), (recent, timedelta(days=1))):
        row.state, row.ended_at = "delivered", NOW - age
    kept = [recent.pk, waiting.pk]
    session.commit()

    Loop(engine, "one").clean()

    with db.transaction(engine, read_only=True) as reading:
        assert list(reading.exec(select(tables.WebhookDelivery.id).order_by(col(tables.WebhookDelivery.id)))) == kept
        assert list(reading.exec(select(tables.RequestKey.key))) == ["new"]
        assert list(audit.verify(reading)) == []
