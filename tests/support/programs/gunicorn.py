"""The service as it runs in production: gunicorn with its own settings, on a free port."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs.forked import ROOT, SECRET_KEY, Forked
from tests.support.programs.network import free_port


class Machine:
    """gunicorn and, if asked for, a worker for jobs, as on one machine; each is a process that can be killed.

    Parameters
    ----------
    database_url : str
        Of a migrated database.
    folder : Path
        The data folder; the logs go there too.
    host : str
    with_worker : bool
    settings : str
        ``JUDGING_*`` variables without the prefix.
    """

    def __init__(
        self, database_url: str, folder: Path, *, host: str = "127.0.0.1", with_worker: bool = False, **settings: str
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self._environment = os.environ | {
            "DATABASE_URL": database_url,
            "JUDGING_DATA_DIR": str(folder),
            "JUDGING_SECRET_KEY": SECRET_KEY,
            **{f"JUDGING_{name.upper()}": value for name, value in settings.items()},
        }
        self.app = self._start("service.log", "gunicorn", "--bind", f"{host}:{self.port}", "wsgi:app")
        self.worker = self._start("worker.log", "judging", "work") if with_worker else None

    def wait(self) -> None:
        """Wait until the service can be used."""
        _wait(self.port, self.app, "healthz" if self.worker is None else "readyz")

    def stop(self) -> None:
        """Stop what still runs, in order."""
        processes = [process for process in (self.app, self.worker) if process is not None]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=60)

    def kill_worker(self) -> None:
        """Kill the worker with all its processes, as a loss of power does, and start another one."""
        assert self.worker is not None
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait(timeout=60)
        self.worker = self._start("worker.log", "judging", "work")

    def _start(self, log_name: str, module: str, *arguments: str) -> Forked:
        return Forked(module, *arguments, environment=self._environment, folder=ROOT, log=self.folder / log_name)


@contextmanager
def running_gunicorn(
    database_url: str, folder: Path, *, host: str = "127.0.0.1", with_worker: bool = False, **settings: str
) -> Iterator[int]:
    """Serve a migrated database; yield the port. See `Machine` for the parameters."""
    machine = Machine(database_url, folder, host=host, with_worker=with_worker, **settings)
    try:
        machine.wait()
        yield machine.port
    finally:
        machine.stop()


@contextmanager
def running_machines(database_url: str, *folders: Path, **settings: str) -> Iterator[list[Machine]]:
    """Yield one machine with a worker for each data folder, all on one database."""
    machines = [Machine(database_url, folder, with_worker=True, **settings) for folder in folders]
    try:
        for machine in machines:
            machine.wait()
        yield machines
    finally:
        for machine in machines:
            machine.stop()


def _wait(port: int, process: Forked, path: str) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
