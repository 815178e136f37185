"""``judging end-sessions``: end every session and revoke every unused link, after a database was restored."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare no argument: it is everybody who signs in again."""


def run(_arguments: argparse.Namespace) -> int:
    """End and revoke, and print how many."""
    from judging.services.authentication import sessions

    with database.opened() as session:
        n_sessions, n_links = sessions.end_everybodys(session, at=datetime.now(UTC))
    print(f"Everybody signs in again: {n_sessions} sessions ended, {n_links} unused links revoked.")
    return 0
