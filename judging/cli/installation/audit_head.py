"""``judging audit-head``: print the signed head of the audit log, for somebody else to keep."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--public-key", action="store_true", help="print the public key of this installation only")


def run(arguments: argparse.Namespace) -> int:
    """Print the head; the exit code is 1 while the log is empty."""
    from judging.services.audit import signed_heads

    signer = signed_heads.open_signer(database.settings().audit_key_file)
    if arguments.public_key:
        print(signer.installation)
        return 0
    with database.opened(read_only=True) as session:
        head = signer.newest(session, at=datetime.now(UTC))
    print("The audit log is empty." if head is None else head.text)
    return 1 if head is None else 0
