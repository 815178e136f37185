"""A letter in one language: its standard words, or an organiser's text with its placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from judging.services.mail.letter_parts import Letter
from judging.translating import translate

TEXT, LINK, KEPT, CLOSING = "text", "link", "kept", "closing"
"""Kinds of parts: a paragraph; the words on the link; a line to keep; a smaller paragraph below."""
PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
LINK_PLACEHOLDER: Final = "{link}"
_OFFSET = re.compile(r" \((UTC[+-][0-9.]+)\)")
_GAP = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a letter, as plain text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """A letter in one language."""

    subject: str
    parts: tuple[Part, ...]


def write_standard(letter: Letter, language: str, *, name: str, link: str | None) -> WrittenLetter:
    """Return a letter in its standard words."""
    parts = [
        Part(TEXT, name),
        *(Part(TEXT, in_script(translate(text, language), language)) for text in letter.paragraphs),
    ]
    parts += [Part(TEXT, text) for text in letter.body.split("\n\n") if text]
    if letter.kept_line:
        parts.append(Part(KEPT, letter.kept_line))
    if link and letter.link_words:
        parts.append(Part(LINK, translate(letter.link_words, language)))
    return WrittenLetter(translate(letter.subject, language), (*parts, *_closing(letter, language)))


def write_own(
    letter: Letter, language: str, *, subject: str, body: str, values: Mapping[str, str], link: str | None
) -> WrittenLetter:
    """Return a letter in an organiser's words.

    A paragraph with a placeholder that has no value is left out. ``{link}`` in a paragraph of its own becomes the link
    with its words; anywhere else, it could become a part of an address at another host, which would then be sent the
    link. What the service adds below the standard words, it adds here too.
    """
    known = {**values, "link": link or ""}
    parts: list[Part] = []
    for paragraph in paragraphs_of(body):
        names = PLACEHOLDER.findall(paragraph)
        is_alone = paragraph == LINK_PLACEHOLDER
        if any(not known.get(name) for name in names) or ("link" in names and not is_alone):
            continue
        if is_alone and letter.link_words:
            parts.append(Part(LINK, translate(letter.link_words, language)))
            continue
        parts += [Part(TEXT, text) for text in paragraphs_of(_filled(paragraph, known))]
    if link and letter.link_words and all(part.kind != LINK for part in parts):
        parts.append(Part(LINK, translate(letter.link_words, language)))
    line = " ".join(_filled(subject, values).split())
    return WrittenLetter(line, (*parts, *_closing(letter, language)))


def as_text(letter: WrittenLetter, link: str | None, language: str) -> str:
    """Return a letter in one language as plain text."""
    mark = "：" if language.startswith("zh") else ":"
    return "\n\n".join(f"{part.text}{mark}\n{link}" if part.kind == LINK else part.text for part in letter.parts) + "\n"


def in_script(text: str, language: str) -> str:
    """Return a text with the brackets of its language around offsets from UTC, as pages have them.

    >>> in_script("2026-07-17 14:00 (UTC+8)", "zh-Hant-HK")
    '2026-07-17 14:00（UTC+8）'
    """
    return _OFFSET.sub(r"（\1）", text) if language.startswith("zh") else text


def paragraphs_of(text: str) -> list[str]:
    """Return the paragraphs of a text: those with an empty line between."""
    return [part for part in (part.strip() for part in _GAP.split(text.replace("\r\n", "\n"))) if part]


def _filled(text: str, values: Mapping[str, str]) -> str:
    # One pass: what a value contains is never read as a placeholder.
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _closing(letter: Letter, language: str) -> tuple[Part, ...]:
    return tuple(Part(CLOSING, translate(text, language)) for text in letter.closing)
