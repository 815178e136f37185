"""A document as HTML: one file that needs no other, for the screen and for printing on A4."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from judging.documents.document import Document, ShownNumber

MEDIA_TYPE = "text/html"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LAYOUT = Path(__file__).with_name("document.html")


def write_html(document: Document) -> bytes:
    """Return a document as HTML; the same document always gives the same bytes."""
    return _layout().render(document=document).encode()


def without_control(text: str) -> str:
    """Return a text without control characters, which neither HTML nor XML permits."""
    return _CONTROL.sub("", text)


def _without_control(content: object) -> object:
    return without_control(content) if type(content) is str else content


@cache
def _layout() -> Template:
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_LAYOUT.parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        finalize=_without_control,
    )
    environment.tests["number"] = lambda content: isinstance(content, ShownNumber)
    return environment.get_template(_LAYOUT.name)
