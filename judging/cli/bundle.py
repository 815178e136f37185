"""``judging bundle``: write a round's results into one archive that anybody can verify."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument("round", metavar="ROUND", help="key of the round")
    parser.add_argument("--out", metavar="FILE.zip", type=Path, required=True)
    parser.add_argument(
        "--run",
        dest="run_number",
        metavar="N",
        type=int,
        help="which calibration run; that of the release in force, or the newest, when left out",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the bundle and print how to verify it."""
    from judging.services.access import operator
    from judging.services.audit import signed_heads
    from judging.services.bundle import making

    actor, at = operator(), datetime.now(UTC)
    signed_heads.use_key(database.settings().audit_key_file)
    with database.opened(read_only=True) as session:
        collected = making.collect_bundle(
            session, actor, arguments.competition, arguments.round, run_number=arguments.run_number, at=at
        )
    content = making.write_bundle(collected, made_by=actor.name, at=at)
    with database.opened() as session:
        making.record_bundle(session, actor, collected, content, at=at)
    arguments.out.write_bytes(content)
    print(f"{arguments.out}: {len(content):,} bytes. Check it anywhere with: judging verify {arguments.out.name}")
    return 0
