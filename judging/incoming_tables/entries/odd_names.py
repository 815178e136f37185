"""Names that are likely mistakes where no roster tells: what Excel has made of them, and spellings with one slip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from judging.errors import Message
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.questions import Question, digest_of_cells, listed
from judging.incoming_tables.texts.spelling import folded_case

# What Excel shows in place of a long number, or of a code such as 3-1 that it took for a date.
_DAMAGED: Final = re.compile(
    r"\d(?:\.\d+)?e\+\d{1,3}|\d{1,2}[- ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[- ]\d{2,4})?|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[- ]\d{1,4}|\d{1,2}月\d{1,2}日"
)
_SHORTEST: Final = 6
_MOST_NAMES: Final = 300


def ask_about_damaged(taken: Taken, name: str, names: set[str], answers: Mapping[str, str]) -> None:
    """Ask whether keys such as ``1.00E+05`` or ``1-Mar`` are what somebody has typed."""
    damaged = sorted(text for text in names if _DAMAGED.fullmatch(folded_case(text)))
    question = f"typed-{digest_of_cells((text,) for text in damaged)}"
    if not damaged or answers.get(question) == "right":
        return
    taken.questions.append(
        Question(
            name=question,
            text=Message(
                "{names}: Excel makes such texts of long numbers, and of codes such as 3-1. Are they what was typed?",
                names=listed([f"“{text}”" for text in damaged]),
            ),
            answers={"right": Message("they are right")},
        )
    )


def ask_about_near(taken: Taken, spellings: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    """Ask about judges whose names differ in one letter, their order or initials; return those that are others.

    Two people who have scored the same proposal are two people.
    """
    scored: dict[str, set[tuple[str, str]]] = {}
    counts: Counter[str] = Counter()
    for entry in taken.entries:
        judge = spellings.get(entry.values.get("judge", ""))
        if judge is not None:
            counts[judge] += 1
            scored.setdefault(judge, set()).add((entry.values.get("proposal", ""), entry.values.get("criterion", "")))
    people = sorted(judge for judge in counts if len(judge) >= _SHORTEST and not re.search(r"\d", judge))
    renamed: dict[str, str] = {}
    if len(people) > _MOST_NAMES:
        return renamed
    for index, one in enumerate(people):
        for other in people[index + 1 :]:
            first, second = folded_case(one), folded_case(other)
            if scored[one] & scored[other] or not (_is_one_slip(first, second) or _is_same_words(first, second)):
                continue
            question = f"near-{digest_of_cells([(one,), (other,)])}"
            usual, rare = sorted((one, other), key=lambda text: (-counts[text], text))
            if answers.get(question) == "same":
                renamed[rare] = renamed.get(usual, usual)
            elif answers.get(question) != "different":
                taken.questions.append(
                    Question(
                        name=question,
                        text=Message(
                            "Are these the same {what}: {names}?",
                            what=Message("judge"),
                            names=f"“{usual}” = “{rare}”",
                        ),
                        answers={
                            "same": Message("the same, written differently"),
                            "different": Message("different ones"),
                        },
                    )
                )
    return renamed


def _is_same_words(one: str, other: str) -> bool:
    """Return whether two names have the same words in another order, or the initials of some of them.

    >>> [_is_same_words("chan tai man", text) for text in ("tai man chan", "t.m. chan", "t. k. chan", "chan tai")]
    [True, True, False, False]
    """
    first, second = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if len(first) != len(second) or len(first) < 2:
        return False
    common = Counter(first) & Counter(second)
    left, right = sorted((Counter(first) - common).elements()), sorted((Counter(second) - common).elements())
    pairs = list(zip(left, right, strict=True))
    return bool(common) and all(a[0] == b[0] and 1 in (len(a), len(b)) for a, b in pairs)


def _is_one_slip(one: str, other: str) -> bool:
    """Return whether one letter more, less, other, or exchanged with the next makes one text of the other.

    >>> [_is_one_slip("chan tai man", text) for text in ("chan tai mann", "chan tia man", "chan siu man")]
    [True, True, False]
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return True
    first, second = one[start:], other[start:]
    exchanged = first[1:2] + first[:1] + first[2:]
    return first[1:] == second[1:] or first[1:] == second or first == second[1:] or exchanged == second
