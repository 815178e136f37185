"""Decks and videos made in a test: real files, and files that are not what they say."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import pypdfium2
from PIL import Image, ImageDraw


@cache
def pdf(n_pages: int = 3, *, size: tuple[int, int] = (480, 270), mark: str = "") -> bytes:
    """Return a PDF whose pages are pictures, each with its number."""
    pages = []
    for number in range(1, n_pages + 1):
        page = Image.new("RGB", size, "white")
        drawing = ImageDraw.Draw(page)
        drawing.rectangle((20, 20, size[0] - 20, 70), fill=("navy", "darkred", "darkgreen")[number % 3])
        drawing.text((40, 100), f"Slide {number} {mark}", fill="black", font_size=40)
        pages.append(page)
    content = io.BytesIO()
    pages[0].save(content, "PDF", save_all=True, append_images=pages[1:], resolution=72)
    return content.getvalue()


def pdf_with_text(*texts: str) -> bytes:
    """Return a PDF with a page for each text, written by hand so that the text can be read from it."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(texts)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, text in enumerate(texts):
        stream = f"BT /F1 24 Tf 40 100 Td ({text}) Tj ET"
        page = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 480 270] {page} >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    return _pdf_of(objects)


def pdf_with_scripts() -> bytes:
    """Return a PDF that runs a script when it is opened, in programs that let it."""
    script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    names = f"/Names << /JavaScript << /Names [(a) {script}] >> >>"
    return _pdf_of(
        [
            f"<< /Type /Catalog /Pages 2 0 R /OpenAction {script} {names} >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 480 270] >>",
        ]
    )


def pdf_of_many_pages(n_pages: int) -> bytes:
    """Return a PDF of empty pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(n_pages):
        document.new_page(480, 270)
    content = io.BytesIO()
    document.save(content)
    document.close()
    return content.getvalue()


def pdf_that_unpacks_to(n_bytes: int) -> bytes:
    """Return a small PDF of one page whose drawing has ``n_bytes`` (whole megabytes), all of them spaces."""
    packing = zlib.compressobj(1)
    packed = b"".join(packing.compress(b" " * 1_000_000) for _ in range(n_bytes // 1_000_000)) + packing.flush()
    drawing = packed.hex()
    head = f"<< /Length {len(drawing)} /Filter [/ASCIIHexDecode /FlateDecode] >>"
    return _pdf_of(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 480 270] /Contents 4 0 R >>",
            f"{head}\nstream\n{drawing}\nendstream",
        ]
    )


def pdf_without_pages() -> bytes:
    """Return a PDF of no page."""
    return _pdf_of(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"])


def pdf_with_password() -> bytes:
    """Return a PDF that needs a password (RC4 of 40 bits, with values that no password fits)."""
    return _pdf_of(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"],
        trailer=f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >> "
        f"/ID [<{'43' * 16}> <{'43' * 16}>]",
    )


def _pdf_of(objects: list[str], trailer: str = "") -> bytes:
    content, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + body.encode() + b"\nendobj\n"
    start = len(content)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    content += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    content += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(content)


def box(kind: bytes, *content: bytes) -> bytes:
    """Return a box of an MP4."""
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(codec: bytes = b"avc1", *, brand: bytes = b"isom", n_bytes: int = 2_000) -> bytes:
    """Return the container of an MP4: its index names the codec; its pictures are zeros."""
    entry = bytes(4) + struct.pack(">I", 1) + box(codec, bytes(70))
    index = box(b"moov", box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", box(b"stsd", entry))))))
    return box(b"ftyp", brand, bytes(4)) + index + box(b"mdat", bytes(n_bytes))


def webm(document: bytes = b"webm") -> bytes:
    """Return the beginning of a WebM or another Matroska file."""
    head = b"\x42\x82" + bytes([0x80 | len(document)]) + document
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(head)]) + head + b"\x18\x53\x80\x67" + bytes(2_000)
