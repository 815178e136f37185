"""An installation as in production that can be hurt: its processes, its database, its disk, its clock, its network."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlmodel import select

from benchmarks.hostile_load import SECRET
from config import ROOT
from judging import db, tables
from judging.services import audit
from judging.services.jobs.lifecycle import list_unfinished
from setup.serving import Service
from tests.support.programs.link import Link, linked
from tests.support.programs.network import free_port
from tests.support.programs.postgres import Server

_DURABLE = ("-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on", "-c", "shared_buffers=16MB")
_DISK_MEGABYTES = 160


class Installation:
    """gunicorn and a worker for jobs, kept running as ``run.py`` does.

    Attributes
    ----------
    url : str
        The database, without the link that can be cut.
    folder : Path
        The data folder; its disk is small when this runs as root.
    server : Server or None
        PostgreSQL.
    link : Link or None
        Between the service and PostgreSQL.
    """

    def __init__(self, disk: Path, server: Server | None, link: Link | None) -> None:
        self.disk, self.folder, self.server, self.link = disk, disk / "data", server, link
        self.folder.mkdir(exist_ok=True)
        self.url = f"sqlite:///{self.folder / 'judging.db'}" if server is None else server.url
        self.port = free_port()
        self.clock = disk.parent / "clock"
        self.log = disk.parent / "service.log"
        self.service: Service | None = None

    def start(self) -> None:
        """Start, and keep running whatever ends."""
        self.shift_clock(0)
        url = self.url if self.server is None or self.link is None else self.url.replace(
            f":{self.server.port}/", f":{self.link.port}/"
        )  # fmt: skip
        environment = os.environ | {
            "DATABASE_URL": url,
            "JUDGING_DATA_DIR": str(self.folder),
            "JUDGING_SECRET_KEY": SECRET,
            "JUDGING_VERSIONS_PER_MINUTE": "0",
            "JUDGING_PERSON_SHARE_PERCENT": "0",
            "JUDGING_LEAST_FREE_MEGABYTES": "10",
            "LD_PRELOAD": str(self._clock_library()),
            "CLOCK_SHIFT_FILE": str(self.clock),
        }
        self.service = Service("127.0.0.1", self.port, env=environment, log=self.log)
        threading.Thread(target=self.service.keep_running, daemon=True).start()
        self.service.wait_until_it_answers()

    def stop(self) -> None:
        """Stop both processes."""
        if self.service is not None:
            self.service.stop()

    def process_id(self, name: str) -> int:
        """Return the process id of gunicorn's ``master``, of one ``worker`` of it, or of the worker for ``jobs``."""
        if self.service is None:
            raise RuntimeError("not started")
        if name == "jobs":
            return self.service.worker.process.pid
        while True:
            master = self.service.web.process.pid
            with suppress(OSError):
                children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
                if children and self.service.web.process.poll() is None:
                    return master if name == "master" else int(children[0])
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """Kill a process of the service with SIGKILL."""
        os.kill(self.process_id(name), signal.SIGKILL)

    def shift_clock(self, seconds: float) -> None:
        """Shift the clock of the service's processes."""
        if not self.clock.exists():
            self.clock.write_bytes(struct.pack("d", 0))
        with self.clock.open("r+b") as file:
            file.write(struct.pack("d", seconds))

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave not one free byte on the disk of the database."""
        ballast = self.disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def read_only_files(self) -> Iterator[None]:
        """Let nobody write the files of the data folder, or make new ones there; root included."""
        paths = [self.folder, *(path for path in self.folder.iterdir() if path.is_file())]
        subprocess.run(["chattr", "+i", *paths], check=True)
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", *paths], check=True)

    @contextmanager
    def crashed_database(self, *, seconds: float) -> Iterator[None]:
        """Kill every process of PostgreSQL, and start it again after some seconds."""
        if self.server is None:
            raise RuntimeError("SQLite has no processes")
        for number in self.server.process_ids():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(seconds)
        yield
        self.server.start()

    def crash_backend(self) -> None:
        """Kill the process of one connection; PostgreSQL then ends all others and recovers from its log by itself."""
        if self.server is None:
            raise RuntimeError("SQLite has no processes")
        backends = [
            number
            for number in self.server.process_ids()[1:]
            if b"postgres: postgres" in Path(f"/proc/{number}/cmdline").read_bytes()
        ]
        os.kill(backends[-1], signal.SIGKILL)

    def compare(self, acknowledged: dict[str, int]) -> tuple[int, int, int, str]:
        """Return how many acknowledged saves are lost, doubled, of another version; and the state of the audit log."""
        engine = db.create_engine_for(self.url)
        # Judges go on saving: all statements must see one state.
        with db.transaction(engine, read_only=True) as session:
            stored: dict[str, list[int]] = {}
            for comment, version in session.exec(select(tables.Scoresheet.comment, tables.Scoresheet.version)):
                if comment:
                    stored.setdefault(comment, []).append(version)
            faults = len(list(audit.verify(session)))
        engine.dispose()
        lost = sum(comment not in stored for comment in acknowledged)
        doubled = sum(len(versions) > 1 for versions in stored.values())
        other = sum(stored.get(comment, [version]) != [version] for comment, version in acknowledged.items())
        return lost, doubled, other, "whole" if not faults else f"{faults} faults"

    def unfinished_jobs(self) -> list[str]:
        """Return kind and state of the jobs that have not ended."""
        engine = db.create_engine_for(self.url)
        with db.transaction(engine, read_only=True) as session:
            unfinished = [f"{job.kind} {job.state}" for job in list_unfinished(session)]
        engine.dispose()
        return unfinished

    def _clock_library(self) -> Path:
        library = self.disk.parent / "clock_shift.so"
        source = ROOT / "benchmarks" / "support" / "clock_shift.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
        return library


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """Yield a mounted file system of its own; needs root."""
    image, mounted = folder / "disk.img", folder / "disk"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(_DISK_MEGABYTES * 1_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, mounted], check=True)
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "--lazy", mounted], check=True)


@contextmanager
def installation(database: str) -> Iterator[Installation]:
    """Yield an installation on an empty database, not yet started; it is stopped at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="judging-faults-", ignore_cleanup_errors=True) as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        disk = stack.enter_context(_small_disk(folder))
        server = link = None
        if database == "postgresql":
            place = folder / "server"
            place.mkdir()
            server = Server(place, _DURABLE)
            server.start()
            stack.callback(server.stop)
            link = stack.enter_context(linked(server.port))
        installed = Installation(disk, server, link)
        stack.callback(installed.stop)
        yield installed
