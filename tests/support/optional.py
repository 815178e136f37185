"""Values that a type allows to be missing and a test knows to be there."""

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """Return a value without the None of its type; a test whose value is missing fails here."""
    assert value is not None
    return value
