"""The text of what people keep signed heads in: an e-mail, a text, a workbook, a bundle."""

from __future__ import annotations

from email import message_from_bytes
from io import BytesIO
from zipfile import BadZipFile, ZipFile

_MOST_BYTES = 50_000_000
_TEXT_ENDINGS = (".xml", ".json", ".csv", ".txt", ".eml")


def text_in(content: bytes) -> str:
    """Return everything in a file that may contain a head, whatever the file is.

    An e-mail is decoded: its transfer encoding breaks long lines. Of a workbook or a bundle, the text files in it are
    read, up to 50 MB.
    """
    if content.startswith(b"PK"):
        return "\n".join(_text_of_mail(part) for part in _texts_of_archive(content))
    return _text_of_mail(content)


def _text_of_mail(content: bytes) -> str:
    # Without zero bytes, UTF-16 has the head as it is in UTF-8.
    texts = [content.replace(b"\0", b"")]
    for part in message_from_bytes(content).walk():
        decoded = part.get_payload(decode=True) if part.get_content_maintype() == "text" else None
        if isinstance(decoded, bytes):
            texts.append(decoded)
    return "\n".join(text.decode("utf-8", errors="replace") for text in texts)


def _texts_of_archive(content: bytes) -> list[bytes]:
    texts: list[bytes] = []
    try:
        with ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                size = sum(map(len, texts))
                if member.filename.endswith(_TEXT_ENDINGS) and size + member.file_size <= _MOST_BYTES:
                    texts.append(archive.read(member))
    except BadZipFile:
        return [content]
    return texts
