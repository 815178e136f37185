"""Read documents back: the tables of an HTML file with their unrounded numbers, and the text of a PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pypdf import PdfReader


@dataclass
class ReadTable:
    """A table as it stands in HTML: every cell's text, and the unrounded number where it has one."""

    caption: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    values: list[list[float | None]] = field(default_factory=list)

    def column(self, heading: str) -> list[float | None]:
        """Return the unrounded numbers of a column."""
        place = self.headings.index(heading)
        return [row[place] for row in self.values]

    def texts(self, heading: str) -> list[str]:
        """Return the texts of a column."""
        place = self.headings.index(heading)
        return [row[place] for row in self.rows]


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[ReadTable] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "table":
            self.tables.append(ReadTable(caption=dict(attrs).get("aria-label") or ""))
        elif tag == "tr" and "tbody" in self.tags:
            self.tables[-1].rows.append([])
            self.tables[-1].values.append([])
        elif tag in ("th", "td") and "tbody" in self.tags:
            self.tables[-1].rows[-1].append("")
            self.tables[-1].values[-1].append(None)
        elif tag in ("th", "td") and "thead" in self.tags:
            self.tables[-1].headings.append("")
        elif tag == "data":
            self.tables[-1].values[-1][-1] = float(dict(attrs)["value"] or "nan")

    def handle_endtag(self, tag: str) -> None:
        while self.tags and self.tags.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "caption" in self.tags:
            self.tables[-1].caption += data
        elif "tbody" in self.tags and ("td" in self.tags or "th" in self.tags):
            self.tables[-1].rows[-1][-1] += data
        elif "thead" in self.tags and "th" in self.tags:
            self.tables[-1].headings[-1] += data


def tables_of(content: bytes) -> dict[str, ReadTable]:
    """Return the tables of an HTML file by caption, or by the heading that a table stands below."""
    reader = _Tables()
    reader.feed(content.decode())
    return {table.caption: table for table in reader.tables}


def pages_of(content: bytes) -> list[str]:
    """Return the text of every page of a PDF, each run of white space as one space."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
