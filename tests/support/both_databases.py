"""A mark for tests where most others run on SQLite alone."""

import pytest

both_databases = pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
"""Run a test, or as ``pytestmark`` all tests of a module, on both databases."""
