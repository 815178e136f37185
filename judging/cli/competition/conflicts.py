"""``judging conflicts``: list conflicts of interest of judges, enter one, refuse a proposed one, end one."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "enter", "refuse", "end"))
    parser.add_argument("judge", metavar="JUDGE", nargs="?", default="", help="key of the judge; not for list")
    parser.add_argument("proposal", metavar="PROPOSAL", nargs="?", default="", help="key of the proposal")
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument("--kind", default="employer", help="family, employer, mentoring, sponsor or other")
    parser.add_argument("--reason", default="", help="needed for `other`, and to end one")


def run(arguments: argparse.Namespace) -> int:
    """Do the action and print what is in force and what the rosters suggest."""
    from judging.services.access import operator
    from judging.services.participation import judge_conflicts, suggested_conflicts

    here, at = (operator(), arguments.competition), datetime.now(UTC)
    pair = {"judge_key": arguments.judge, "proposal_key": arguments.proposal}
    with database.opened(read_only=arguments.action == "list") as session:
        if arguments.action == "enter":
            judge_conflicts.enter(session, *here, **pair, kind=arguments.kind, reason=arguments.reason, at=at)
        elif arguments.action == "refuse":
            judge_conflicts.refuse(session, *here, **pair, origin="hand", at=at)
        elif arguments.action == "end":
            judge_conflicts.end(session, *here, **pair, reason=arguments.reason, at=at)
        for entered in judge_conflicts.list_entered(session, *here):
            row = entered.row
            print(f"in force  {entered.judge.key} {entered.proposal.key}  {row.kind}  {row.reason}".rstrip())
        for proposed in suggested_conflicts.list_proposed(session, *here):
            print(f"proposed  {proposed.judge.key} {proposed.proposal.key}  {proposed.kind}  {proposed.why}")
    return 0
