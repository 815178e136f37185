"""``judging calibrate``: compute a calibrated ranking from a file of scores, without a database."""

import argparse
import sys
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

from judging.calibration.build_report import build_report, with_notes
from judging.calibration.fit import fit
from judging.calibration.report.whole import Report
from judging.cli.analysis.sensitivity import sensitivity_text, sets_text
from judging.cli.reading import add_arguments, read
from judging.cli.tables import text_report
from judging.cli.writing import STANDARD, as_json, replacing, report_format
from judging.rubric import LANGUAGES


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
    parser.add_argument(
        "--report", metavar="OUT", type=report_format, help="write a method report: OUT.pdf or OUT.html"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the method report; default: en")


def run(arguments: argparse.Namespace) -> int:
    """Load, calibrate, write; nothing is written when an error occurs."""
    inputs = read(arguments)
    fitted = fit(inputs.ratings, inputs.settings)
    report = build_report(
        fitted, simultaneous=arguments.simultaneous, sensitivity=arguments.sensitivity, checked=not arguments.unchecked
    )
    report = with_notes(report, inputs.notes)
    now = datetime.now().astimezone()
    # All files are first written under temporary names and then moved into place together.
    with ExitStack() as files:
        if arguments.xlsx is not None:
            from judging.workbook.results.writing import write_results

            write_results(
                report,
                files.enter_context(replacing(arguments.xlsx)),
                title=Path(inputs.name).stem,
                moment=_moment(now),
            )
        if arguments.report is not None:
            path = files.enter_context(replacing(arguments.report))
            path.write_bytes(_method_report(report, arguments, title=Path(inputs.name).stem, now=now))
        if arguments.json not in (None, STANDARD):
            path = files.enter_context(replacing(Path(arguments.json)))
            path.write_text(_json(report), encoding="utf-8")
    if arguments.json == STANDARD:
        sys.stdout.write(_json(report))
    if arguments.json is None and arguments.xlsx is None and arguments.report is None:
        print(text_report(report))
        if report.simultaneous is not None:
            print("\n" + sets_text(report))
        if report.sensitivity is not None:
            print("\n" + sensitivity_text(report.sensitivity))
    return 0


def _moment(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M:%S} (UTC{now:%z})"


def _method_report(report: Report, arguments: argparse.Namespace, *, title: str, now: datetime) -> bytes:
    from judging.documents.html import write_html
    from judging.documents.method_report.report_document import method_report
    from judging.documents.pdf import write_pdf
    from judging.translating import translate
    from judging.workbook.results.book import ResultsBook

    book = ResultsBook(
        report=report,
        competition=title,
        moment=_moment(now),
        digest=report.input_digest,
        language=arguments.language,
        translate=partial(translate, language=arguments.language),
    )
    document = method_report(book, date=now)
    return write_html(document) if arguments.report.suffix.lower() == ".html" else write_pdf(document)


def _json(report: Report) -> str:
    # Imported only when used, because this import takes as long as all others except numpy and scipy.
    from judging.schemas.stored_reports import to_dict

    return as_json(to_dict(report))
