"""``judging restore``: replace the database by a copy."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging import backup
from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Restore, end every session and revoke every link of the copy, and print where the old database was moved."""
    from judging import db
    from judging.services.people import sessions

    url = database.settings().database_url
    moved_to = backup.restore(url, arguments.file)
    # A copy of an older version has no table of sessions before this.
    db.upgrade(url)
    with database.opened() as session:
        n_sessions, n_links = sessions.end_everybodys(session, at=datetime.now(UTC))
    print(f"Restored from {arguments.file}." + (f" What stood there is kept as {moved_to}." if moved_to else ""))
    print(f"Everybody signs in again: {n_sessions} sessions ended, {n_links} unused links revoked.")
    return 0
