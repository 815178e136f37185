"""``judging people``: list the people of a competition; issue or revoke a person's links."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from judging.cli import database
from judging.errors import Message, NotFound

if TYPE_CHECKING:
    from judging.services.people.members import Member


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--link", metavar="EMAIL", help="print a new personal link; earlier ones stop working")
    action.add_argument(
        "--reset-password",
        metavar="EMAIL",
        help="remove a forgotten password, end this person's sessions and print a link that signs in once",
    )
    action.add_argument("--revoke", metavar="EMAIL", help="end this person's links and sessions")
    action.add_argument(
        "--address", nargs=2, metavar=("EMAIL", "NEW"), help="change an address; both mailboxes are told"
    )
    action.add_argument("--rename", nargs=2, metavar=("EMAIL", "NAME"), help="change a name; the person is told")
    action.add_argument(
        "--reset-second-factor",
        metavar="EMAIL",
        help="remove this person's passkeys, app and recovery codes, after you have made sure who asks",
    )
    action.add_argument("--remove", metavar="EMAIL", help="take this person's roles in the competition away")


def run(arguments: argparse.Namespace) -> int:
    """Print the list, or the result of the action."""
    from judging.services.access import operator
    from judging.services.authentication import second_factors, sign_in
    from judging.services.people import accounts
    from judging.services.people.carrying_out import change_at_command_line
    from judging.services.people.members import list_people

    at = datetime.now(UTC)
    email = (
        arguments.link
        or arguments.reset_password
        or arguments.revoke
        or arguments.remove
        or arguments.reset_second_factor
    )
    value = ""
    if changed := arguments.address or arguments.rename:
        email, value = changed
    with database.opened(read_only=email is None) as session:
        listed = list_people(session, operator(), arguments.competition, at=at)
        if email is None:
            for member in listed:
                print(_line(member))
            return 0
        person_id = _find(listed, email)
        if arguments.link or arguments.reset_password:
            if arguments.reset_password:
                sign_in.reset_password(session, operator(), person_id, at=at)
            issued = accounts.issue_link(session, operator(), person_id, at=at)
            result_text = f"The link signs in once:\n{database.settings().base_url}/sign-in/{issued.token}"
        elif changed:
            kind = "address" if arguments.address else "name"
            person = accounts.get_member(session, operator(), person_id)
            change_at_command_line(session, operator(), database.mailer(), person, kind=kind, value=value, at=at)
            result_text = f"Changed: {person.email} {person.name}."
        elif arguments.revoke:
            count = accounts.revoke_links(session, operator(), person_id, at=at)
            result_text = f"{count} unused links and every session ended."
        elif arguments.reset_second_factor:
            second_factors.reset(session, operator(), person_id, at=at)
            result_text = "The second factors are removed and every session ended. It is in the audit log."
        else:
            accounts.deactivate(session, operator(), arguments.competition, person_id, at=at, mailer=database.mailer())
            result_text = "Roles taken away. Scoresheets stay."
    print(result_text)
    return 0


def _find(members: "list[Member]", email: str) -> int:
    from judging.schemas.invitations import normal_email

    address = normal_email(email)
    for member in members:
        if member.person.email == address:
            return member.person.pk
    raise NotFound(Message("Nobody with the e-mail {email} takes part in this competition.", email=address))


def _line(member: "Member") -> str:
    roles = ", ".join(f"{role.role} ({role.city})" if role.city else role.role for role in member.roles)
    judge = f", judge {member.judge.key}" if member.judge else ""
    ways = [
        word for word, applies in (("password", member.has_password), ("open link", member.has_open_link)) if applies
    ]
    state = "" if member.person.is_active else ", switched off"
    return f"{member.person.email}  {member.person.name}: {roles}{judge}{state}  [{', '.join(ways) or 'no way in'}]"
