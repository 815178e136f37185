"""``judging restore``: replace the database by a copy."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database
from judging.cli.installation import end_sessions


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Restore, print where the old database was moved, and end every session and link of the copy."""
    from judging import db

    url = database.settings().database_url
    moved_to = backup.restore(url, arguments.file)
    print(f"Restored from {arguments.file}." + (f" What stood there is kept as {moved_to}." if moved_to else ""))
    # A copy made by an older version has no table of sessions before this.
    db.upgrade(url)
    return end_sessions.run(arguments)
