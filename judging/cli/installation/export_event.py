"""``judging export-event``: write one event into a file, to move it to another installation."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("event", metavar="KEY", help="key of the event")
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="a new file, which only you may read")


def run(arguments: argparse.Namespace) -> int:
    """Export, and say what the file has and how to go on."""
    from judging.event_transfer.exporting import export_event
    from judging.media.file_store import FileStore
    from judging.services.access import operator
    from judging.services.audit import signed_heads

    own = database.settings()
    with database.connected() as engine:
        made = export_event(
            engine,
            operator(),
            arguments.event,
            arguments.file,
            files=FileStore(own.files_dir),
            signer=signed_heads.open_signer(own.audit_key_file),
            at=datetime.now(UTC),
        )
    for name, number in sorted(made.rows.items()):
        if number:
            print(f"{number:>10,}  {name}")
    print(
        f"{arguments.file}: {sum(made.rows.values()):,} rows, {made.n_entries:,} entries of the log, {made.n_files} "
        f"decks and videos, {arguments.file.stat().st_size:,} bytes. Keep it as safe as the scores in it."
    )
    print(f"SHA-256 {made.digest}")
    print(
        "It has no passwords, second factors, access tokens, webhooks or links; webhooks are added again there.\n"
        f"Next, at the other installation: judging import-event {arguments.file.name} --digest {made.digest}\n"
        "Until then change nothing here: what is changed after this moment is not in the file."
    )
    return 0
