"""CSV and TSV with the encodings and separators of all versions of Excel; errors name the line."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from judging.errors import Message
from judging.workbook.archive import Limits, refuse

_FIRST_LINE = re.compile(r"[^\S\r\n]*\S[^\r\n]*")
_SEPARATORS = (",", "\t", ";")
# Smallest share of everyday characters among those beyond ASCII with which a guessed encoding is accepted.
_EVERYDAY = 0.7
# Number of characters that suffice to detect the encoding of a file.
_SAMPLE = 20_000
_LONGEST_LINE = 1_000_000


def decode(content: bytes) -> str:
    """Return the text of a CSV file.

    UTF-8 and UTF-16 can be detected. Other files are from a Chinese Excel, as GB 18030 on the mainland and as Big5
    in Hong Kong and Taiwan; most bytes are valid in both, so the encoding with more everyday characters is used.

    Raises
    ------
    InvalidInput
        When neither encoding gives plausible text: unreadable names must not be imported.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            text = _strictly(content, encoding)
            break
    else:
        text = _strictly(content, "utf-8")
        if text is None:
            readings = [(_share_everyday(content, encoding), encoding) for encoding in ("gb18030", "big5hkscs")]
            share, encoding = max(readings, key=lambda reading: reading[0])
            text = _strictly(content, encoding) if share >= _EVERYDAY else None
    if text is None:
        raise refuse(
            Message("The encoding of the file cannot be determined. Save it as “CSV UTF-8” and upload it again.")
        )
    if "\x00" in text:
        raise refuse(Message("The file holds NUL characters, so it is not a text. Save it as “CSV UTF-8”."))
    return text


def read_rows(text: str, *, limits: Limits, separator: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the line on which a row begins, and its cells, empty rows left out."""
    lines = csv.reader(_short_lines(text), delimiter=separator or find_separator(text), strict=True)
    line, cells = 1, 0
    try:
        for row in lines:
            cells += len(row)
            if line > limits.max_rows:
                raise refuse(Message("The file has more than {limit} rows.", limit=limits.max_rows))
            if len(row) > limits.max_columns or cells > limits.max_cells:
                raise refuse(
                    Message(
                        "At most {columns} columns and {cells} cells are read.",
                        columns=limits.max_columns,
                        cells=limits.max_cells,
                    ),
                    f"line {line}",
                )
            if any(cell.strip() for cell in row):
                yield line, row
            line = lines.line_num + 1
    except csv.Error as error:
        raise refuse(
            Message("The quotation marks do not match, or a cell is longer than {limit} characters.", limit=131_072),
            f"line {line}",
        ) from error


def _short_lines(text: str) -> Iterator[str]:
    """Yield the lines; too long lines are rejected before their cells are parsed and counted."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _LONGEST_LINE:
            raise refuse(
                Message("A line has more than {limit} characters.", limit=f"{_LONGEST_LINE:,}"), f"line {number}"
            )
        yield line


def find_separator(text: str) -> str:
    """Return the separator that the heading line uses most; Excel writes the one of its region.

    >>> find_separator("judge;city;name")
    ';'
    """
    # Not `splitlines`: a list of all lines of a large file needs ten times its memory.
    heading = first_line.group() if (first_line := _FIRST_LINE.search(text)) else ""
    unquoted = "".join(heading.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count)


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _share_everyday(content: bytes, encoding: str) -> float:
    """Return the share of everyday characters among those beyond ASCII, 0 when the bytes are invalid."""
    text = _strictly(content, encoding) or ""
    beyond = list(islice((character for character in text if ord(character) > 127), _SAMPLE))
    return sum(map(_is_everyday, beyond)) / len(beyond) if beyond else 0.0


def _is_everyday(character: str) -> bool:
    # Both national standards have the most used characters and the punctuation first: level 1, by its lead byte. Either
    # counts, because mainland files contain Traditional names, and files of Hong Kong contain Simplified names.
    return any(
        low <= character.encode(standard, errors="replace")[0] <= high
        for standard, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA1, 0xC6), ("gb2312", 0xA1, 0xA3))
    )
