"""``judging messages``: the e-mail messages of a competition, and send one again."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument(
        "--state", default="", help="only those: queued, sending, sent, failed, uncertain, bounced or delayed"
    )
    parser.add_argument(
        "--again", metavar="NUMBER", type=_number, help="send this message again: failed, uncertain or bounced"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each message, newest first; return 1 when one was not sent or perhaps not."""
    from judging.schemas.stored_messages import from_stored
    from judging.services.access import operator
    from judging.services.mail import outbox

    if arguments.again is not None:
        with database.opened() as session:
            outbox.send_again(
                session,
                operator(),
                arguments.competition,
                arguments.again,
                at=datetime.now(UTC),
                mailer=database.mailer(),
            )
        print(f"Message {arguments.again} waits to be sent.")
        return 0
    with database.opened(read_only=True) as session:
        rows = outbox.list_messages(session, operator(), arguments.competition, state=arguments.state)
        for message, _ in rows:
            problem = "" if message.problem is None else from_stored(message.problem)
            line = f"{message.pk}  {message.created_at:%Y-%m-%d %H:%M:%S}  {message.kind}  {message.recipient}"
            print(f"{line}  {message.delivery}  {problem}".rstrip())
    if not rows:
        print("No messages.")
    return 1 if any(outbox.may_be_sent_again(message) for message, _ in rows) else 0


def _number(text: str) -> int:
    # As wide as the column of the database.
    if not (text.isascii() and text.isdigit() and 1 <= int(text) < 2**31):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a message; the list shows them")
    return int(text)
