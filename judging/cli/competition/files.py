"""``judging files``: decks and videos of a competition: list, add those of a folder, clean the folder of files."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from judging.cli import database

if TYPE_CHECKING:
    from judging.media.file_store import FileStore
    from judging.media.media_limits import MediaLimits


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="what", required=True)
    listed = actions.add_parser("list", help="list the proposals with their decks and videos, and what is missing")
    listed.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    added = actions.add_parser("add", help="add every PDF, MP4 and WebM of a folder, named by the keys of proposals")
    added.add_argument("folder", metavar="FOLDER", type=Path)
    added.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    actions.add_parser("clean", help="delete what nothing refers to; the worker does it every hour")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; the exit code is 1 when a file was refused, or is missing on the disk."""
    from judging.media.file_store import FileStore

    store = FileStore(database.settings().files_dir)
    if arguments.what == "clean":
        return _clean(store)
    if arguments.what == "list":
        return _list(store, arguments.competition)
    return _add(store, arguments.folder, arguments.competition)


def _clean(store: FileStore) -> int:
    from judging.services.proposal_files.kept_contents import digests_to_keep

    with database.opened(read_only=True) as session:
        keep = digests_to_keep(session, at=datetime.now(UTC))
    print(f"{store.clean(keep):,} bytes are free again.")
    return 0


def _list(store: FileStore, competition: str) -> int:
    from judging.services.access import operator
    from judging.services.proposal_files import uploads

    code = 0
    with database.opened(read_only=True) as session:
        for entry in uploads.list_files(session, operator(), competition):
            texts = []
            for row in (entry.files.deck, entry.files.video):
                if row is None:
                    continue
                text = f"{row.kind} {row.name} {row.n_bytes:,} bytes"
                if not store.path_of(row.digest).exists():
                    text, code = f"{text} MISSING on the disk", 1
                texts.append(text)
            print(f"{entry.proposal.key}  {'; '.join(texts) or '-'}")
    return code


def _add(store: FileStore, folder: Path, competition: str) -> int:
    from judging.errors import InvalidInput, JudgingError
    from judging.services.access import operator
    from judging.services.proposal_files import uploads

    if not folder.is_dir():
        raise JudgingError(f"{folder} is no folder.")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".pdf", ".mp4", ".webm"))
    with database.opened(read_only=True) as session:
        keys = uploads.keys_of(session, operator(), competition)
    code = 0
    for path in files:
        try:
            key = uploads.key_in_name(path.name, keys)
            print(f"{path.name}: {_add_one(store, _limits(), path, competition, key)}")
        except InvalidInput as error:
            print(f"{path.name}: not stored. {' '.join(text for texts in error.messages.values() for text in texts)}")
            code = 1
    if not files:
        print(f"No PDF, MP4 or WebM in {folder}.")
    return code


def _add_one(store: FileStore, limits: MediaLimits, path: Path, competition: str, key: str) -> str:
    from judging.services.access import operator
    from judging.services.proposal_files import receiving, uploads

    store.require_room(path.stat().st_size, limits.least_free_bytes)
    received = store.keep_file(path)
    try:
        upload = receiving.receive(store, received, path.name, limits)
        with database.opened() as session:
            row = uploads.add_file(session, operator(), competition, key, upload, at=datetime.now(UTC))
            return f"{row.kind} of {key}"
    finally:
        received.close()


def _limits() -> MediaLimits:
    from judging.media.media_limits import MediaLimits

    own = database.settings()
    return MediaLimits(
        max_deck_bytes=own.max_deck_bytes,
        max_video_bytes=own.max_video_bytes,
        least_free_bytes=own.least_free_megabytes * 1_000_000,
    )
