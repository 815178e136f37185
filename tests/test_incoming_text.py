"""Text from outside is normalised at a cost that is linear in its length."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from judging.incoming_text import MOST_MARKS, normalised

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "judging"
MARKS = "\u0315\u0300"


def longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


def test_a_run_of_marks_is_broken_up_and_no_mark_is_lost() -> None:
    text = normalised("a" + MARKS * 30_000, "NFKC")
    # The letter may have taken one mark up.
    assert longest_run(text) <= MOST_MARKS
    assert sorted(unicodedata.normalize("NFD", text.replace("\u034f", ""))) == sorted("a" + MARKS * 30_000)


@given(st.text())
def test_ordinary_text_is_normalised_as_python_does(text: str) -> None:
    assert normalised(text) == unicodedata.normalize("NFC", text)


def test_text_far_beyond_the_limit_is_cut_and_still_too_long() -> None:
    assert len(normalised("é" * 1_000_000, limit=100)) == 808


def test_normalising_has_one_home() -> None:
    calls = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if re.search(r"unicodedata\.normalize\(", path.read_text(encoding="utf-8"))
    ]
    assert calls == ["incoming_text.py"]
