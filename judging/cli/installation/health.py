"""``judging health``: say whether the installation can serve, as ``/readyz`` does, on the machine itself."""

import argparse
import json
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: there are none."""


def run(_arguments: argparse.Namespace) -> int:
    """Print one JSON line with what is wrong and the room on the disk; the exit code is 1 when anything is wrong."""
    from judging import db
    from judging.services import health

    own = database.settings()
    engine = db.create_engine_for(database.url())
    try:
        faults = health.find_faults(
            engine, own.data_dir, least_free_bytes=own.least_free_megabytes * 1_000_000, at=datetime.now(UTC)
        )
    finally:
        engine.dispose()
    free = health.free_bytes(own.data_dir)
    megabytes = None if free is None else free // 1_000_000
    print(json.dumps({"status": "not ready" if faults else "ready", "faults": faults, "free_megabytes": megabytes}))
    return 1 if faults else 0
