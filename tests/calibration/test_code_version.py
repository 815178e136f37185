"""The version of the code changes with every file that makes numbers, and with no other."""

import shutil
from pathlib import Path

import pytest

from judging.calibration.code_version import PACKAGE, code_version


def changed(tmp_path: Path, name: str) -> str:
    """Return the version of a copy of the package in which one file has another line."""
    package = tmp_path / "judging"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    with (package / name).open("a") as file:
        file.write("\n")
    return code_version(package)


@pytest.mark.parametrize(
    "name",
    [
        "calibration/fit.py",
        "calibration/models/hierarchical/posterior.py",
        "calibration/ranks/standing.py",
        "services/runs/ratings.py",
        "services/scoresheets/versions.py",
        "shortlist.py",
    ],
)
def test_a_file_that_makes_numbers_changes_the_version(tmp_path: Path, name: str) -> None:
    assert changed(tmp_path, name) != code_version()


def test_a_page_does_not_change_the_version(tmp_path: Path) -> None:
    assert changed(tmp_path, "web/chair/results/ranking.py") == code_version()
