"""``judging verify-audit``: verify that the audit log is complete and unchanged."""

import argparse

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the faults of the audit log; the exit code is 1 when there are any."""
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
