"""``judging restore``: put a copy in place of the database, and bring back decks and videos that are missing."""

import argparse
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from judging import backup
from judging.backup import checked_copies
from judging.cli import database
from judging.cli.installation import end_sessions


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="COPY", type=Path, help="the file of a copy, or the folder that --to made")


def run(arguments: argparse.Namespace) -> int:
    """Restore, print where the old database was moved, and end every session and link of the copy."""
    from judging import db

    copy = checked_copies.database_in(arguments.file)
    url = database.settings().database_url
    if make_url(url).get_backend_name() == "sqlite":
        moved_to = backup.restore(url, copy)
        print(f"Restored from {arguments.file}." + (f" What stood there is kept as {moved_to}." if moved_to else ""))
        # A copy made by an older version has no table of sessions before this.
        db.upgrade(url)
    else:
        _fill(url, copy)
        print(f"Restored from {arguments.file}.")
    code = _bring_back_files(copy)
    return end_sessions.run(arguments) or code


def _fill(url: str, copy: Path) -> None:
    """Fill an empty database of PostgreSQL with the rows of a copy."""
    from judging import db
    from judging.backup import row_copying

    with tempfile.TemporaryDirectory() as folder:
        # A copy made by an older version has to be migrated first, and stays as it is.
        newer = f"sqlite:///{Path(folder) / checked_copies.DATABASE}"
        backup.restore(newer, copy)
        db.upgrade(newer)
        db.upgrade(url)
        source_engine, target_engine = db.create_engine_for(newer), db.create_engine_for(url)
        try:
            with row_copying.one_state(source_engine) as source, db.transaction(target_engine) as session:
                row_copying.copy_rows(source, session.connection())
        finally:
            source_engine.dispose()
            target_engine.dispose()


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
