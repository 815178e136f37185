"""``judging database-role``: print the SQL that gives a PostgreSQL role what the service needs, and no more."""

import argparse

from judging.errors import JudgingError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("role", metavar="ROLE", help="a role that exists and may log in, and owns no table")


def run(arguments: argparse.Namespace) -> int:
    """Print the statements; the owner of the database runs them after each migration."""
    from judging.services.audit.application_role import grants_for

    try:
        for statement in grants_for(arguments.role):
            print(f"{statement};")
    except ValueError as error:
        raise JudgingError(f"{error}.") from error
    return 0
