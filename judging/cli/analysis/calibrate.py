"""``judging calibrate``: compute a calibrated ranking from a file of scores, without a database."""

import argparse
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from judging.calibration.build_report import build_report, with_notes
from judging.calibration.fit import fit
from judging.calibration.report.whole import Report
from judging.cli.analysis.sensitivity import sensitivity_text, sets_text
from judging.cli.reading import add_arguments, read
from judging.cli.tables import text_report
from judging.cli.writing import STANDARD, as_json, replacing


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_arguments(parser)
    parser.add_argument(
        "--simultaneous",
        action="store_true",
        help="also sets of ranks that hold for all proposals at once, and who may be among the first",
    )
    parser.add_argument(
        "--sensitivity",
        action="store_true",
        help="also what other models say, what changes without each judge, and whether adjusting is justified; "
        "takes some seconds",
    )
    parser.add_argument(
        "--unchecked",
        action="store_true",
        help="without the check of the model's assumptions and the verdict, which take some seconds",
    )
    parser.add_argument("--json", metavar="OUT", help="write everything as JSON; - is standard output")
    parser.add_argument("--xlsx", metavar="OUT", type=Path, help="write a workbook")


def run(arguments: argparse.Namespace) -> int:
    """Load, calibrate, write; nothing is written when an error occurs."""
    inputs = read(arguments)
    fitted = fit(inputs.ratings, inputs.settings)
    report = build_report(
        fitted, simultaneous=arguments.simultaneous, sensitivity=arguments.sensitivity, checked=not arguments.unchecked
    )
    report = with_notes(report, inputs.notes)
    # Both files are first written under temporary names and then moved into place together.
    with ExitStack() as files:
        if arguments.xlsx is not None:
            from judging.workbook.results.writing import write_results

            now = datetime.now().astimezone()
            write_results(
                report,
                files.enter_context(replacing(arguments.xlsx)),
                title=Path(inputs.name).stem,
                moment=f"{now:%Y-%m-%d %H:%M:%S} (UTC{now:%z})",
            )
        if arguments.json not in (None, STANDARD):
            path = files.enter_context(replacing(Path(arguments.json)))
            path.write_text(_json(report), encoding="utf-8")
    if arguments.json == STANDARD:
        sys.stdout.write(_json(report))
    if arguments.json is None and arguments.xlsx is None:
        print(text_report(report))
        if report.simultaneous is not None:
            print("\n" + sets_text(report))
        if report.sensitivity is not None:
            print("\n" + sensitivity_text(report.sensitivity))
    return 0


def _json(report: Report) -> str:
    # Imported only when used, because this import takes as long as all others except numpy and scipy.
    from judging.schemas.stored_reports import to_dict

    return as_json(to_dict(report))
