"""Write results to files: completely or not at all."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from judging.errors import InvalidInput, Message

STANDARD = "-"
"""Standard input or output, instead of a file name."""


def as_json(report: Mapping[str, Any]) -> str:
    """Format a report as JSON, one value a line."""
    return json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def write_json(report: Mapping[str, Any], target: str) -> None:
    """Write a report as JSON to a file, or to standard output."""
    if target == STANDARD:
        sys.stdout.write(as_json(report))
        return
    with replacing(Path(target)) as path:
        path.write_text(as_json(report), encoding="utf-8")


def report_format(text: str) -> Path:
    """Parse the name of a report's file, whose ending says its format."""
    path = Path(text)
    if path.suffix.lower() not in (".pdf", ".html"):
        raise argparse.ArgumentTypeError(f"{text!r}: write a name that ends in .pdf or .html")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the target's folder and move it to the target when the block ends without an error."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            yield Path(temporary)
            # mkstemp creates files that only the owner can read; the target gets the permissions of a new file.
            mask = os.umask(0)
            os.umask(mask)
            Path(temporary).chmod(0o666 & ~mask)
            Path(temporary).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
    except OSError as error:
        raise InvalidInput(
            {str(path): Message("cannot be written: {reason}", reason=error.strerror or str(error))}
        ) from error
