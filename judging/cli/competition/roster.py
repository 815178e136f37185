"""``judging roster``: judges leave and come back, proposals are withdrawn and put back; the history of a row."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("history", "leave", "withdraw", "put-back"))
    parser.add_argument("kind", choices=("judges", "teams", "proposals"))
    parser.add_argument("key", metavar="KEY", help="of the judge, the team or the proposal")
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument("--reason", default="", help="stored with the row; needed for every change")
    parser.add_argument("--replacement", metavar="KEY", default="", help="the judge who takes over what is open")


def run(arguments: argparse.Namespace) -> int:
    """Do the action and print what came of it."""
    from judging.services.access import operator
    from judging.services.participation import judges, proposals
    from judging.services.roster_entries.history import list_history

    wrong = {"leave": "judges", "withdraw": "proposals"}.get(arguments.action, arguments.kind)
    if wrong != arguments.kind or (arguments.action == "put-back" and arguments.kind == "teams"):
        print("Judges leave, proposals are withdrawn; both can be put back. A team does neither.")
        return 2
    here, at = (operator(), arguments.competition), datetime.now(UTC)
    with database.opened(read_only=arguments.action == "history") as session:
        if arguments.action == "leave":
            effect = judges.deactivate_judge(
                session, *here, arguments.key, reason=arguments.reason, replacement_key=arguments.replacement, at=at
            )
            print(
                f"{effect.judge.name} has left: {len(effect.moving)} scoresheets taken over, "
                f"{len(effect.falling_back)} free, {len(effect.staying)} stay and count."
            )
        elif arguments.action == "withdraw":
            gone = proposals.withdraw_proposal(session, *here, arguments.key, reason=arguments.reason, at=at)
            print(f"{gone.proposal.key} is withdrawn: {gone.n_taken_back} assignments taken back.")
        elif arguments.action == "put-back" and arguments.kind == "judges":
            back = judges.put_back_judge(session, *here, arguments.key, reason=arguments.reason, at=at)
            print(f"{arguments.key} takes part again: {len(back.restored)} scoresheets came back.")
        elif arguments.action == "put-back":
            n_restored = proposals.put_back_proposal(session, *here, arguments.key, reason=arguments.reason, at=at)
            print(f"{arguments.key} takes part again, with {n_restored} assignments given back.")
        for change in list_history(session, *here, arguments.kind, arguments.key):
            row = change.row
            values = "; ".join(f"{name}: {before} -> {after}" for name, (before, after) in row.changes.items())
            told = " ".join(filter(None, (row.reason, values, row.file and f"({row.file})")))
            print(f"{row.changed_at:%Y-%m-%d %H:%M} UTC  {change.by or 'command line'}  {row.action}  {told}".rstrip())
    return 0
