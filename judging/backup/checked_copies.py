"""Checked copies in a folder, one folder each, with a limit of how many are kept.

A copy is made under a name that begins with a dot, restored into a temporary database, compared and verified there, and
only then gets its name, in one step. Whatever ends the process before leaves nothing that looks like a copy.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from judging import db
from judging.backup import row_copying, sqlite_files
from judging.errors import JudgingError
from judging.media.file_store import FileStore
from judging.services.proposal_files.kept_contents import digests_in_use

DATABASE = "database.db"
"""The SQLite file in the folder of a copy, whichever engine it was made of."""
FACTS = "copy.json"
_NAME = re.compile(r"judging-\d{8}T\d{6}Z")
_UNFINISHED = (".partial", ".removed", ".check")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCopy:
    """What was made: its folder, the numbers of rows, entries of the log and files, and what is wrong with it."""

    path: Path
    n_rows: int
    n_entries: int
    n_files: int
    faults: tuple[str, ...]
    removed: tuple[str, ...]


def make_copy(engine: Engine, files: FileStore, folder: Path, *, keep: int, at: datetime) -> CheckedCopy:
    """Copy database and files, check the copy, and remove the oldest copies when it is well.

    Parameters
    ----------
    engine : Engine
        Of the database, which stays in use.
    files : FileStore
        The folder of decks and videos.
    folder : Path
        Where the copies are.
    keep : int
        How many well copies remain, this one included; 0 is all.
    at : datetime
        Now; the name is made of it.

    Raises
    ------
    JudgingError
        When another process makes a copy there, or one of this second exists.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"judging-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with _alone_in(folder):
        _remove_unfinished(folder)
        if (folder / name).exists():
            raise JudgingError(f"{folder / name} exists already.")
        partial = folder / f".{name}.partial"
        partial.mkdir(mode=0o700)
        counts, revision = _copy_database(engine, partial / DATABASE)
        missing, n_files = _copy_files(files, partial / DATABASE, earlier=_copies_in(folder))
        faults = [*_faults_of(partial / DATABASE, counts, folder), *missing]
        facts = {"made_at": at.isoformat(), "revision": revision, "rows": counts, "files": n_files, "faults": faults}
        (partial / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _sync(partial)
        final = folder / (f"{name}.faulty" if faults else name)
        partial.rename(final)
        removed = [] if faults else _remove_oldest(folder, keep)
    return CheckedCopy(
        path=final,
        n_rows=sum(counts.values()),
        n_entries=counts["audit_entry"],
        n_files=n_files,
        faults=tuple(faults),
        removed=tuple(removed),
    )


def database_in(copy: Path) -> Path:
    """Return the database file of a copy: that of its folder, or the file itself."""
    return copy / DATABASE if copy.is_dir() else copy


def _copy_database(engine: Engine, target: Path) -> tuple[dict[str, int], str | None]:
    if engine.dialect.name != "sqlite":
        db.upgrade(f"sqlite:///{target}")
        writing = db.create_engine_for(f"sqlite:///{target}")
        try:
            with row_copying.one_state(engine) as source, db.transaction(writing) as session:
                return row_copying.copy_rows(source, session.connection()), db.revision_of(source)
        finally:
            writing.dispose()
    with row_copying.one_state(engine) as source:
        # The driver's connection is in the same transaction: what is counted is what is copied.
        counts, revision = row_copying.count_rows(source), db.revision_of(source)
        driver: Any = source.connection.dbapi_connection
        sqlite_files.copy_pages(driver, target)
    return counts, revision


def _copy_files(files: FileStore, database: Path, *, earlier: list[Path]) -> tuple[list[str], int]:
    """Bring the files beside a copy; return a sentence for each that is missing or damaged, and how many there are."""
    engine = db.create_engine_for(f"sqlite:///{database}")
    try:
        with db.transaction(engine, read_only=True) as session:
            digests = digests_in_use(session)
    finally:
        engine.dispose()
    folder = sqlite_files.files_beside(database)
    if not digests:
        return [], 0
    folder.mkdir(mode=0o700)
    before = sqlite_files.files_beside(earlier[-1] / DATABASE) if earlier else None
    linked = set()
    for digest in digests:
        # Files are named by their digests and never change: one content, however many copies there are.
        if before is not None and (before / digest).is_file():
            os.link(before / digest, folder / digest)
            linked.add(digest)
    missing = files.copy_out(folder, digests)
    faults = [f"Missing in the folder of files: {digest}." for digest in missing]
    for digest in sorted(digests - linked - set(missing)):
        with (folder / digest).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                faults.append(f"Damaged in the folder of files: {digest}.")
    return faults, len(digests) - len(missing)


def _faults_of(copy: Path, counts: dict[str, int], folder: Path) -> list[str]:
    """Restore a copy into a temporary database and say what differs there."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".check") as place:
        url = f"sqlite:///{Path(place) / DATABASE}"
        sqlite_files.restore(url, copy)
        engine = db.create_engine_for(url)
        try:
            with row_copying.one_state(engine) as restored:
                found = row_copying.count_rows(restored)
                faults = row_copying.faults_of(restored)
        finally:
            engine.dispose()
    differing = sorted(name for name in counts if counts[name] != found.get(name))
    return [f"{name}: {counts[name]} rows, and {found.get(name)} in the copy." for name in differing] + faults


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise JudgingError(f"Another process makes a copy in {folder}.") from error
    finally:
        os.close(handle)


def _copies_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())


def _remove_unfinished(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name.startswith(".") and path.suffix in _UNFINISHED and path.is_dir():
            shutil.rmtree(path)


def _remove_oldest(folder: Path, keep: int) -> list[str]:
    removed = []
    for path in _copies_in(folder)[:-keep] if keep else ():
        # Half removed, it has no name of a copy any more.
        path.rename(folder / f".{path.name}.removed")
        shutil.rmtree(folder / f".{path.name}.removed")
        removed.append(path.name)
    return removed


def _sync(folder: Path) -> None:
    """Wait until the content of a folder is on the disk, before it gets its name."""
    for path in (*(path for path in folder.rglob("*") if path.is_file()), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
