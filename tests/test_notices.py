"""The licence is the official text, and the notices name what is installed."""

import hashlib

import pytest

from setup import notices
from setup.environment import ROOT, RUNTIME_LOCK, TEST_LOCK

# Of the text that the Apache Software Foundation publishes.
APACHE_2_0 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def test_the_licence_is_the_official_text() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2_0


def test_the_notices_are_those_of_the_installed_packages() -> None:
    text = notices.NOTICES.read_text()
    assert notices.with_tables(text) == text


def test_every_locked_package_is_in_the_notices_with_its_version() -> None:
    rows = [line.strip("| ").split(" | ") for line in notices.NOTICES.read_text().splitlines() if line.startswith("| ")]
    versions = {row[0]: row[1] for row in rows}
    locked = notices.locked(RUNTIME_LOCK) | notices.locked(TEST_LOCK)
    assert {name: versions.get(name) for name in locked} == locked


def test_a_package_without_a_known_licence_is_refused() -> None:
    with pytest.raises(LookupError, match=r"^no-such-package is not installed here"):
        notices.licence("no-such-package")


def test_data_of_others_are_named() -> None:
    text = notices.NOTICES.read_text()
    data = [path.relative_to(ROOT) for folder in ("demo", "tests/data") for path in (ROOT / folder).rglob("*.csv")]
    assert {str(path): f"`{path}`" in text for path in data} == {str(path): True for path in data}
