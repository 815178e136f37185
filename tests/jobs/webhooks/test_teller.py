"""One try after the other: what a receiver gets, and what the log says afterwards."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import db, tables
from judging.jobs.webhooks.teller import Teller, WebhookSettings
from judging.services import audit
from judging.services.access import Actor, load_actor
from judging.services.rounds import deadlines, opening
from judging.services.webhooks import deliveries, registering, sending
from tests.support.event import AT, COMPETITION, ROUND, make_event
from tests.support.programs.mail import make_certificate
from tests.support.released import make_calibrated
from tests.support.releases import propose_release, sign_release
from tests.support.webhooks import SECRET_KEY, Receiver, add_webhook, receiving

BASE = "https://judging.example.org"
Try = Callable[..., tables.WebhookDelivery]


@pytest.fixture
def organiser(session: Session) -> Actor:
    event = make_event(session, n_proposals=4, n_judges=6)
    actor = event.actor(session, "organiser")
    session.commit()
    return actor


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def attempt(engine: Engine) -> Try:
    """Return a function that makes the next try of the newest delivery, and returns its row."""

    def make(*, at: datetime = AT, may_be_private: bool = True, seconds: float = 15.0) -> tables.WebhookDelivery:
        settings = WebhookSettings(
            secret_key=SECRET_KEY, base_url=BASE, may_be_private=may_be_private, whole_seconds=seconds
        )
        row = newest(engine)
        Teller(engine, settings, lambda: at).tell(sending.try_name(row), row.pk)
        return newest(engine)

    return make


def newest(engine: Engine) -> tables.WebhookDelivery:
    with db.transaction(engine, read_only=True) as session:
        rows = session.exec(select(tables.WebhookDelivery)).all()
        session.expunge_all()
    return max(rows, key=lambda row: row.pk)


def closed(session: Session, organiser: Actor, address: str) -> str:
    """Add a webhook, close the round, commit; return the secret."""
    _, secret = add_webhook(session, organiser, address)
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    session.commit()
    return secret


def test_a_closed_round_is_told_signed_and_without_names_or_scores(
    session: Session, organiser: Actor, receiver: Receiver, attempt: Try
) -> None:
    secret = closed(session, organiser, receiver.address)
    row = attempt(at=AT + timedelta(seconds=3))
    assert (row.state, row.tries, row.answer, row.problem) == ("delivered", 1, 204, None)
    ((headers, body),) = receiver.got
    # As a receiver checks it, written anew from the specification.
    seconds, number = str(int(AT.timestamp()) + 3), row.message_id
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{number}.{seconds}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (number, seconds)
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    message = json.loads(body)
    competition = f"{BASE}/api/v1/competitions/{COMPETITION}"
    assert (message["type"], message["timestamp"]) == ("round.closed", AT.isoformat())
    assert message["data"].pop("rules_digest")
    assert message["data"] == {
        "competition": COMPETITION,
        "round": ROUND,
        "by_itself": False,
        "addresses": {
            "competition": competition,
            "round": f"{competition}/rounds/{ROUND}",
            "results": f"{competition}/rounds/{ROUND}/results",
        },
    }


def test_the_database_and_the_log_hold_no_secret(session: Session, organiser: Actor) -> None:
    secret = closed(session, organiser, "https://hooks.example.org/")
    rows = [*session.exec(select(tables.Webhook)), *session.exec(select(tables.AuditEntry))]
    assert not any(secret in str(row.model_dump()) for row in rows)
    assert list(audit.verify(session)) == []


def test_a_receiver_that_refuses_is_asked_eight_times_in_a_day_and_the_log_says_why(
    session: Session, organiser: Actor, receiver: Receiver, attempt: Try, engine: Engine
) -> None:
    closed(session, organiser, receiver.address)
    receiver.answers = [500] * 20
    at, waits = AT, []
    for _ in range(sending.MOST_TRIES - 1):
        row = attempt(at=at)
        assert (row.state, row.answer) == ("queued", 500)
        waits.append(row.next_try_at - at)
        with db.transaction(engine, read_only=True) as own:
            assert list(sending.list_due(own, at=row.next_try_at - timedelta(seconds=1))) == []
            assert [due.pk for due in sending.list_due(own, at=row.next_try_at)] == [row.pk]
        at = row.next_try_at
    row = attempt(at=at)
    assert (row.state, row.tries, row.ended_at) == ("failed", 8, at)
    assert waits == sorted(waits)
    assert timedelta(days=1) < at - AT < timedelta(hours=28)
    assert row.problem == {"template": "The receiver answered {answer}.", "values": {"answer": 500}}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 8
    # Somebody sends it again: the same message, and the tries begin anew.
    receiver.answers = []
    deliveries.send_again(session, organiser, COMPETITION, row.pk, at=at)
    session.commit()
    again = attempt(at=at)
    assert (again.state, again.tries, again.message_id) == ("delivered", 1, row.message_id)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("status", "state", "words"), [(302, "queued", "a redirect (302)"), (410, "failed", "it is gone (410)")]
)
def test_a_redirect_is_not_followed_and_a_receiver_that_is_gone_is_left_alone(
    session: Session, organiser: Actor, receiver: Receiver, attempt: Try, status: int, state: str, words: str
) -> None:
    closed(session, organiser, receiver.address)
    receiver.answers = [status]
    row = attempt()
    (shown,) = [delivery for delivery, _ in deliveries.list_deliveries(session, organiser, COMPETITION)]
    assert (row.state, row.answer, len(receiver.got)) == (state, status, 1)
    assert shown.problem is not None
    assert words in shown.problem["template"].format(**shown.problem["values"])


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_receiver_inside_the_network_is_never_connected(
    session: Session, organiser: Actor, receiver: Receiver, attempt: Try
) -> None:
    # It was added while the installation allowed this.
    closed(session, organiser, f"https://localhost:{receiver.port}/")
    row = attempt(may_be_private=False)
    assert row.problem is not None
    assert "private network" in row.problem["template"]
    assert (row.state, row.answer, receiver.got) == ("queued", None, [])


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("scheme", "begin"), [("http", b"HTTP/1.1 200 OK\r\nX: "), ("https", b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")]
)
def test_an_answer_drop_by_drop_holds_the_worker_no_longer_than_the_limit(
    session: Session, organiser: Actor, attempt: Try, scheme: str, begin: bytes
) -> None:
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                for byte in begin + b"a" * 1000:
                    if ending.wait(0.1):
                        return
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        closed(session, organiser, f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/")
        begun = time.monotonic()
        row = attempt(seconds=1.0)
        assert time.monotonic() - begun < 10
        ending.set()
        thread.join()
    assert row.problem is not None
    assert (row.state, row.answer, row.problem["template"]) == ("queued", None, "There was no answer in time.")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    session: Session, organiser: Actor, attempt: Try, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    with receiving(certificate) as receiver:
        closed(session, organiser, receiver.address)
        row = attempt()
        assert row.problem is not None
        assert (row.state, receiver.got) == ("queued", [])
        assert "CERTIFICATE_VERIFY_FAILED" in row.problem["values"]["reason"]["text"]
        # The operator trusts its authority.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        row = attempt()
        assert (row.state, row.answer, len(receiver.got)) == ("delivered", 204, 1)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_with_another_key_of_the_installation_the_log_says_what_to_do(
    session: Session, organiser: Actor, receiver: Receiver, engine: Engine
) -> None:
    closed(session, organiser, receiver.address)
    row = newest(engine)
    settings = WebhookSettings(secret_key="another key, another key, another", base_url=BASE, may_be_private=True)
    Teller(engine, settings, lambda: AT).tell(sending.try_name(row), row.pk)
    row = newest(engine)
    assert row.problem is not None
    assert (row.state, receiver.got) == ("failed", [])
    assert "Add the webhook anew." in row.problem["template"]


def test_a_paused_or_removed_webhook_is_told_nothing(
    session: Session, organiser: Actor, receiver: Receiver, engine: Engine, attempt: Try
) -> None:
    webhook, _ = add_webhook(session, organiser, receiver.address)
    registering.pause(session, organiser, COMPETITION, webhook.pk, at=AT)
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    session.commit()
    assert session.exec(select(tables.WebhookDelivery)).all() == []
    registering.go_on(session, organiser, COMPETITION, webhook.pk, at=AT)
    opening.reopen_round(session, organiser, COMPETITION, ROUND, reason="A sheet was missing.", at=AT)
    registering.pause(session, organiser, COMPETITION, webhook.pk, at=AT)
    session.commit()
    # What was queued before waits while it is paused, and ends when it is removed.
    assert attempt().state == "queued"
    with db.transaction(engine, read_only=True) as own:
        assert list(sending.list_due(own, at=AT)) == []
    registering.remove(session, organiser, COMPETITION, webhook.pk, at=AT)
    session.commit()
    assert attempt().state == "failed"
    assert receiver.got == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_try_that_ended_elsewhere_is_not_made_again(
    session: Session, organiser: Actor, receiver: Receiver, engine: Engine, attempt: Try
) -> None:
    closed(session, organiser, receiver.address)
    name = sending.try_name(newest(engine))
    attempt()
    settings = WebhookSettings(secret_key=SECRET_KEY, base_url=BASE, may_be_private=True)
    Teller(engine, settings, lambda: AT).tell(name, newest(engine).pk)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_does_not_happen_is_not_told(session: Session, organiser: Actor) -> None:
    add_webhook(session, organiser, "https://hooks.example.org/")
    opening.close_round(session, organiser, COMPETITION, ROUND, at=AT, knowingly=True)
    session.rollback()
    assert session.exec(select(tables.WebhookDelivery)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_example_of_the_page_accepts_a_message_and_no_other(
    session: Session, organiser: Actor, receiver: Receiver, attempt: Try
) -> None:
    text = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("<!-- example: verify.py -->\n```python\n")[2].partition("```")[0], names)  # noqa: S102 - ours
    secret = closed(session, organiser, receiver.address)
    attempt(at=datetime.now(UTC))
    ((headers, body),) = receiver.got
    is_genuine = names["is_genuine"]
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine(secret, headers | {"webhook-id": "msg_other"}, body)
    assert not is_genuine("whsec_" + base64.b64encode(b"another").decode(), headers, body)
    old = str(int(headers["webhook-timestamp"]) - 600)
    assert not is_genuine(secret, headers | {"webhook-timestamp": old}, body)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_release_is_told_when_the_last_chair_signs_with_its_digests(session: Session) -> None:
    event = make_calibrated(session)
    add_webhook(session, event.actor(session, "organiser"), "https://hooks.example.org/", "results.released")
    people = {row.email: row.pk for row in session.exec(select(tables.Person))}
    chairs = [load_actor(session, people[f"chair-{city}@example.org"]) for city in ("hk", "sh")]
    released = propose_release(session, chairs[0], run_number=1, reason="", at=AT)
    sign_release(session, chairs[0], 1, digest=released.digest, at=AT)
    assert session.exec(select(tables.WebhookDelivery)).all() == []
    sign_release(session, chairs[1], 1, digest=released.digest, at=AT)
    (told,) = session.exec(select(tables.WebhookDelivery)).all()
    digests = {name: released.content[name] for name in ("input_digest", "rules_digest", "result_digest")}
    assert (told.event, told.content) == (
        "results.released",
        {"competition": COMPETITION, "round": ROUND, "release": 1, "run": 1, "digest": released.digest, **digests},
    )


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_round_that_closes_at_its_deadline_is_told(session: Session, organiser: Actor) -> None:
    add_webhook(session, organiser, "https://hooks.example.org/")
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    row.closes_at = AT + timedelta(hours=1)
    session.flush()
    assert deadlines.close_due(session, row.pk, None, at=AT + timedelta(hours=2))
    (told,) = session.exec(select(tables.WebhookDelivery)).all()
    assert (told.event, told.content["by_itself"]) == ("round.closed", True)
