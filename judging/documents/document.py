"""A document as a value: sections of paragraphs, lists, tables, formulas, notes and drawings, in one language.

Whoever makes a document chooses its words; `html` and `pdf` write it. Texts are plain: no markup is read in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from judging.documents.formulas import ModelFormula

TEXT, KEY, NUMBER, CODE = "text", "key", "number", "code"
"""Kinds of columns: words; what the row is about; numbers, aligned to the right; digests and commands."""


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number in a table: as it is displayed, and unrounded. HTML carries both."""

    text: str
    value: float


Cell = str | ShownNumber


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; a ``lead`` is larger, for the answer that comes first."""

    text: str
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``is_ordered`` numbers it."""

    texts: Sequence[str]
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to type, in a fixed-width font."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table; ``share`` is its part of the width that is left, 0 for as narrow as its content."""

    heading: str
    kind: str = TEXT
    share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; its headings are repeated on every page, and a row is never divided.

    ``strong`` are the places of rows that stand out.
    """

    caption: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Cell]]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FactList:
    """Labels with their values, as in a title block."""

    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Symbols:
    """The symbols of formulas, each with its meaning."""

    entries: Sequence[tuple[ModelFormula, str]]


@dataclass(frozen=True, slots=True)
class Callout:
    """A text in a box; ``tone`` is ``good``, ``careful`` or ``bad``, and is also said by the text."""

    text: str
    tone: str = "careful"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG, with a caption, and a text for those who do not see it."""

    svg: str
    caption: str
    alternative: str


Block = Paragraph | Items | Commands | Table | FactList | Symbols | ModelFormula | Callout | Drawing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it, and smaller sections."""

    heading: str
    blocks: Sequence[Block]
    sections: Sequence[Section] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document.

    Attributes
    ----------
    language : str
        Tag of ``judging.rubric.LANGUAGES``.
    title, subtitle : str
    issuer : str
        Who publishes it: the author in the properties of a file.
    date : datetime or None
        The date in the properties of a file, aware.
    footer : str
        On every page.
    contents : str
        Heading of the table of contents; none when empty.
    front : sequence of Block
        Between title and first section.
    sections : sequence of Section
    """

    language: str
    title: str
    subtitle: str = ""
    issuer: str = ""
    date: datetime | None = None
    footer: str = ""
    contents: str = ""
    front: Sequence[Block] = field(default=())
    sections: Sequence[Section] = field(default=())

    def tables(self) -> Iterator[Table]:
        """Yield every table, in order."""
        yield from (block for block in self.front if isinstance(block, Table))
        for section in self.sections:
            yield from _tables_of(section)


def _tables_of(section: Section) -> Iterator[Table]:
    yield from (block for block in section.blocks if isinstance(block, Table))
    for part in section.sections:
        yield from _tables_of(part)
