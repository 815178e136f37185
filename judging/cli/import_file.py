"""``judging import``: import rosters, assignments and scores from a CSV file or workbook."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database

_KINDS = ("judges", "teams", "proposals", "assignments", "scores", "all")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", choices=_KINDS, help="what the file holds; all: a workbook whose sheets are named so")
    parser.add_argument("file", metavar="FILE", type=Path, help=".csv, .tsv or .xlsx")
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument("--round", metavar="KEY", help="the round that assignments and scores belong to")
    parser.add_argument("--check", action="store_true", help="only say what would be imported")


def run(arguments: argparse.Namespace) -> int:
    """Import the file and print the numbers of new and changed rows."""
    from judging.services.access import operator
    from judging.services.imports import files

    with database.opened() as session, arguments.file.open("rb") as stream:
        report = files.import_file(
            session,
            operator(),
            arguments.competition,
            stream=stream,
            filename=arguments.file.name,
            at=datetime.now(UTC),
            kind=None if arguments.kind == "all" else arguments.kind,
            round_key=arguments.round,
            check_only=arguments.check,
        )
    for outcome in report.outcomes:
        print(f"{outcome.kind}: {outcome.n_new} new, {outcome.n_changed} changed, {outcome.n_unchanged} unchanged")
        for change in outcome.changes:
            print(f"  {change.key}, {change.column}: {change.before or '(empty)'} -> {change.after}")
        for note in outcome.notes:
            print(f"  {note}")
    for name in report.left_out:
        print(f"left out: sheet {name}")
    if arguments.check:
        print("Only checked: nothing was stored.")
    return 0
