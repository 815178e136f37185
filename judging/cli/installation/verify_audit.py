"""``judging verify-audit``: verify that the audit log is complete, and that every stored row fits it."""

import argparse
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--head",
        metavar="HEAD",
        action="append",
        default=[],
        help="a signed head that somebody kept, or a file with heads (e-mail, workbook, bundle); may be repeated",
    )
    parser.add_argument(
        "--public-key",
        metavar="KEY",
        help="the public key that the heads must be signed with (default: that of the key file of this installation)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the faults; the exit code is 1 when there are any."""
    from sqlalchemy import func
    from sqlmodel import select

    from judging import tables
    from judging.errors import JudgingError
    from judging.services import audit
    from judging.services.audit import signed_heads
    from judging.services.audit.kept_files import text_in

    heads = []
    for given in arguments.head:
        in_given = signed_heads.find_heads(text_in(_content_of(given)))
        if not in_given:
            raise JudgingError(f"No signed head in {given!r}: a head begins with judging-head.1.")
        heads += in_given
    installation = arguments.public_key
    if heads and installation is None:
        installation = signed_heads.open_signer(database.settings().audit_key_file).installation
    with database.opened(read_only=True) as session:
        faults = [*audit.verify(session), *signed_heads.head_faults(session, heads, installation)]
        count = session.exec(select(func.count()).select_from(tables.AuditEntry)).one()
        n_without = audit.count_without_personal_data(session)
    for fault in faults:
        print(fault)
    if not faults:
        kept = f" Kept heads that agree: {len(heads)}." if heads else ""
        without = f" From {n_without} of them personal data were removed." if n_without else ""
        print(f"The audit log is whole: {count} entries.{without}{kept}")
    return 1 if faults else 0


def _content_of(given: str) -> bytes:
    """Return the content of a file, or what was given when it names none."""
    path = Path(given)
    # A head is longer than a file's name may be.
    is_file = len(given) < 200 and path.is_file()
    return path.read_bytes() if is_file else given.encode()
