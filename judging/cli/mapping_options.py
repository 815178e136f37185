"""The options that say how a file is to be read, for every command that reads tables."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from judging.errors import InvalidInput, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.encodings import ENCODINGS, find_encoding_name
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.mapping import TableMapping


def add_mapping_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say how a file is to be read."""
    reading = parser.add_argument_group(
        "how the file is read", "all of it is recognised and printed; what cannot be is asked"
    )
    reading.add_argument(
        "--mapping",
        metavar="FILE.yaml",
        type=Path,
        help="sheet, heading rows and columns, as --save-mapping wrote them",
    )
    reading.add_argument("--save-mapping", metavar="FILE.yaml", type=Path, help="write how this file was read")
    reading.add_argument(
        "--corrected",
        metavar="FILE.xlsx",
        type=Path,
        help="where a file with mistakes is written as a workbook with a column that says what is wrong in each row",
    )
    reading.add_argument(
        "--encoding", type=_encoding, help=f"of a text file: {', '.join(ENCODINGS)}; found where the file tells it"
    )
    reading.add_argument("--sheet", metavar="NAME", help="the sheet of a workbook")
    reading.add_argument("--heading-row", metavar="N", type=_row, help="the row with the headings")
    order = reading.add_mutually_exclusive_group()
    order.add_argument("--lower-is-better", action="store_true", help="the numbers are ranks: 1 is the best")
    order.add_argument(
        "--higher-is-better", action="store_true", help="the numbers are scores, though they look like ranks"
    )
    reading.add_argument(
        "--answer",
        metavar="NAME=VALUE",
        type=_answer,
        action="append",
        default=[],
        help="the answer to a question that the command asked",
    )


def given_mapping(arguments: argparse.Namespace, kind: str) -> TableMapping | None:
    """Return the mapping that the options give, None when there is none of them."""
    mapping = TableMapping(kind=kind)
    if arguments.mapping is not None:
        # Imported when asked for: marshmallow and YAML take longer than the rest of the command.
        from judging.schemas.mapping_files import load_mapping

        mapping = load_mapping(arguments.mapping)
        if mapping.kind != kind:
            text = Message("this mapping is for {kind}, and the file has {other}", kind=mapping.kind, other=kind)
            raise InvalidInput({str(arguments.mapping): text})
    answers = {**mapping.answers, **dict(arguments.answer)}
    if arguments.lower_is_better or arguments.higher_is_better:
        answers["ranks"] = "lower" if arguments.lower_is_better else "higher"
    if arguments.sheet is not None:
        answers["sheet"] = arguments.sheet
        mapping = replace(mapping, sheets=(arguments.sheet,))
    if arguments.heading_row is not None:
        mapping = replace(mapping, heading_rows=(arguments.heading_row, arguments.heading_row))
    if arguments.encoding is not None:
        mapping = replace(mapping, encoding=arguments.encoding)
    mapping = replace(mapping, answers=answers)
    return None if mapping == TableMapping(kind=kind) else mapping


def save_mapping(arguments: argparse.Namespace, mapping: TableMapping) -> None:
    """Write how a file was read, when the options ask for it."""
    if arguments.save_mapping is not None:
        from judging.schemas.mapping_files import dump_mapping

        arguments.save_mapping.write_text(dump_mapping(mapping), encoding="utf-8")


def write_mistakes(
    arguments: argparse.Namespace,
    content: bytes,
    filename: str,
    mapping: TableMapping,
    complaints: Complaints,
    *,
    limits: Limits | None = None,
) -> None:
    """Write the file with a column of complaints, when the options ask for it and a row has one."""
    if arguments.corrected is None or not complaints.by_row:
        return
    from judging.workbook.corrected import mark_mistakes

    arguments.corrected.write_bytes(mark_mistakes(content, filename, mapping, complaints, limits=limits))
    print(f"Written with a column of complaints: {arguments.corrected}", file=sys.stderr)


def _encoding(text: str) -> str:
    name = find_encoding_name(text)
    if name is None:
        raise argparse.ArgumentTypeError(f"{text!r}: one of {', '.join(ENCODINGS)}")
    return name


def _row(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r}: the number of a row")
    return int(text)


def _answer(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=VALUE, as the question says")
    return name.strip(), value.strip()
