"""A change of the code's structure changes no number that `judging calibrate` prints."""

from __future__ import annotations

import pytest

from tests.support.printed import CASES, numbers, printed, stored


def last_digit(text: str) -> float:
    """Return one unit of the last printed digit: another processor may round a borderline number the other way."""
    mantissa, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_are_those_stored(name: str) -> None:
    new, old = numbers(printed(name)), numbers(stored(name))
    assert len(new) == len(old)
    differing = [
        (before, now)
        for before, now in zip(old, new, strict=True)
        if abs(float(before) - float(now)) > 1.001 * last_digit(before)
    ]
    assert differing == []
