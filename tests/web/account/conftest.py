"""Pages on SQLite: the access table loads every page on PostgreSQL too, and services are tried on both."""

import pytest


@pytest.fixture
def engine_name() -> str:
    """Run on SQLite, unless a test names its databases."""
    return "sqlite"
