"""``judging setup-link``: print the link with which the first organiser sets an installation up."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--if-needed", action="store_true", help="print nothing, and succeed, when there is an organiser already"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a new link, which is not stored."""
    from judging.services.access import operator
    from judging.services.people import first_organiser

    with database.opened(read_only=True) as session:
        if arguments.if_needed and first_organiser.has_organiser(session):
            return 0
    with database.opened() as session:
        token = first_organiser.issue_setup_link(session, operator(), at=datetime.now(UTC))
    days = first_organiser.SETUP_LIFETIME.days
    print(f"There is no organiser yet. The first one sets this installation up here, once, within {days} days:")
    print(f"{database.settings().base_url}/set-up/{token}", flush=True)
    return 0
