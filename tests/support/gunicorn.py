"""The service as it runs in production: gunicorn with its own settings, on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.network import free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running_gunicorn(database_url: str, folder: Path, *, host: str = "127.0.0.1", **settings: str) -> Iterator[int]:
    """Serve a migrated database; yield the port. ``settings`` are ``JUDGING_*`` variables without the prefix."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "JUDGING_DATA_DIR": str(folder),
        "JUDGING_SECRET_KEY": "for tests only, for tests only..",
        **{f"JUDGING_{name.upper()}": value for name, value in settings.items()},
    }
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "wsgi:app"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
