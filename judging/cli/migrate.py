"""``judging migrate``: bring the database to the newest form of its tables."""

import argparse

from judging.cli import database

NAME = "migrate"
SUMMARY = "bring the database to the newest form of its tables, keeping what is in it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Migrate; does nothing where everything is new already."""
    from judging import db

    db.upgrade(database.settings().database_url)
    return 0
