"""Installations to move an event between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installations import Make, installations


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Return what makes an installation without rows, on ``sqlite`` or ``postgresql``."""
    with installations(request, tmp_path) as new:
        yield new
