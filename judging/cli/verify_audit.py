"""``judging verify-audit``: whether the audit log is whole."""

import argparse

from judging.cli import database

NAME = "verify-audit"
SUMMARY = "check the hash chain of the audit log; name every entry that was changed, and say what is missing"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_arguments: argparse.Namespace) -> int:
    """Print what does not hold; exit code 1 when anything does not."""
    from sqlalchemy import func
    from sqlmodel import select

    from judging import tables
    from judging.services import audit

    with database.opened(read_only=True) as session:
        complaints = list(audit.verify(session))
        count = session.exec(select(func.count()).select_from(tables.AuditEntry)).one()
    for complaint in complaints:
        print(complaint)
    if not complaints:
        print(f"The audit log is whole: {count} entries.")
    return 1 if complaints else 0
