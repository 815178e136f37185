"""A deck of a few slides as PDF, set by Typst with the fonts of our documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from judging.documents import pdf

_LAYOUT = Path(__file__).with_name("slides.typ")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, with its value."""

    label: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One slide: a title, points, and a chart where there are bars."""

    title: str
    points: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slides:
    """A deck.

    Attributes
    ----------
    language : str
        Of its texts: `en`, `zh-Hant-HK` or `zh-Hans-CN`.
    title : str
        Of the file.
    footer : str
        Stands on every slide.
    colour : str
        Of titles and bars, as `#rrggbb`.
    slides : tuple of Slide
        The first one is a title page.
    """

    language: str
    title: str
    footer: str
    colour: str
    slides: tuple[Slide, ...]


def write_slides(deck: Slides) -> bytes:
    """Return a deck as PDF.

    Raises
    ------
    NoChineseFont
        When it has Chinese text and the machine no Chinese font.
    """
    return pdf.set_by_typst(_LAYOUT, deck, language=deck.language)
