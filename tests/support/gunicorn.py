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
def running_gunicorn(
    database_url: str, folder: Path, *, host: str = "127.0.0.1", with_worker: bool = False, **settings: str
) -> Iterator[int]:
    """Serve a migrated database; yield the port. ``settings`` are ``JUDGING_*`` variables without the prefix.

    ``with_worker`` starts a worker for jobs too.
    """
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
    processes = [process]
    if with_worker:
        with (folder / "worker.log").open("wb") as log:
            command = [sys.executable, "-m", "judging", "work"]
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
    try:
        _wait(port, process, "readyz" if with_worker else "healthz")
        yield port
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=60)


def _wait(port: int, process: subprocess.Popen[bytes], path: str) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
