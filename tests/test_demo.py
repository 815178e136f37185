"""The demo, started as a newcomer starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import pytest

from setup.environment import ROOT
from tests.support.optional import present
from tests.support.programs.network import free_port


@contextmanager
def started(command: str, *arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Start run.py somewhere; end it as Ctrl-C does if the test has not."""
    # What the caller has set must not be in the way; the database of another installation least of all.
    env = os.environ | {
        "PYTHONPATH": str(cwd),
        "VIRTUAL_ENV": str(cwd),
        "DATABASE_URL": "postgresql://127.0.0.1:1/nowhere",
    }
    process = subprocess.Popen(
        [sys.executable, ROOT / "run.py", command, *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell starts background jobs with SIGINT ignored; Ctrl-C must work here whoever runs the tests.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - before any thread
    )
    with process:
        try:
            yield process, present(process.stdout)
        finally:
            process.send_signal(signal.SIGINT)


def said_until(output: IO[str], sign: str) -> str:
    said = ""
    for line in output:
        said += line
        if sign in line:
            return said
    pytest.fail(f"ended without {sign!r}:\n{said}")


def test_the_demo_starts_twice_gives_three_links_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    links = []
    for _ in range(2):
        with started("demo", "--port", str(port), "--data-dir", "data", cwd=tmp_path) as (process, output):
            said = said_until(output, "Ctrl-C")
            links.append(re.findall(rf"(\w+) +({address}/sign-in/\S+)", said))
            assert [who for who, _link in links[-1]] == ["Judge", "Chair", "Organiser"]
            judge = HTTPConnection("127.0.0.1", port, timeout=120)
            judge.request("GET", links[-1][0][1].removeprefix(address))
            assert judge.getresponse().status == 200
            judge.close()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
    assert set(links[0]) & set(links[1]) == set()
    # The worker makes jobs.db, which it may not have come to.
    assert {path.name for path in (tmp_path / "data").glob("*.db")} - {"jobs.db"} == {"judging.db"}


def test_a_demo_on_a_port_that_is_taken_says_so_before_anything_else(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started("demo", "--port", str(port), "--data-dir", "data", cwd=tmp_path) as (demo, output):
            said = output.read()
            assert demo.wait(60) == 1
    assert said == f"\nPort {port} on 127.0.0.1 is taken by another program. Choose another one: --port {port + 1}\n"
    assert list(tmp_path.iterdir()) == []
