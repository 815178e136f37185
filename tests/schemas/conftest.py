"""A folder with a small competition."""

from pathlib import Path

import pytest

from tests.schemas.fair_competition import COMPETITION, FIRST, LAST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fair"
    folder.mkdir()
    for name, text in (("competition", COMPETITION), ("first", FIRST), ("last", LAST)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
