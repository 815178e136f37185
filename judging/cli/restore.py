"""``judging restore``: replace the database by a copy."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Restore, and print where the old database was moved."""
    moved_to = backup.restore(database.settings().database_url, arguments.file)
    print(f"Restored from {arguments.file}." + (f" What stood there is kept as {moved_to}." if moved_to else ""))
    return 0
