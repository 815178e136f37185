"""Encodings of short files: recognised, asked about, or refused."""

from __future__ import annotations

import pytest

from judging.errors import InvalidInput
from judging.incoming_tables.mapping import TableMapping
from judging.incoming_tables.reading import read_file
from tests.support.tables import OPEN, asked, read, scores


def test_a_short_file_whose_bytes_are_utf_8_by_chance_is_asked_about() -> None:
    content = "proposal,judge,score\nP001,J1,8\nP002,J1,缺席\n".encode("gb18030")
    assert asked(read(content)) == ["The file has too few characters to tell its encoding. Which reading is right?"]
    assert len(scores(read_file(content, "a.csv", OPEN, TableMapping(kind="scores", encoding="gb18030")))) == 1


def test_western_names_are_read() -> None:
    content = "proposal,judge,score\nA,José Álvarez,8\nB,José Álvarez,7\nA,Zoë,6\n".encode("cp1252")
    assert ("A", "José Álvarez") in scores(read(content))


def test_an_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not valid UTF-8"):
        read_file("判\n".encode("big5"), "a.csv", OPEN, TableMapping(kind="scores", encoding="utf-8"))
