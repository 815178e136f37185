"""Names in a sentence are joined as its language does, also when the sentence was stored in between."""

from __future__ import annotations

from copy import deepcopy

import pytest

from judging.errors import Listed, Message
from judging.rubric import LANGUAGES
from judging.schemas.stored_messages import from_stored, to_stored
from judging.translating import translate

HANT, HANS = "zh-Hant-HK", "zh-Hans-CN"
CHAIRS = ["陳主席", "周主席", "吳主席"]
WAITING = "A release is proposed and waits for signatures. Chairs: {names}."


@pytest.mark.parametrize(
    ("names", "english", "chinese"),
    [
        (CHAIRS[:1], "陳主席", "陳主席"),
        (CHAIRS[:2], "陳主席 and 周主席", "陳主席、周主席"),
        (CHAIRS, "陳主席, 周主席 and 吳主席", "陳主席、周主席、吳主席"),
    ],
)
def test_people_in_a_sentence(names: list[str], english: str, chinese: str) -> None:
    message = Message(WAITING, names=Listed(names, in_prose=True))
    assert f"Chairs: {english}." in str(message)
    for kept in (message, from_stored(to_stored(message))):
        assert kept == message
        assert f"Chairs: {english}." in translate(kept, "en")
        assert [f"：{chinese}。" in translate(kept, language) for language in (HANT, HANS)] == [True, True]


def test_those_that_are_not_named_are_counted_and_there_is_no_and_before_their_number() -> None:
    listed = Listed(["P01", "P02", "P03", "P04"], most=2, in_prose=True)
    kept = from_stored(to_stored(listed))
    said = [translate(one, language) for one in (listed, kept) for language in LANGUAGES]
    assert said == ["P01, P02 (+2)", "P01、P02（+2）", "P01、P02（+2）"] * 2
    assert (Listed([]), translate(Listed([]), HANT)) == ("", "")


def test_each_part_of_a_list_is_translated() -> None:
    listed = Listed([Message("proposal"), "J01"])
    assert [translate(listed, language) for language in ("en", HANT)] == ["proposal, J01", "作品、J01"]


def test_a_copy_of_a_list_is_the_same_list() -> None:
    # `dataclasses.asdict` copies every value.
    listed = Listed(["Ann", "Ben", "Cem"], most=2, in_prose=True)
    copied = deepcopy(Message(WAITING, names=listed)).values["names"]
    assert (copied, copied.texts, copied.unnamed, copied.in_prose) == (str(listed), ("Ann", "Ben"), 1, True)
    assert translate(copied, HANT) == translate(listed, HANT)
