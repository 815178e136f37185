"""Chinese texts have full-width marks and one word for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from setup import catalogues

ROOT = Path(__file__).parents[1]
LOCALES = ("zh_Hant_HK", "zh_Hans_CN")
# A half-width mark after a Chinese character; in a full-width text it stands for no abbreviation or number.
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][:,;(?!]")
# What nothing calls the audit log beside docs/translating.md; words that Hong Kong does not use.
OTHER_WORDS = {
    "zh_Hant_HK": (
        "稽核",
        "審計記錄",
        "審計日誌",
        "首個主辦機構",
        "主辦機構人員",
        "您",
        "郵件合併",
        "活頁簿",
        "姓名／名稱",
        "維持決定",
    ),
    "zh_Hans_CN": ("稽核", "审计纪录", "审计日志", "首个主办单位", "主办单位人员", "信件"),
}
# Most values are Chinese; a program that reads an address or a command needs to find its end (docs/translating.md).
_OTHER = r"(?!(?:address|email|recipient|host|domain|url|command)\b)\w+"
_VALUE = rf"(?:%\({_OTHER}\)[\d.]*[a-z]|\{{{_OTHER}[^{{}}]*\}})"
_CHINESE = "[\u3001-\u301f\u3400-\u9fff\uff01-\uff5e]"
SPACED_VALUE = re.compile(f"{_CHINESE} {_VALUE}|{_VALUE} {_CHINESE}")
# A half-width mark behind a value of a template: `colon()`, `comma()` and `semicolon()` are those of the reader.
HALF_WIDTH_MARK = re.compile(r"(?:\}\}|%\}|</[a-z]+>)[:,;] (?:\{\{|\{%|<)")


def texts_of(locale: str) -> Iterator[str]:
    with catalogues.catalogue_file(locale).open("rb") as file:
        for message in read_po(file):
            if message.id:
                texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
                yield from (text for text in texts if text is not None)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_half_width_mark_follows_a_chinese_character(locale: str) -> None:
    assert [text for text in texts_of(locale) if HALF_WIDTH.search(text)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_space_stands_between_chinese_and_a_value(locale: str) -> None:
    assert [text for text in texts_of(locale) if SPACED_VALUE.search(text)] == []


def test_pages_set_the_gap_beside_latin_letters() -> None:
    styles = (ROOT / "judging" / "web" / "static" / "page.css").read_text(encoding="utf-8")
    assert "text-autospace: ideograph-alpha" in styles


@pytest.mark.parametrize("locale", LOCALES)
def test_one_thing_has_one_word(locale: str) -> None:
    assert [text for text in texts_of(locale) if any(word in text for word in OTHER_WORDS[locale])] == []
    table = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8")
    assert "| audit log | 審計紀錄 | 审计记录 |" in table


# Words of programmers, and texts that need them: the page about other programs, and what is said of a file with rules.
PROGRAMMERS_WORDS = re.compile(r"Webhook|YAML")
FOR_PROGRAMMERS = re.compile(r"Standard Webhooks|（Webhook）|\.yaml|YAML 別名|YAML 别名")


@pytest.mark.parametrize("locale", LOCALES)
def test_organisers_read_no_words_of_programmers(locale: str) -> None:
    found = [text for text in texts_of(locale) if PROGRAMMERS_WORDS.search(text)]
    assert [text for text in found if not FOR_PROGRAMMERS.search(text)] == []


def test_the_marks_of_a_template_are_those_of_the_language() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in sorted((ROOT / "judging" / "web" / "templates").rglob("*.html"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if HALF_WIDTH_MARK.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["登入:", "作品,隊伍", "是否?", "隊伍(一)"])
def test_half_width_marks_are_recognised(text: str) -> None:
    assert HALF_WIDTH.search(text)
