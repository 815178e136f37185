"""What a letter says of the place in the list, and the check of its proof on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from judging.cli import run
from judging.publication import letter, merkle


@pytest.mark.parametrize(
    ("low", "high", "band"),
    [
        (1, 5, letter.UPPER_QUARTER),
        (1, 6, letter.UPPER_HALF),
        (3, 10, letter.UPPER_HALF),
        (9, 11, letter.CANNOT_TELL),
        (10, 20, letter.CANNOT_TELL),
        (11, 20, letter.LOWER_HALF),
        (None, None, None),
    ],
)
def test_the_place_is_told_only_when_the_whole_interval_lies_there(
    low: int | None, high: int | None, band: str | None
) -> None:
    assert letter.band_of(low, high, 20) == band


def test_the_command_checks_a_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = [("First\n\nletter", "00"), ("Second\n\nletter", "11"), ("第三", "22")]
    leaves = letter.leaves_of(letters)
    root = merkle.root_of(leaves).hex()
    file = tmp_path / "proof.json"
    for text, salt in letters:
        file.write_bytes(letter.write_proof(letter.proof_of(text, salt, leaves)))
        assert run(["verify-letter", str(file), root.upper()]) == 0
    assert run(["verify-letter", str(file), "0" * 64]) == 1
    assert "No: this letter" in capsys.readouterr().out
    for broken in (b"{}", b"[]", b"\xff", b'{"format": "judging-letter-1", "index": true}'):
        file.write_bytes(broken)
        assert run(["verify-letter", str(file), root]) not in (0, 1)
        assert "not the proof of a letter" in capsys.readouterr().err
