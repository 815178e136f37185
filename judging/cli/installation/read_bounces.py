"""``judging read-bounces``: read reports of mail servers that messages were not delivered, from a pipe or saved."""

from __future__ import annotations

import argparse
import mailbox
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database
from judging.errors import JudgingError, Unavailable

TRY_LATER = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the report and runs the command again."""
_WORDS = {
    "bounced": "the message is marked as returned",
    "delayed": "the message is marked as delayed",
    "known": "known already, nothing was changed",
    "waits": "the message is being sent just now; read this report again later",
    "nothing": "it reports no trouble, nothing was changed",
    "unknown": "no message of this service has such a Message-ID, nothing was changed",
    "no report": "this is no report of a mail server, nothing was changed",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "source",
        metavar="FILE",
        help="a report, an mbox, or a folder of reports (a Maildir too); - reads one report from standard input, for "
        "the pipe of a mail server, and ends with 75 where it is to try again",
    )


def run(arguments: argparse.Namespace) -> int:
    """Store what each report says and print one line about it; the same report again changes nothing."""
    from sqlalchemy.exc import DBAPIError

    from judging.schemas.delivery_reports import read_report
    from judging.services.mail.returned import WAITS, store_report

    mailer = database.mailer()
    is_waiting = False
    try:
        for name, content in _mails(arguments.source):
            report = read_report(content)
            if report is None:
                outcome = "no report"
            else:
                with database.opened() as session:
                    outcome = store_report(session, report, at=datetime.now(UTC), mailer=mailer)
            is_waiting |= outcome == WAITS
            print(f"{name}: {_WORDS[outcome]}")
    except (Unavailable, DBAPIError) as error:
        print(f"The database does not answer: {str(error)[:300]}", file=sys.stderr)
        return TRY_LATER
    return TRY_LATER if is_waiting else 0


def _mails(source: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each mail, of each as much as is read of a report."""
    from judging.schemas.delivery_reports import MOST_BYTES

    if source == "-":
        content = sys.stdin.buffer.read(MOST_BYTES)
        # To the end: the mail server would take a closed pipe for a failure.
        while sys.stdin.buffer.read(MOST_BYTES):
            pass
        yield "-", content
        return
    path = Path(source)
    if not path.exists():
        raise JudgingError(f"There is no file {source}.")
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES)
        if not content.startswith(b"From "):
            yield str(file), content
            continue
        kept = mailbox.mbox(file, create=False)
        try:
            for number, key in enumerate(kept.iterkeys(), start=1):
                with kept.get_file(key) as stream:
                    yield f"{file} {number}", stream.read(MOST_BYTES)
        finally:
            kept.close()
