"""Start the service on this machine and wait until it answers."""

import contextlib
import errno
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import settings_file
from setup.environment import PYTHON, ROOT
from setup.progress import Stop, step

LAST_FOLDER = ROOT / ".last-data-dir"
"""Holds the path of the data folder that ``run.py run`` served last."""

_SHORTEST_RUN_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 10.0


def settings(data_dir: Path) -> dict[str, str]:
    """Return the environment variables of one installation; make its folder and its secret key at the first call."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(data_dir, os.W_OK):
            raise PermissionError(13, "this user may not write there")
        if not os.environ.get("JUDGING_SECRET_KEY") and "JUDGING_SECRET_KEY" not in settings_file.read(data_dir):
            _make_secret(data_dir / settings_file.SECRET_NAME)
    except settings_file.SettingsFileError as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"Cannot use {data_dir} to keep data: {error.strerror}. Choose another --data-dir.") from error
    return {"JUDGING_DATA_DIR": str(data_dir)}


def remember(data_dir: Path, host: str, port: int, environ: Mapping[str, str]) -> None:
    """Write into the data folder where the service listens, and which database and address the environment names."""
    named = {name: environ[name] for name in settings_file.REMEMBERED if environ.get(name)}
    try:
        settings_file.keep(data_dir, named | {"JUDGING_HOST": host, "JUDGING_PORT": str(port)})
    except OSError as error:
        raise Stop(f"Cannot write {data_dir / settings_file.FILE_NAME}: {error.strerror}.") from error


def note_folder(data_dir: Path) -> None:
    """Note which folder was served last, for commands that are given none; nothing where the project is read-only."""
    with contextlib.suppress(OSError):
        LAST_FOLDER.write_text(f"{data_dir}\n", encoding="utf-8")


def noted_folder() -> Path | None:
    """Return the folder that was served last from this project, or None."""
    try:
        return Path(LAST_FOLDER.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None


def _make_secret(path: Path) -> None:
    """Make the secret key of a data directory, readable by its owner only, unless there is one."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(48))
        unfinished.replace(path)


def require_free(host: str, port: int) -> None:
    """Stop when the address is in use or not permitted."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                f"Port {port} on {host} is taken by another program. Choose another one: --port {port + 1}"
            ) from error
        if error.errno == errno.EACCES:
            raise Stop(f"Port {port} is reserved for root. Choose one above 1023: --port 8000") from error
        raise Stop(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another --host or --port."
        ) from error


def judging(
    *arguments: str, env: dict[str, str], cwd: Path = ROOT, stdout: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line of the product in a folder; ``stdout`` as for ``subprocess.run``."""
    # -P: a file json.py in the caller's folder must not replace the standard module json.
    return subprocess.run(
        [PYTHON, "-P", "-m", "judging", *arguments],
        cwd=cwd,
        env=env | {"PYTHONPATH": str(ROOT)},
        stdout=stdout,
        check=False,
    )


def _open_private(path: Path) -> BinaryIO:
    """Open a log to append to; only its owner may read it, also when an earlier version has made it."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(handle, 0o600)
    return os.fdopen(handle, "ab")


class Process:
    """A child process that is started again when it ends by itself, however often.

    A process that cannot run now, because the database is away or the disk is full, can run when that is over: giving
    up would leave the repair to a person. The pauses grow, so that the attempts do not use up the machine.
    """

    def __init__(self, arguments: list[str | Path], *, env: dict[str, str], log: Path | None = None) -> None:
        self.arguments, self.env, self.log = arguments, env, log
        self.quick_ends = 0
        self.started = 0.0
        self.start_again_at: float | None = None
        self.is_stopped = False
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.started = time.monotonic()
        self.start_again_at = None
        with contextlib.nullcontext() if self.log is None else _open_private(self.log) as output:
            # A session of its own: Ctrl-C reaches only run.py, which then stops the process properly.
            return subprocess.Popen(
                self.arguments, cwd=ROOT, env=self.env, stdout=output, stderr=output, start_new_session=True
            )

    def keep_running(self, *, at: float) -> None:
        """Start the process again if it has ended: at once, or after a pause when it ended soon after its start.

        Parameters
        ----------
        at : float
            Now, on the monotonic clock.
        """
        if self.is_stopped or self.process.poll() is None:
            return
        if self.start_again_at is None:
            pause = self._pause(at)
            self.start_again_at = at + pause
            when = f"in {pause:g} s" if pause else "now"
            text = f"{self.arguments[-1]} ended with code {self.process.returncode}; it is started again {when}."
            print(text, flush=True)
        if at >= self.start_again_at:
            self.process = self._start()

    def _pause(self, at: float) -> float:
        if at - self.started >= _SHORTEST_RUN_SECONDS:
            self.quick_ends = 0
            return 0.0
        pause = _FIRST_PAUSE_SECONDS * 2.0 ** min(self.quick_ends, 10)
        self.quick_ends += 1
        return min(pause, _LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """Stop the process for good; what is in progress is finished first."""
        self.is_stopped = True
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=35)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Service:
    """gunicorn and one worker for jobs, each a child process."""

    def __init__(self, host: str, port: int, *, env: dict[str, str], log: Path | None = None) -> None:
        self.address = settings_file.address(host, port)
        self.log = log
        if log:
            log.unlink(missing_ok=True)
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.web = Process([PYTHON, "-m", "gunicorn", "--bind", bind, "wsgi:app"], env=env, log=log)
        self.worker = Process([PYTHON, "-P", "-m", "judging", "work"], env=env | {"PYTHONPATH": str(ROOT)}, log=log)

    def wait_until_it_answers(self, *, limit_seconds: float = 60.0) -> None:
        """Return when the service answers; stop with the last lines of its log when it does not start in time."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + limit_seconds
        with step("Starting the service"):
            while self.web.process.poll() is None and time.monotonic() < deadline:
                try:
                    with opener.open(f"{self.address}/healthz", timeout=5) as answer:
                        if answer.status == 200:
                            return
                except OSError:
                    time.sleep(0.1)
        tail = self.log.read_text(errors="replace").splitlines()[-15:] if self.log else []
        raise Stop("\n".join(["The service did not start.", *(f"  {line}" for line in tail)]))

    def keep_running(self) -> int:
        """Wait for ever, and start again whichever process has ended."""
        while True:
            time.sleep(0.5)
            for process in (self.web, self.worker):
                process.keep_running(at=time.monotonic())

    def stop(self) -> None:
        """Stop both; requests in progress are finished first."""
        self.worker.is_stopped = True
        self.web.stop()
        self.worker.stop()
