"""``judging restore``: replace the database by a copy, and bring back decks and videos that are missing."""

import argparse
from pathlib import Path

from judging import backup
from judging.cli import database
from judging.cli.installation import end_sessions


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path)


def run(arguments: argparse.Namespace) -> int:
    """Restore, print where the old database was moved, and end every session and link of the copy."""
    from judging import db

    url = database.settings().database_url
    moved_to = backup.restore(url, arguments.file)
    print(f"Restored from {arguments.file}." + (f" What stood there is kept as {moved_to}." if moved_to else ""))
    # A copy made by an older version has no table of sessions before this.
    db.upgrade(url)
    code = _bring_back_files(arguments.file)
    return end_sessions.run(arguments) or code


def _bring_back_files(copy: Path) -> int:
    from judging.media.file_store import FileStore
    from judging.services.proposal_files import renderings
    from judging.services.proposal_files.kept_contents import digests_in_use

    with database.opened(read_only=True) as session:
        digests = digests_in_use(session)
    if not digests:
        return 0
    store = FileStore(database.settings().files_dir)
    n_copied, missing = store.copy_missing(backup.files_beside(copy), digests)
    print(f"Decks and videos: {n_copied} brought back, {len(digests) - n_copied - len(missing)} were there.")
    # Pages are computed from the files: what is not on this disk is made again by the worker.
    with database.opened() as session:
        for digest in digests:
            if not store.pages_of(digest).exists():
                renderings.forget(session, digest)
    for digest in missing:
        print(f"missing here and beside the copy: {digest}")
    return 1 if missing else 0
