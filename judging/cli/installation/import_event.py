"""``judging import-event``: store an event that another installation has exported."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="the file that judging export-event has written")
    parser.add_argument("--digest", metavar="SHA256", help="what the export has printed; another file is refused")


def run(arguments: argparse.Namespace) -> int:
    """Import, and say who was found, for whom an account was made, and how to go on."""
    from judging.event_transfer.importing import import_event
    from judging.media.file_store import FileStore
    from judging.services.access import operator

    own = database.settings()
    with database.connected() as engine:
        stored = import_event(
            engine,
            operator(),
            arguments.file,
            files=FileStore(own.files_dir),
            at=datetime.now(UTC),
            least_free_bytes=own.least_free_megabytes * 1_000_000,
            digest=arguments.digest,
        )
    people = stored.people
    print(f"{len(people.found)} people have an account here, which stays as it is:")
    for person in people.found:
        other = "" if person.name == person.name_here else f" (there: {person.name})"
        print(f"  {person.email}: {person.name_here}{other}{'' if person.is_active else ', switched off here'}")
    print(f"{len(people.made)} people got an account without a password; they sign in with a link that you send them:")
    for person in people.made:
        print(f"  {person.email}: {person.name}")
    print(
        f"{stored.key} ({stored.name}) is here: {sum(stored.rows.values()):,} rows, {stored.n_entries:,} entries of "
        f"its former log, {stored.n_files} decks and videos. The worker makes the pages of decks."
    )
    for email in stored.handed_over:
        print(
            f"{email} has signed in here with a link that an organiser had handed over, and is more than a judge in "
            f"this event: whoever had seen it may still be signed in. "
            f"judging people {stored.key} --reset-password {email}"
        )
    print(
        "Next, here: judging verify-audit.\n"
        f"Links: the page People, or judging people {stored.key} --link ADDRESS.\n"
        f"Then, at the former installation, so that the event does not live twice: judging archive {stored.key} "
        '--reason "Moved to another installation."'
    )
    return 0
