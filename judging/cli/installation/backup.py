"""``judging backup``: copy the database while the service runs."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Copy the database and print the path and size of the copy."""
    backup.back_up(database.settings().database_url, arguments.file)
    print(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes. Keep it as safe as the scores in it.")
    return 0
