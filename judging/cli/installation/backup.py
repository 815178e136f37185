"""``judging backup``: copy the database, and decks and videos beside it, while the service runs."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database
from judging.errors import JudgingError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="one SQLite copy, which is not checked")
    parser.add_argument(
        "--to",
        metavar="FOLDER",
        type=Path,
        help="a checked copy of SQLite or PostgreSQL in a folder of its own below this one, as a timer does it",
    )
    parser.add_argument(
        "--keep",
        metavar="N",
        type=int,
        default=14,
        help="with --to: how many copies remain; older ones are removed when the new one is well (14; 0: all)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Copy; return 1 when a file is missing on the disk or the check of the copy found a fault."""
    if (arguments.file is None) == (arguments.to is None):
        raise JudgingError("Give either FILE or --to FOLDER.")
    if arguments.to is not None:
        if arguments.keep < 0:
            raise JudgingError("--keep is a number of copies: 0 or more.")
        return _checked(arguments.to, arguments.keep)
    return _one_file(arguments.file)


def _checked(folder: Path, keep: int) -> int:
    """Make a checked copy, and write one JSON line about it to standard error, for whatever watches the timer."""
    from judging.backup import checked_copies
    from judging.media.file_store import FileStore

    own = database.settings()
    began = time.monotonic()
    try:
        with database.connected() as engine:
            files = FileStore(own.files_dir)
            made = checked_copies.make_copy(engine, files, folder, keep=keep, at=datetime.now(UTC))
    except Exception as error:
        _log("backup failed", "error", folder=str(folder), error=type(error).__name__)
        raise
    facts = {"rows": made.n_rows, "entries": made.n_entries, "files": made.n_files, "removed": list(made.removed)}
    seconds = round(time.monotonic() - began, 1)
    if made.faults:
        _log("backup is faulty", "error", copy=str(made.path), faults=len(made.faults), seconds=seconds, **facts)
    else:
        _log("backup is well", "info", copy=str(made.path), seconds=seconds, **facts)
    for fault in made.faults:
        print(fault)
    print(
        f"{made.path}: {made.n_rows:,} rows, {made.n_entries:,} entries of the audit log, {made.n_files} decks and "
        f"videos. "
        + ("Nothing was removed." if made.faults else "Restored and verified. Keep it as safe as the scores.")
    )
    return 1 if made.faults else 0


def _log(event: str, level: str, **facts: object) -> None:
    """Write a line as those of service and worker are."""
    line = {"event": event, "level": level, "timestamp": datetime.now(UTC).isoformat(), **facts}
    print(json.dumps(line, ensure_ascii=False), file=sys.stderr)


def _one_file(file: Path) -> int:
    from judging import backup
    from judging.media.file_store import FileStore

    own = database.settings()
    backup.back_up(own.database_url, file)
    print(f"{file}: {file.stat().st_size:,} bytes. Keep it as safe as the scores in it.")
    digests = _digests_in(file)
    if not digests:
        return 0
    folder = backup.files_beside(file)
    missing = FileStore(own.files_dir).copy_out(folder, digests)
    print(f"{folder}: {len(digests) - len(missing)} decks and videos. They belong to the copy.")
    for digest in missing:
        print(f"missing in {own.files_dir}: {digest}")
    return 1 if missing else 0


def _digests_in(copy: Path) -> set[str]:
    """Return the digests of the files that a copy refers to: the database itself may be busy, or has changed since."""
    from sqlalchemy import inspect

    from judging import db, tables
    from judging.services.proposal_files.kept_contents import digests_in_use

    engine = db.create_engine_for(f"sqlite:///{copy}")
    try:
        # A database is also copied before its migrations are applied.
        if not inspect(engine).has_table(tables.ProposalFile.__tablename__):
            return set()
        with db.transaction(engine, read_only=True) as session:
            return digests_in_use(session)
    finally:
        engine.dispose()
