"""``judging rounds``: list, check, open, close and reopen rounds; set their deadline; remind their judges."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from judging.cli import database

if TYPE_CHECKING:
    from sqlmodel import Session

    from config import Config
    from judging.services.authentication.sessions import SessionLimits


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("list", "check", "open", "close", "reopen", "deadline", "remind"))
    parser.add_argument("round", metavar="ROUND", nargs="?", help="key of the round; not for list")
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument(
        "--knowingly",
        action="store_true",
        help="open although points of the checklist are not ready; close although judges have not finished",
    )
    parser.add_argument(
        "--deadline", default="", metavar="TIME", help="such as 2026-12-14T18:00, in the competition's zone"
    )
    parser.add_argument("--reason", default="", help="why the round is reopened; needed for it")
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE.xlsx",
        help="without a mail server: write the reminders as a table for mail merge, without sign-in links",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the action and print the state of the rounds."""
    from judging.services import access
    from judging.services.access import operator
    from judging.services.rounds import deadlines, opening, reminders
    from judging.services.rounds.checklist import checklist
    from judging.services.rounds.closing_cost import closing_cost

    if arguments.action != "list" and not arguments.round:
        print(f"Say which round to {arguments.action}.")
        return 2
    actor, at = operator(), datetime.now(UTC)
    keys = (arguments.competition, arguments.round)
    with database.opened() as session:
        if arguments.action in ("check", "open"):
            limits = _limits(database.settings(), at=at)
            has_mail = database.mailer() is not None
            checked = checklist(session, actor, *keys, at=at, limits=limits, has_mail=has_mail)
            for warning in checked.warnings:
                print(f"Not ready: {warning.text} {warning.remedy}")
            for note in checked.notes:
                print(f"Good to know: {note.text} {note.remedy}")
        if arguments.action == "open":
            opening.open_round(session, actor, *keys, at=at, checked=checked, knowingly=arguments.knowingly)
        elif arguments.action == "close":
            cost = closing_cost(session, *access.get_round(session, actor, *keys, "organiser"))
            opening.close_round(session, actor, *keys, at=at, knowingly=arguments.knowingly, cost=cost)
        elif arguments.action == "reopen":
            opening.reopen_round(session, actor, *keys, reason=arguments.reason, deadline=arguments.deadline, at=at)
        elif arguments.action == "deadline":
            deadlines.change_deadline(session, actor, *keys, text=arguments.deadline, mailer=database.mailer(), at=at)
        elif arguments.action == "remind" and arguments.table:
            arguments.table.write_bytes(_reminders(session, keys, at=at))
            print(f"Written: {arguments.table}")
        elif arguments.action == "remind":
            number = reminders.remind(session, actor, *keys, mailer=database.mailer(), at=at)
            print(f"Reminders queued: {number}")
        for status in opening.overview(session, actor, arguments.competition).rounds:
            done = f"{status.progress.n_submitted} of {status.progress.n_assigned} scoresheets submitted"
            print(f"{status.row.key}: {status.row.state}, {status.progress.n_proposals} proposals, {done}")
    return 0


def _reminders(session: "Session", keys: tuple[str, str], *, at: datetime) -> bytes:
    from judging.services.access import operator
    from judging.services.rounds.reminder_table import reminder_rows
    from judging.workbook.mail_merge import OPEN_SHEETS, write_mail_merge

    settings = database.settings()
    rows = reminder_rows(
        session,
        operator(),
        database.mailer(),
        *keys,
        home=f"{settings.base_url}/",
        address_of=str,
        at=at,
        limits=_limits(settings, at=at),
    )
    return write_mail_merge(rows, language="en", language_names={}, others=(OPEN_SHEETS,))


def _limits(settings: "Config", *, at: datetime) -> "SessionLimits":
    from judging.services.authentication.sessions import SessionLimits

    lifetime, idle = timedelta(hours=settings.session_hours), timedelta(hours=settings.session_idle_hours)
    return SessionLimits(begun_after=at - lifetime, used_after=at - idle)
