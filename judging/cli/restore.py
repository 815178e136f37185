"""``judging restore``: put a copy of the database back."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database

NAME = "restore"
SUMMARY = "put a copy made by `judging backup` in place of the database, with the service stopped"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Restore, and say where the database that was there has gone."""
    kept = backup.restore(database.settings().database_url, arguments.file)
    print(f"Restored from {arguments.file}." + (f" What stood there is kept as {kept}." if kept else ""))
    return 0
