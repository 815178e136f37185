"""Webhooks of the event, and a real receiver on this machine."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from judging import db, tables
from judging.errors import Unavailable
from judging.jobs.duties import now
from judging.jobs.webhooks.teller import Teller, WebhookSettings
from judging.schemas.webhooks import EVENTS
from judging.services.access import Actor
from judging.services.webhooks import registering, sending
from tests.support.event import AT, COMPETITION

SECRET_KEY = "for tests only, for tests only.."


def add_webhook(session: Session, organiser: Actor, address: str, *events: str) -> tuple[tables.Webhook, str]:
    """Add a webhook of the event; with no event named, it is told of all."""
    return registering.add(
        session,
        organiser,
        COMPETITION,
        {"address": address, "events": list(events or EVENTS)},
        box=registering.box_of(SECRET_KEY),
        may_be_private=True,
        at=AT,
    )


@dataclass
class Receiver:
    """What a program was told, and what it answers: the statuses in ``answers``, then 204; nothing while it holds."""

    port: int = 0
    scheme: str = "http"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    # While it is set, whoever has sent something waits for the answer.
    holds: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/hook?from=judging"

    def wait_for(self, count: int, *, seconds: float = 60.0) -> None:
        """Wait until it was told so many messages."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, seconds), self.got


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """Run a receiver while the block runs; with a certificate and its key in a file, it speaks https."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.arrived:
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                is_held = receiver.holds.is_set()
                status = receiver.answers.pop(0) if receiver.answers and not is_held else 204
                receiver.arrived.notify_all()
            while is_held and receiver.holds.is_set():
                time.sleep(0.02)
            if is_held:
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    if certificate is not None:
        receiver.scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def telling(engine: Engine, *, base_url: str) -> Iterator[None]:
    """Tell programs what is due while the block runs, with the code that the worker calls."""
    settings = WebhookSettings(secret_key=SECRET_KEY, base_url=base_url, may_be_private=True)
    teller, ending = Teller(engine, settings, now), threading.Event()

    def loop() -> None:
        while not ending.wait(0.05):
            # The session of a test may hold the database: the try then waits for its next turn.
            with suppress(Unavailable):
                with db.transaction(engine, read_only=True) as session:
                    due = [(sending.try_name(row), row.pk) for row in sending.list_due(session, at=now())]
                for name, number in due:
                    teller.tell(name, number)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
