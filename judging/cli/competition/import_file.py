"""``judging import``: import rosters, assignments and scores from a CSV file or workbook."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from judging.cli import database
from judging.cli.mapping_options import add_mapping_arguments, given_mapping, save_mapping, write_mistakes
from judging.errors import InvalidInput, Message
from judging.incoming_tables.texts.synonyms import FIELDS

_KINDS = ("judges", "teams", "proposals", "assignments", "scores", "all")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", choices=_KINDS, help="what the file holds; all: a workbook whose sheets are named so")
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a workbook (.xlsx, .xls, .xlsb, .ods) or a text file (.csv, .tsv)"
    )
    parser.add_argument("--competition", metavar="KEY", required=True)
    parser.add_argument("--round", metavar="KEY", help="the round that assignments and scores belong to")
    parser.add_argument(
        "--confirmed-by",
        metavar="EMAIL",
        help="an organiser or chair who has compared the scores with what the judges handed in; without it they wait "
        "until such a person confirms them in the service, and do not count",
    )
    parser.add_argument("--check", action="store_true", help="only say what would be imported")
    parser.add_argument(
        "--column",
        metavar="NAME=HEADING",
        action="append",
        default=[],
        help="a column's heading in the file, where it is not recognised, such as proposal=Projet",
    )
    add_mapping_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Import the file and print the numbers of new and changed rows."""
    from judging.services.access import get_competition, operator
    from judging.services.imports import checking, destination, storing
    from judging.services.imports.loaded_file import load_file
    from judging.services.scoresheets import entered

    at, kind = datetime.now(UTC), None if arguments.kind == "all" else arguments.kind
    with database.opened(read_only=True) as session:
        target = destination.find_target(session, operator(), arguments.competition, round_key=arguments.round)
    content = _content(arguments.file)
    mapping = given_mapping(arguments, kind or "scores")
    if kind is None and (mapping is not None or arguments.save_mapping is not None):
        raise InvalidInput({"all": Message("how a file is read can be given for one kind of rows, not for all")})
    if kind is None and arguments.column:
        raise InvalidInput({"all": Message("how a file is read can be given for one kind of rows, not for all")})
    loaded = load_file(
        target,
        content=content,
        filename=arguments.file.name,
        kind=kind,
        mapping=mapping,
        headings=_headings(arguments.column, kind),
    )
    if kind is not None:
        save_mapping(arguments, loaded.read[0].mapping)
    with database.opened(read_only=True) as session:
        try:
            checking.check_file(session, operator(), loaded, at=at)
        except InvalidInput:
            complaints = checking.find_complaints(session, operator(), loaded, at=at)
            write_mistakes(arguments, content, arguments.file.name, loaded.read[0].mapping, complaints)
            raise
    with database.opened() as session:
        confirmed_by = None
        if arguments.confirmed_by:
            competition = get_competition(session, operator(), arguments.competition)
            confirmed_by = entered.find_confirmer(session, arguments.confirmed_by, competition.pk)
        report = storing.store_file(
            session, operator(), loaded, at=at, check_only=arguments.check, confirmed_by=confirmed_by
        )
    for table in loaded.read:
        for text in table.notes:
            print(f"{table.kind}: {text}")
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


def _headings(columns: list[str], kind: str | None) -> dict[str, str]:
    """Return field -> heading of the options.

    Raises
    ------
    InvalidInput
        When an option names no field of this kind of rows.
    """
    known = FIELDS[kind] if kind is not None else {}
    found = {}
    for text in columns:
        name, equals, heading = text.partition("=")
        if not equals or name not in known or not heading.strip():
            message = Message("write NAME=HEADING, where NAME is one of {known}", known=", ".join(known))
            raise InvalidInput({f"--column {text[:60]}": message})
        found[name] = heading.strip()
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput({str(path): Message("cannot be read: {reason}", reason=error.strerror or "")}) from error
