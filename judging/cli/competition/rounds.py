"""``judging rounds``: list, open, close and reopen rounds."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "open", "close", "reopen"))
    parser.add_argument("round", metavar="ROUND", nargs="?", help="key of the round; not for list")
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument("--knowingly", action="store_true", help="close although judges have not finished")
    parser.add_argument("--reason", default="", help="why the round is reopened; needed for it")


def run(arguments: argparse.Namespace) -> int:
    """Run the action and print the state of the rounds."""
    from judging.services.access import operator
    from judging.services.rounds import opening

    if arguments.action != "list" and not arguments.round:
        print(f"Say which round to {arguments.action}.")
        return 2
    actor, at = operator(), datetime.now(UTC)
    keys = (arguments.competition, arguments.round)
    with database.opened() as session:
        if arguments.action == "open":
            opening.open_round(session, actor, *keys, at=at)
        elif arguments.action == "close":
            opening.close_round(session, actor, *keys, at=at, knowingly=arguments.knowingly)
        elif arguments.action == "reopen":
            opening.reopen_round(session, actor, *keys, reason=arguments.reason, at=at)
        for status in opening.overview(session, actor, arguments.competition).rounds:
            done = f"{status.progress.n_submitted} of {status.progress.n_assigned} scoresheets submitted"
            print(f"{status.row.key}: {status.row.state}, {status.progress.n_proposals} proposals, {done}")
    return 0
