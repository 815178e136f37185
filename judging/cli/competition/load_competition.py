"""``judging load-competition``: store the definitions of a folder."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="holds competition.yaml and one file a round")
    parser.add_argument("--simulated", action="store_true", help="mark the competition as simulated for good")
    parser.add_argument(
        "--drafts-only", action="store_true", help="leave rounds that were opened as they are, whatever the files say"
    )


def run(arguments: argparse.Namespace) -> int:
    """Store the definitions and print their digests."""
    from judging.schemas.definitions.definition_files import load_definition
    from judging.services.access import operator
    from judging.services.competitions import definitions

    definition = load_definition(arguments.folder)
    with database.opened() as session:
        row = definitions.store_definitions(
            session,
            operator(),
            definition,
            at=datetime.now(UTC),
            is_simulated=arguments.simulated,
            drafts_only=arguments.drafts_only,
        )
        print(f"{row.key}: sha256 {row.digest}")
        for round_row in definitions.list_rounds(session, row):
            print(f"{row.key}/{round_row.key}: {round_row.state}, sha256 {round_row.digest}")
    return 0
