"""``judging demo``: load the demo and print three sign-in links."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Load what is missing; print new links each time, because each link can be used only once."""
    from judging.media.file_store import FileStore
    from judging.services.demo.loading import load_demo

    settings = database.settings()
    with database.opened() as session:
        links = load_demo(
            session,
            rubrics_dir=settings.rubrics_dir,
            data_dir=Path(__file__).parents[2] / "demo",
            at=datetime.now(UTC),
            files=FileStore(settings.files_dir),
        )
    print("The demo is loaded. Its people and proposals are simulated; the dives of 2000 are real.")
    print("Each link signs in once; start the demo again for new ones.")
    for who, token in (("Judge", links.judge), ("Chair", links.chair), ("Organiser", links.organiser)):
        print(f"  {who:<10} {settings.base_url}/sign-in/{token}")
    return 0
