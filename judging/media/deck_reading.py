"""Decks: checked when they are uploaded, and rendered page by page, both in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from judging import progress
from judging.errors import InvalidInput, Message
from judging.media.media_limits import WIDTHS, MediaLimits

_SCRIPT: Final = Path(__file__).with_name("deck_process.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckFacts:
    """What the check of a deck has found."""

    n_pages: int
    has_scripts: bool
    has_attachments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckPage:
    """A rendered page: pixels of its largest image, bytes of the images by the name of their width, its text."""

    width: int
    height: int
    n_bytes: dict[str, int]
    text: str


def check_deck(path: Path, limits: MediaLimits) -> DeckFacts:
    """Return what a PDF is; raise InvalidInput with what is wrong when no deck can be made of it."""
    found = next(_lines(path, None, limits))
    return DeckFacts(n_pages=found["pages"], has_scripts=found["scripts"], has_attachments=found["attachments"])


def render_deck(path: Path, folder: Path, limits: MediaLimits, *, n_pages: int) -> list[DeckPage]:
    """Write ``1-phone.webp``, ``1-desk.webp`` ... into a folder and return the pages; InvalidInput when it fails."""
    pages = []
    for line in _lines(path, folder, limits):
        page = line["page"]
        pages.append(DeckPage(width=page["width"], height=page["height"], n_bytes=page["bytes"], text=page["text"]))
        progress.advance(Message("Rendering the pages"), len(pages), n_pages)
    return pages


def _lines(path: Path, folder: Path | None, limits: MediaLimits) -> Iterator[dict[str, Any]]:
    request = {
        "path": str(path),
        "folder": None if folder is None else str(folder),
        "widths": WIDTHS,
        "limits": asdict(limits),
    }
    # The process ends by its own limits of time.
    process = subprocess.Popen(  # noqa: S603 - program and script are ours
        [sys.executable, "-I", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1"},
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no pipes")
        try:
            process.stdin.write(json.dumps(request).encode())
            process.stdin.close()
            n_done = 0
            for text in process.stdout:
                line = json.loads(text)
                if line == {"end": True}:
                    return
                if "refused" in line:
                    raise _refused(str(line["refused"]), limits)
                n_done += 1
                yield line
            # It was ended by a limit, or by an error of PDFium.
            raise _too_dear(n_done + 1)
        except BrokenPipeError:
            raise _too_dear(1) from None
        finally:
            process.kill()


def _refused(reason: str, limits: MediaLimits) -> InvalidInput:
    what, _, rest = reason.partition(":")
    if what == "pages":
        return _complaint(
            Message("It has {pages} pages; a deck may have {limit}.", pages=int(rest), limit=limits.max_pages)
        )
    texts = {
        "password": Message("It is protected by a password. Save it as a PDF without a password."),
        "empty": Message("It has no page. Export the slides as PDF again."),
        "dear": Message("Its pages take too much memory. Export it again with smaller pictures."),
    }
    return _complaint(texts.get(what, Message("It is damaged and cannot be read. Export the slides as PDF again.")))


def _too_dear(page: int) -> InvalidInput:
    return _complaint(
        Message(
            "Page {page} takes too much time or memory. Export the slides as PDF again, with smaller pictures.",
            page=page,
        )
    )


def _complaint(message: Message) -> InvalidInput:
    return InvalidInput({Message("file"): [message]})
