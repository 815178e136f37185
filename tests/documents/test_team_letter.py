"""A letter on paper: letterhead, date, addressee, what it says in a readable size, sender and a place to sign."""

import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from judging.documents.team_letter import write_letter_pdf
from judging.publication import letter
from judging.rubric import Text

ROUND = Text("Judging", "校內評選", "校内评选")


def text_of(*, awards: tuple[Text, ...] = (), decision: str = letter.NOT_SELECTED, language: str = "zh-Hant-HK") -> str:
    facts = letter.LetterFacts(
        competition=Text("Science", "科學比賽", "科学比赛"),
        round=ROUND,
        team="1A 李小明",
        proposal="P01",
        title="自動澆水的盆栽",
        released_on="2026-11-29",
        decision=decision,
        awards=awards,
        band=None,
    )
    return letter.text_of(facts, language)


def pdf(text: str) -> bytes:
    made_at = datetime(2026, 11, 28, 19, 0, 0, 5, tzinfo=UTC)
    return write_letter_pdf(
        text, language="zh-Hant-HK", issuer="科學比賽", released_on=date(2026, 11, 29), made_at=made_at
    )


def test_a_letter_has_letterhead_date_addressee_sender_and_a_place_to_sign() -> None:
    content = pdf(text_of())
    assert content == pdf(text_of())
    page = PdfReader(io.BytesIO(content)).pages[0]
    sizes: list[float] = []
    page.extract_text(
        visitor_text=lambda text, _cm, tm, _font, size: sizes.append(size * tm[0]) if text.strip() else None
    )
    told = [line.replace(" ", "") for line in page.extract_text().splitlines() if line.strip()]
    assert told[0] == "科學比賽"
    for part in ("2026年11月29日", "致：1A李小明", "作品P01：自動澆水的盆栽", "科學比賽主辦單位", "簽署"):
        assert part in told
    assert min(sizes) >= 10
    assert page.mediabox.height - 841 < 2


def test_an_award_comes_first_and_nothing_contradicts_it() -> None:
    award = Text("Best idea", "最具創意獎", "最具创意奖")
    paragraphs = text_of(awards=(award,)).split("\n\n")[3:5]
    assert paragraphs == [
        "恭喜：貴隊作品獲頒「最具創意獎」。",
        "獎項與「校內評選」的入圍名單分開頒發；作品不在該名單上。",
    ]
    english = text_of(awards=(award,), decision=letter.SELECTED, language="en").split("\n\n")[3:5]
    assert english == [
        "Congratulations: your proposal receives the award “Best idea”.",
        "It is on the shortlist of the round “Judging”, too.",
    ]


@pytest.mark.parametrize("decision", [letter.SELECTED, letter.RESERVE, letter.NOT_SELECTED])
@pytest.mark.parametrize("language", ["en", "zh-Hant-HK", "zh-Hans-CN"])
def test_a_decision_names_the_list_with_one_word(decision: str, language: str) -> None:
    said = text_of(decision=decision, language=language)
    assert ROUND.in_locale(language) in said.split("\n\n")[3]
    assert ("入選" in said, "入选" in said) == (False, False)
