"""``judging verify``: verify a results bundle on any machine, without server or database."""

import argparse
from pathlib import Path

from judging.errors import InvalidInput, Message


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("bundle", metavar="BUNDLE.zip", type=Path)
    parser.add_argument(
        "--digest",
        metavar="SHA256",
        help="digest of the release as the chairs read it out or as it was printed, or at least its first 16 digits",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what agrees and what differs; return 0 when everything agrees, otherwise 1."""
    from judging.services.bundle.checking import check_bundle, holds

    try:
        content = arguments.bundle.read_bytes()
    except OSError as error:
        reason = Message("cannot be read: {reason}", reason=error.strerror or "")
        raise InvalidInput({str(arguments.bundle): reason}) from error
    lines = check_bundle(content, digest=arguments.digest)
    for line in lines:
        print(f"{line.verdict:7}  {line.part}: {line.text}")
    is_valid = holds(lines)
    print("Everything agrees." if is_valid else "This bundle is not what was released.")
    return 0 if is_valid else 1
