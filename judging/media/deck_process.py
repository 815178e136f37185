"""Check a deck or render its pages in a process of its own, with limits of memory and time; started as a script.

Standard input is a JSON object: the path of the PDF, the folder for the images or None for a check, the widths and the
limits. Each line of the output is a JSON value: for a check ``{"pages": ...}``, for each rendered page its sizes and
its text; ``{"refused": ...}`` or ``{"end": true}`` is last. PDFium is written in C++ and reads what strangers have
made: whatever happens in it ends this process only. This build of PDFium has no engine for JavaScript.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2 import raw

# A page that waits for something, such as memory from the disk, ends too.
_WAITS_AT_MOST = 10
_SCRIPT_MARKS = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch")


def write_line(value: Any) -> None:
    """Write one value at once: whoever waits reads how far this is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def limit_resources(limits: dict[str, Any], *, is_check: bool) -> None:
    """Set the limits of this process; where the system has none, only the number of pages is limited."""
    try:
        import resource
    except ImportError:
        # Only Unix has such limits.
        return
    seconds = limits["max_check_seconds"] if is_check else limits["max_seconds"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["max_memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["max_image_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    allow_for_page(2 * seconds if is_check else limits["max_page_seconds"])


def allow_for_page(seconds: int) -> None:
    """End the process, also inside PDFium, after so much processor time; on a busy machine a page may take longer."""
    # Without a handler both signals end the process.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(_WAITS_AT_MOST * seconds)


def check(document: pypdfium2.PdfDocument, path: str) -> None:
    """Write what the organiser should know of the deck."""
    content = Path(path).read_bytes()
    has_scripts = raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or any(mark in content for mark in _SCRIPT_MARKS)
    # The first page is opened: a file may name pages that are not there.
    document[0].get_size()
    write_line({"pages": len(document), "scripts": has_scripts, "attachments": document.count_attachments() > 0})


def render(document: pypdfium2.PdfDocument, request: dict[str, Any]) -> None:
    """Write each page as an image of every width, and a line about it."""
    limits, widths = request["limits"], request["widths"]
    largest = max(widths.values())
    for index in range(len(document)):
        allow_for_page(limits["max_page_seconds"])
        page = document[index]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise ValueError("a page without a size")
        scale = largest / width * min(1.0, limits["max_height_ratio"] * width / height)
        image = page.render(scale=scale).to_pil().convert("RGB")
        sizes = {}
        for name, target in widths.items():
            small = image
            if target < image.width:
                small = image.resize((target, max(1, round(image.height * target / image.width))))
            file = Path(request["folder"]) / f"{index + 1}-{name}.webp"
            small.save(file, "WEBP", quality=80, method=3)
            sizes[name] = file.stat().st_size
        text = page.get_textpage().get_text_bounded()
        clean = " ".join("".join(one if one.isprintable() else " " for one in text).split())
        line = {"width": image.width, "height": image.height, "bytes": sizes, "text": clean[: limits["max_text"]]}
        write_line({"page": line})
        page.close()


def main() -> None:
    """Read the request from standard input, write to standard output."""
    request = json.load(sys.stdin)
    is_check = request["folder"] is None
    limit_resources(request["limits"], is_check=is_check)
    try:
        document = pypdfium2.PdfDocument(request["path"])
        if not len(document):
            write_line({"refused": "empty"})
        elif len(document) > request["limits"]["max_pages"]:
            write_line({"refused": f"pages:{len(document)}"})
        else:
            if is_check:
                check(document, request["path"])
            else:
                render(document, request)
            write_line({"end": True})
    except MemoryError:
        write_line({"refused": "dear"})
    except BaseException as error:  # noqa: BLE001 - a reader of hostile bytes may raise anything
        write_line({"refused": "password" if "password" in str(error).lower() else "unreadable"})


if __name__ == "__main__":
    main()
