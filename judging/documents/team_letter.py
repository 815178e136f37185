"""A letter to a team on A4: letterhead, date, addressee, the text as it was made, sender and a place to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from babel.dates import format_date

from judging.documents.pdf import set_by_typst
from judging.errors import Message
from judging.translating import translate

_LAYOUT = Path(__file__).with_name("team_letter.typ")
_DATES = {"en": "en_GB", "zh-Hant-HK": "zh_Hant_HK", "zh-Hans-CN": "zh_Hans_CN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage:
    """What stands on the paper; ``body`` is the text of the letter but for its heading, addressee and subject."""

    letterhead: str
    heading: str
    day: str
    addressee: str
    subject: str
    body: tuple[str, ...]
    sender: str
    signature: str


def letter_page(text: str, *, language: str, issuer: str, released_on: date) -> LetterPage:
    """Return the parts of a letter; its first paragraphs are heading, addressee and subject."""
    heading, addressee, subject, *body = text.split("\n\n")
    return LetterPage(
        letterhead=issuer,
        heading=heading,
        day=format_date(released_on, "long", locale=_DATES[language]),
        addressee=addressee,
        subject=subject,
        body=tuple(body),
        sender=translate(Message("The organisers of {competition}", competition=issuer), language),
        signature=translate(Message("Signature"), language),
    )


def write_letter_pdf(text: str, *, language: str, issuer: str, released_on: date, made_at: datetime) -> bytes:
    """Return a letter as PDF; the same letter gives the same bytes."""
    page = letter_page(text, language=language, issuer=issuer, released_on=released_on)
    return set_by_typst(_LAYOUT, page, language=language, date=made_at.astimezone(UTC).replace(microsecond=0))
