"""Slow, long and many requests against the real server; others are answered meanwhile."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.programs.gunicorn import running_gunicorn

HEAD = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def port(migrated_sqlite: Path, folder: Path) -> Iterator[int]:
    shutil.copy(migrated_sqlite, folder / "judging.db")
    with running_gunicorn(
        f"sqlite:///{folder / 'judging.db'}",
        folder,
        with_worker=True,
        workers="1",
        threads="2",
        head_seconds="3",
        body_seconds="3",
        least_free_megabytes="1",
    ) as port:
        yield port


def test_a_service_that_other_machines_reach_says_so_once(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "judging.db")
    with running_gunicorn(f"sqlite:///{tmp_path / 'judging.db'}", tmp_path, host="0.0.0.0", workers="2"):
        pass
    lines = [json.loads(line) for line in (tmp_path / "service.log").read_text().splitlines()]
    warnings = [line["event"] for line in lines if line["level"] == "warning"]
    assert [warning.partition(" and ")[0] for warning in warnings] == ["The service listens on 0.0.0.0"]


def test_every_line_of_the_log_is_json(port: int, folder: Path) -> None:
    assert get(port, "/sign-in")[0] == 200
    lines = [json.loads(line) for line in (folder / "service.log").read_text().splitlines()]
    assert {"Using worker: judging.server.gunicorn_worker.BufferingWorker", "request"} <= {
        line["event"] for line in lines
    }
    assert [line for line in lines if not {"event", "level", "timestamp"} <= line.keys()] == []


def test_nobody_is_believed_about_https_or_the_host_without_a_counted_proxy(port: int) -> None:
    for header in (
        "X-Forwarded-Proto: https",
        "X-Forwarded-Protocol: ssl",
        "X-Forwarded-Ssl: on",
        "Forwarded: proto=https",
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        name, _, value = header.partition(": ")
        connection.request("GET", "/sign-in", headers={name: value, "X-Forwarded-Host": "evil.example"})
        answer = connection.getresponse()
        text = answer.read()
        assert (answer.status, answer.headers.get("Strict-Transport-Security"), b"evil" in text) == (200, None, False)
        connection.close()


def test_another_host_is_refused_with_the_address_to_use(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/sign-in", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.read().decode()) == (
        400,
        "This service answers under http://127.0.0.1:8000. Whoever runs it can add names with JUDGING_TRUSTED_HOSTS.\n",
    )
    connection.close()


def test_the_database_is_private(port: int, folder: Path) -> None:
    assert get(port, "/sign-in")[0] == 200
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.glob("judging.db*")}
    assert modes == dict.fromkeys(modes, 0o600)


def connect(port: int, data: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(data)
    return connection


def status_of(connection: socket.socket) -> int:
    with connection:
        return int(connection.recv(12).removeprefix(b"HTTP/1.1 "))


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@pytest.mark.parametrize("data", [HEAD, FORM + b"Content-Length: 4000\r\n\r\nemail=a"], ids=["head", "body"])
def test_slow_senders_are_cut_and_others_are_answered_meanwhile(port: int, data: bytes) -> None:
    senders = [connect(port, data) for _ in range(20)]
    assert [get(port, path)[0] for path in ("/sign-in", "/healthz", "/readyz")] == [200, 200, 200]
    # None of the senders has been answered yet: there are more of them than threads.
    for sender in senders:
        sender.setblocking(False)
        with pytest.raises(BlockingIOError):
            sender.recv(1)
        sender.setblocking(True)
    assert [status_of(sender) for sender in senders] == [408] * 20


def test_a_connection_that_sends_nothing_is_closed_without_a_word(port: int) -> None:
    with connect(port, b"") as connection:
        assert connection.recv(1) == b""


def test_a_client_that_never_closes_delays_nobody(port: int) -> None:
    clients = [connect(port, HEAD + b"Connection: close\r\n\r\n") for _ in range(20)]
    assert get(port, "/sign-in")[0] == 200
    assert [status_of(client) for client in clients] == [200] * 20


def test_several_requests_on_one_connection_are_answered_one_after_the_other(port: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(port, request * 2 + request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 200") == 3


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (FORM + b"Transfer-Encoding: chunked\r\n\r\n", 411),
        (FORM + b"Content-Length: 64001\r\n\r\n", 413),
        (FORM + b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n", 413),
        (HEAD + b"X: " + b"a" * 40_000, 431),
        (HEAD + b"X: 1\r\n" * 100 + b"\r\n", 431),
        (FORM + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 408),
        (FORM + b"Content-Length: x\r\n\r\n", 400),
    ],
    ids=["chunked", "long", "very long", "long head", "many fields", "two lengths", "no length"],
)
def test_a_request_that_cannot_be_read_is_refused_by_its_head(port: int, data: bytes, status: int) -> None:
    assert status_of(connect(port, data)) == status


def test_below_the_api_the_worker_refuses_in_json(port: int) -> None:
    data = b"PUT /api/v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(port, data) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["title"] == "Length Required"


def test_a_client_that_waits_for_continue_gets_it(port: int) -> None:
    with connect(port, FORM + b"Content-Length: 7\r\nExpect: 100-continue\r\n\r\n") as connection:
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"email=a")
        assert connection.recv(12) == b"HTTP/1.1 400"  # there is no token in the form


def test_more_requests_of_one_network_than_may_wait_are_refused_for_now(port: int) -> None:
    with ThreadPoolExecutor(150) as pool:
        answers = list(pool.map(lambda _: get(port, "/sign-in"), range(150)))
    assert {status for status, _ in answers} - {429} == {200}
