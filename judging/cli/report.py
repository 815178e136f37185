"""``judging report``: write the method report of a calibration run, for auditors and for publication."""

import argparse
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from judging.cli import database
from judging.cli.writing import replacing, report_format
from judging.rubric import LANGUAGES


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument("round", metavar="ROUND", help="key of the round")
    parser.add_argument(
        "--out", metavar="FILE", type=report_format, required=True, help="where to write it: FILE.pdf or FILE.html"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="default: en")
    parser.add_argument(
        "--run",
        dest="run_number",
        metavar="N",
        type=int,
        help="which calibration run; that of the release in force, or the newest, when left out",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the report and record it."""
    from judging.services.access import operator
    from judging.services.audit import signed_heads
    from judging.services.exports import method_report_file
    from judging.translating import translate

    actor, at = operator(), datetime.now(UTC)
    signed_heads.use_key(database.settings().audit_key_file)
    target: Path = arguments.out
    with database.opened(read_only=True) as session:
        collected = method_report_file.collect_method_report(
            session,
            actor,
            arguments.competition,
            arguments.round,
            run_number=arguments.run_number,
            language=arguments.language,
            format=target.suffix[1:].lower(),
            translate=partial(translate, language=arguments.language),
            at=at,
        )
    file = method_report_file.write_method_report(collected)
    with database.opened() as session:
        method_report_file.record_method_report(session, actor, collected, file, at=at)
    with replacing(target) as path:
        path.write_bytes(file.content)
    print(f"{target}: method report of run {collected.run_number}, {len(file.content):,} bytes")
    return 0
