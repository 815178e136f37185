"""Processes of the service and of the worker, forked from one that has imported the program.

Importing takes three seconds of processor time and is the same each time; tests start a hundred such processes. What
a process does after its imports is what `python -m` does. The commands themselves are started by `tests/test_demo.py`.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "for tests only, for tests only.."
_IMPORTED = [
    "judging.app",
    "judging.cli.work",
    "judging.jobs.worker",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
]


class Forked:
    """A running module, with the methods of `subprocess.Popen` that tests use.

    Parameters
    ----------
    module : str
        What `python -m` would run.
    *arguments : str
    environment : dict
        All of it, as for `Popen`.
    folder : Path
        The working directory.
    log : Path
        Gets what the process prints, after what stands there.

    Notes
    -----
    The process has a process group of its own: with it, the children of gunicorn can be killed too.
    """

    def __init__(self, module: str, *arguments: str, environment: dict[str, str], folder: Path, log: Path) -> None:
        self._process = _context().Process(target=_run, args=(module, arguments, environment, str(folder), str(log)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or minus the signal that ended the process; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return as `poll` does; raise TimeoutExpired as `Popen.wait` does."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tell the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the process, as a loss of power does."""
        self.send_signal(signal.SIGKILL)


def worker_process(
    database_url: str, data_dir: Path, *, log: Path, name: str | None = None, settings: dict[str, str] | None = None
) -> Forked:
    """Start ``judging work``; ``settings`` are further variables of its environment."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "JUDGING_DATA_DIR": str(data_dir),
        "JUDGING_SECRET_KEY": SECRET_KEY,
        **(settings or {}),
    }
    named = () if name is None else ("--name", name)
    return Forked("judging", "work", *named, environment=environment, folder=log.parent, log=log)


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    # Python 3.11 imports them only from the folders in which any Python looks: the variable is read by the new process.
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    context.set_forkserver_preload(_IMPORTED)
    forkserver.ensure_running()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before
    return context


def _run(module: str, arguments: tuple[str, ...], environment: dict[str, str], folder: str, log: str) -> None:
    os.setsid()
    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
