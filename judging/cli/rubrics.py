"""``judging check-rubrics``: check the files of a competition."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from judging.errors import JudgingError
from judging.schemas.definitions.definition_files import COMPETITION_FILE, CheckedFile, check_file, check_folder


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="a file, a competition's folder, or a folder of such folders",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each file with its digest or its complaints; return 0 when all files are valid, otherwise 1."""
    paths = arguments.paths or [_rubrics_folder()]
    checked = [file for path in paths for file in _check(path)]
    for file in checked:
        for complaint in file.complaints:
            print(complaint)
        if file.value is not None:
            print(f"{file.path}: ok, sha256 {file.value.digest}")
    if not checked:
        print(
            f"{', '.join(map(str, paths))}: no {COMPETITION_FILE} in this folder or in those below it", file=sys.stderr
        )
    return 0 if checked and not any(file.complaints for file in checked) else 1


def _rubrics_folder() -> Path:
    import settings_file

    root = Path(__file__).parents[2]
    try:
        kept = settings_file.read(settings_file.data_folder(os.environ, root))
    except settings_file.SettingsFileError as error:
        raise JudgingError(str(error)) from error
    name = "JUDGING_RUBRICS_DIR"
    folder = Path(os.environ.get(name) or kept.get(name) or root / "rubrics")
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _check(path: Path) -> Iterator[CheckedFile]:
    if not path.is_dir():
        yield check_file(path)
    elif (path / COMPETITION_FILE).exists():
        yield from check_folder(path)
    else:
        for folder in sorted(file.parent for file in path.glob(f"*/{COMPETITION_FILE}")):
            yield from check_folder(folder)
