"""The database of the competition ``trial``, made once for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from tests.support.trial import opened_trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Session]:
    """Return a session of a database with the trial competition."""
    with opened_trial(migrated_sqlite, tmp_path_factory.mktemp("trial") / "trial.db") as session:
        yield session
