"""Videos against the real server: long uploads go to the disk, and slow readers hold no thread."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from judging import tables
from tests.support.event import COMPETITION, ROUND, cookie_of, make_event
from tests.support.files import media
from tests.support.programs.gunicorn import running_gunicorn

VIDEO = media.mp4(n_bytes=24_000_000)
BOUNDARY = "the-boundary"


@pytest.fixture
def engine_name() -> str:
    """Run on SQLite only: the server does not see the difference."""
    return "sqlite"


@pytest.fixture
def does_jobs() -> bool:
    """Let the server's own worker do the jobs: there is none here."""
    return False


class Service:
    """A server with two threads, and the cookies of a judge and an organiser."""

    def __init__(self, port: int, folder: Path, proposal: str, cookies: dict[str, str]) -> None:
        self.port, self.folder, self.proposal, self.cookies = port, folder, proposal, cookies

    @property
    def video(self) -> str:
        return f"/files/{COMPETITION}/{self.proposal}/video"

    def ask(
        self, method: str, path: str, body: bytes | None = None, who: str = "judge", **headers: str
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Cookie": self.cookies[who], **named})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        # The token against forged requests stands in the cookie too.
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.cookies[who] = cookie.partition(";")[0]
        return answer.status, content

    def token(self, who: str) -> str:
        token: str = json.loads(self.ask("GET", "/api/v1/session", who=who)[1])["csrf_token"]
        return token

    def upload(self, content: bytes) -> tuple[int, bytes]:
        body = _form(f"{self.proposal}.mp4", content)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        address = f"/api/v1/competitions/{COMPETITION}/files"
        headers = {"Content_Type": kind, "X_CSRFToken": self.token("organiser")}
        return self.ask("POST", address, body, who="organiser", **headers)

    def begin_download(self, who: str) -> socket.socket:
        """Ask for the whole video with a small buffer, and read nothing."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self.port))
        head = f"GET {self.video} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookies[who]}\r\n\r\n"
        connection.sendall(head.encode())
        return connection


def _form(name: str, content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def service(app: Flask, session: Session, database_url: str, tmp_path: Path) -> Iterator[Service]:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    proposal = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].id)
        .order_by(tables.Proposal.key)
    ).first()
    session.rollback()
    session.close()
    cookies = {who: cookie_of(app, event.people[who]) for who in ("judge", "organiser")}
    sent = {who: f"{cookie['name']}={cookie['value']}" for who, cookie in cookies.items()}
    # A body over a megabyte goes to the disk.
    with running_gunicorn(
        database_url, tmp_path, workers="1", threads="2", max_upload_bytes="1000000", least_free_megabytes="1"
    ) as port:
        yield Service(port, tmp_path, proposal or "", sent)


def test_long_uploads_go_to_the_disk_and_twenty_slow_readers_stop_nobody(service: Service) -> None:
    # An upload that is interrupted leaves nothing.
    half = _form(f"{service.proposal}.mp4", VIDEO)
    head = f"POST /api/v1/competitions/{COMPETITION}/files HTTP/1.1\r\nHost: localhost\r\nCookie: "
    head += f"{service.cookies['organiser']}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    with socket.create_connection(("127.0.0.1", service.port)) as broken:
        broken.sendall(f"{head}Content-Length: {len(half)}\r\n\r\n".encode() + half[: len(half) // 2])
    status, content = service.upload(VIDEO)
    assert (status, json.loads(content).get("stored", content)) == (
        200,
        [{"name": f"{service.proposal}.mp4", "proposal": service.proposal, "kind": "video"}],
    )
    assert list((service.folder / "files" / "arriving").glob("*")) == []
    assert [path.stat().st_size for path in (service.folder / "files" / "originals").glob("*/*")] == [len(VIDEO)]
    # More readers than threads, of two people; none of them reads.
    readers = [service.begin_download(who) for who in ["judge"] * 12 + ["organiser"] * 8]
    try:
        time.sleep(0.5)
        sheet = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{service.proposal}"
        body = json.dumps({"base_version": 0, "scores": {"value": 6}, "submit": False}).encode()
        headers = {"Content_Type": "application/json", "X_CSRFToken": service.token("judge")}
        began = time.monotonic()
        assert service.ask("PUT", sheet, body, **headers)[0] == 200
        assert [service.ask("GET", path)[0] for path in (f"/judge/{COMPETITION}", "/healthz")] == [200, 200]
        assert time.monotonic() - began < 10
        # A range, on a connection of its own and then on one that goes on to another request.
        status, part = service.ask("GET", service.video, Range="bytes=1000-1999999")
        assert (status, part == VIDEO[1000:2_000_000]) == (206, True)
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        for path, size in ((service.video, len(VIDEO)), (f"/judge/{COMPETITION}", None), (service.video, len(VIDEO))):
            connection.request("GET", path, headers={"Cookie": service.cookies["judge"]})
            content = connection.getresponse().read()
            assert size is None or (len(content), content == VIDEO) == (size, True)
        connection.request("HEAD", service.video, headers={"Cookie": service.cookies["judge"]})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, str(len(VIDEO)), b"")
        connection.close()
        # Whoever begins to read gets everything.
        assert len(_rest_of(readers[0])) >= len(VIDEO)
    finally:
        for reader in readers:
            reader.close()


def _rest_of(reader: socket.socket) -> bytes:
    content = bytearray()
    reader.settimeout(30)
    while len(content) < len(VIDEO):
        chunk = reader.recv(1 << 20)
        if not chunk:
            break
        content += chunk
    return bytes(content)
