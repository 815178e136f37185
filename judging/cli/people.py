"""``judging people``: who takes part in a competition; a new link, or an end to all of them."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from judging.cli import database
from judging.errors import Message, NotFound

if TYPE_CHECKING:
    from judging.services.people.accounts import Member

NAME = "people"
SUMMARY = "list the people of a competition, or with --link, --revoke or --remove act on one of them"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--link", metavar="EMAIL", help="print a new personal link; earlier ones stop working")
    action.add_argument("--revoke", metavar="EMAIL", help="end this person's links and sessions")
    action.add_argument("--remove", metavar="EMAIL", help="take this person's roles in the competition away")


def run(arguments: argparse.Namespace) -> int:
    """Print the list, or what was done."""
    from judging.services.access import operator
    from judging.services.people import accounts

    at = datetime.now(UTC)
    email = arguments.link or arguments.revoke or arguments.remove
    with database.opened(read_only=email is None) as session:
        members = accounts.list_people(session, operator(), arguments.competition, at=at)
        if email is None:
            for member in members:
                print(_line(member))
            return 0
        person_id = _find(members, email)
        if arguments.link:
            token = accounts.issue_link(session, operator(), person_id, at=at)
            answer = f"The link signs in once:\n{database.settings().base_url}/sign-in/{token}"
        elif arguments.revoke:
            count = accounts.revoke_links(session, operator(), person_id, at=at)
            answer = f"{count} unused links and every session ended."
        else:
            accounts.deactivate(session, operator(), arguments.competition, person_id, at=at)
            answer = "Roles taken away. Scoresheets stay."
    print(answer)
    return 0


def _find(members: "list[Member]", email: str) -> int:
    from judging.schemas.invitations import normal_email

    wanted = normal_email(email)
    for member in members:
        if member.person.email == wanted:
            return member.person.pk
    raise NotFound(Message("Nobody with the e-mail {email} takes part in this competition.", email=wanted))


def _line(member: "Member") -> str:
    roles = ", ".join(f"{role.role} ({role.city})" if role.city else role.role for role in member.roles)
    judge = f", judge {member.judge.key}" if member.judge else ""
    ways = [word for word, is_so in (("password", member.has_password), ("open link", member.has_open_link)) if is_so]
    state = "" if member.person.is_active else ", switched off"
    return f"{member.person.email}  {member.person.name}: {roles}{judge}{state}  [{', '.join(ways) or 'no way in'}]"
