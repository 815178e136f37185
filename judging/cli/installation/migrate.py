"""``judging migrate``: migrate the database to the newest schema."""

import argparse

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Migrate; does nothing when the schema is already the newest."""
    from judging import db

    db.upgrade(database.settings().database_url)
    return 0
