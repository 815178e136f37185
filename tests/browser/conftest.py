"""Every request of these tests follows the law of a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.transaction_law import watched


@pytest.fixture
def engine_name() -> str:
    """Run on SQLite, unless a test names its databases: the browser does not see the difference."""
    return "sqlite"


@pytest.fixture(autouse=True)
def law_of_a_request() -> Iterator[None]:
    """Fail a test whose write transactions are long or do something slow."""
    with watched():
        yield
