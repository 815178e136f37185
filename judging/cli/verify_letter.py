"""``judging verify-letter``: check the proof of a letter to a team against a published root, without server."""

import argparse
from pathlib import Path

from judging.errors import InvalidInput, Message

# A proof of the largest event is a few kilobytes.
_MOST_BYTES = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("proof", metavar="PROOF.json", type=Path)
    parser.add_argument("root", metavar="ROOT", help="root of the digests as published, 64 hexadecimal digits")


def run(arguments: argparse.Namespace) -> int:
    """Print whether the letter is one of those that were released; return 0 for yes, otherwise 1."""
    from judging.publication.letter import is_proven

    try:
        with arguments.proof.open("rb") as stream:
            content = stream.read(_MOST_BYTES)
    except OSError as error:
        reason = Message("cannot be read: {reason}", reason=error.strerror or "")
        raise InvalidInput({str(arguments.proof): reason}) from error
    is_released = is_proven(content, arguments.root)
    print(
        "Yes: this letter is one of those that were released."
        if is_released
        else "No: this letter is not one of those that were released."
    )
    return 0 if is_released else 1
