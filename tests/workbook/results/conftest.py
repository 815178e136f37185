"""The results workbook of the example as a file."""

from pathlib import Path

import pytest

from judging.workbook.results.writing import write_book
from tests.workbook.results import example


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "results.xlsx"
    with path.open("wb") as stream:
        write_book(example.book(), stream)
    return path
