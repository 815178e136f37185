"""A document as PDF: tagged for screen readers (PDF/UA-1) and for archives (PDF/A-2a), set by Typst.

``document.typ`` has the layout. The same document gives the same bytes on the same machine; on another machine the
Chinese font may be another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from judging.documents import fonts
from judging.documents.document import Document, ShownNumber
from judging.documents.formulas import ModelFormula
from judging.errors import JudgingError, Message

MEDIA_TYPE = "application/pdf"
_LAYOUT = Path(__file__).with_name("document.typ")
_STANDARDS: list[Any] = ["a-2a", "ua-1"]
_LOCALES = {"en": ("en", "hk"), "zh-Hant-HK": ("zh", "hk"), "zh-Hans-CN": ("zh", "cn")}
_NOT_SHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
# The typesetter writes some characters as their numbers.
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
# Zero-width marks and control characters have no form in any font, and nothing to show.
_INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\uffff]"
)
_MOST_ROUNDS = 20


class NoChineseFont(JudgingError):
    """A document has Chinese text, and the machine no Chinese font."""

    default = Message(
        "The PDF has Chinese text, and the machine of the service has no Chinese font. Install one there (on Debian: "
        "apt-get install fonts-noto-cjk; without root, font files in ~/.local/share/fonts), or take the HTML."
    )


def write_pdf(document: Document, *, available: typst.Fonts | None = None) -> bytes:
    """Return a document as PDF.

    Parameters
    ----------
    document : Document
    available : typst.Fonts, optional
        Default: those of the machine.

    Raises
    ------
    NoChineseFont
        When a Chinese character has no font. Another character without one, such as an emoji in a title, is written as
        its number, ``[U+1F916]``: nothing is ever a box.
    """
    date = (document.date or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    return set_by_typst(_LAYOUT, document, language=document.language, date=date, available=available)


def set_by_typst(
    layout: Path,
    content_of: object,
    *,
    language: str,
    date: datetime = datetime(2000, 1, 1, tzinfo=UTC),
    available: typst.Fonts | None = None,
) -> bytes:
    """Return a dataclass as PDF, set by a layout that reads it as JSON; see `write_pdf`."""
    found = fonts.installed() if available is None else available
    locale, region = _LOCALES[language]
    content = json.dumps(_plain(content_of), ensure_ascii=False)
    inputs = {
        "lang": locale,
        "region": region,
        "fonts": json.dumps(fonts.families(language, found.families())),
        "day": json.dumps([date.year, date.month, date.day, date.hour, date.minute, date.second]),
    }
    for _ in range(_MOST_ROUNDS):
        try:
            return typst.compile(
                layout.read_bytes(),
                format="pdf",
                font_paths=found,
                sys_inputs={**inputs, "document": content},
                pdf_standards=_STANDARDS,
                timestamp=date,
            )
        except typst.TypstError as error:
            missing = "".join(_NOT_SHOWN.findall(error.diagnostic or error.message))
            if not missing:
                raise
            content = _without(content, _ESCAPED.sub(lambda found: chr(int(found[1], 16)), missing))
    raise JudgingError(Message("The PDF could not be written. Take the HTML."))


def _without(content: str, missing: str) -> str:
    """Replace characters that no font has by their numbers."""
    characters = set(missing)
    if any(fonts.is_chinese(character) for character in characters):
        raise NoChineseFont
    return content.translate({ord(character): f"[U+{ord(character):04X}]" for character in characters})


def _plain(value: Any) -> Any:
    """Return a document as plain data for ``document.typ``: every part is a mapping that names its kind."""
    if isinstance(value, ModelFormula):
        return {"kind": "ModelFormula", "math": value.typst, "text": value.text, "is_displayed": value.is_displayed}
    if isinstance(value, ShownNumber):
        return value.text
    if isinstance(value, str):
        return _INVISIBLE.sub("", value)
    if is_dataclass(value):
        named = {part.name: _plain(getattr(value, part.name)) for part in fields(value) if part.name != "date"}
        return {"kind": type(value).__name__, **named}
    if isinstance(value, Mapping):
        return {key: _plain(content) for key, content in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(content) for content in value]
    return value
