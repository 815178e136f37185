"""``judging backup``: copy the database, and decks and videos beside it, while the service runs."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Copy the database, then the files that it refers to; return 1 when one of these is missing on the disk."""
    from judging.media.file_store import FileStore
    from judging.services.proposal_files.kept_contents import digests_in_use

    own = database.settings()
    backup.back_up(own.database_url, arguments.file)
    print(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes. Keep it as safe as the scores in it.")
    with database.opened(read_only=True) as session:
        digests = digests_in_use(session)
    if not digests:
        return 0
    folder = backup.files_beside(arguments.file)
    missing = FileStore(own.files_dir).copy_out(folder, digests)
    print(f"{folder}: {len(digests) - len(missing)} decks and videos. They belong to the copy.")
    for digest in missing:
        print(f"missing in {own.files_dir}: {digest}")
    return 1 if missing else 0
