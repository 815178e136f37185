"""``judging invite``: give a person a role in a competition and print a personal sign-in link."""

import argparse
from datetime import UTC, datetime, timedelta

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument("email", metavar="EMAIL")
    parser.add_argument("--name", required=True, help="as the person is to be greeted")
    parser.add_argument("--role", required=True, choices=("organiser", "chair", "judge", "auditor"))
    parser.add_argument("--city", help="key of the city a chair speaks for, or of a judge not yet on the roster")
    parser.add_argument(
        "--judge", metavar="KEY", help="which judge of the roster this is; without it a new one is added"
    )
    parser.add_argument("--days", type=_days, default=14, help="how long the link works (default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Store the invitation and print the link, which is not stored."""
    from judging.services.access import operator
    from judging.services.people import accounts

    with database.opened() as session:
        person, issued = accounts.invite(
            session,
            operator(),
            arguments.competition,
            email=arguments.email,
            name=arguments.name,
            role=arguments.role,
            city=arguments.city,
            judge_key=arguments.judge,
            at=datetime.now(UTC),
            lifetime=timedelta(days=arguments.days),
            mailer=database.mailer(),
        )
        email = person.email
    print(f"{email} is {arguments.role} of {arguments.competition}. The link signs in once:")
    print(f"{database.settings().base_url}/sign-in/{issued.token}")
    return 0


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 365):
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of days from 1 to 365")
    return int(text)
