"""Names are replaced where they stand for somebody."""

from __future__ import annotations

from judging.services.personal_data.replacing import Replacer

WORDS = {"Ann Lee": "Person 3", "Ann": "Person 4", "a@example.org": "Person 3", "陳大文": "Person 5", "C++": "Team T1"}


def test_the_longest_name_counts_and_a_part_of_a_word_is_none() -> None:
    replace = Replacer(WORDS)
    assert replace.in_text("ann lee, Ann, Anna, aa@example.org, A@EXAMPLE.ORG") == (
        "Person 3, Person 4, Anna, aa@example.org, Person 3"
    )
    assert replace.in_text("主席陳大文簽署；C++ wins") == "主席Person 5簽署；Team T1 wins"


def test_values_are_replaced_at_any_depth_and_numbers_stay() -> None:
    replace = Replacer(WORDS)
    assert replace.in_value({"Ann": ["Ann", 1, None, {"to": "Ann Lee"}], "n": 2.5}) == {
        "Ann": ["Person 4", 1, None, {"to": "Person 3"}],
        "n": 2.5,
    }
    assert Replacer({}).in_value(["Ann"]) == ["Ann"]
