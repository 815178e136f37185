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

    own = database.settings()
    backup.back_up(own.database_url, arguments.file)
    print(f"{arguments.file}: {arguments.file.stat().st_size:,} bytes. Keep it as safe as the scores in it.")
    digests = _digests_in(arguments.file)
    if not digests:
        return 0
    folder = backup.files_beside(arguments.file)
    missing = FileStore(own.files_dir).copy_out(folder, digests)
    print(f"{folder}: {len(digests) - len(missing)} decks and videos. They belong to the copy.")
    for digest in missing:
        print(f"missing in {own.files_dir}: {digest}")
    return 1 if missing else 0


def _digests_in(copy: Path) -> set[str]:
    """Return the digests of the files that a copy refers to: the database itself may be busy, or has changed since."""
    from sqlalchemy import inspect

    from judging import db, tables
    from judging.services.proposal_files.kept_contents import digests_in_use

    engine = db.create_engine_for(f"sqlite:///{copy}")
    try:
        # A database is also copied before its migrations are applied.
        if not inspect(engine).has_table(tables.ProposalFile.__tablename__):
            return set()
        with db.transaction(engine, read_only=True) as session:
            return digests_in_use(session)
    finally:
        engine.dispose()
