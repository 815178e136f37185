"""Answers with a file of the folder of files: whole, or the part that a browser asks for, never under our own policy.

The answer is left to the server as a file, which gunicorn's main loop sends (`judging.server`): no thread waits.
"""

from __future__ import annotations

import io
from pathlib import Path

from flask import Response, request
from werkzeug.wsgi import wrap_file

from judging.errors import Message, NotFound

# A page of such a file could do nothing: no script, no form, no name of ours.
_SANDBOX = "default-src 'none'; media-src 'self'; sandbox; frame-ancestors 'none'"


class FilePart(io.RawIOBase):
    """A part of an open file, from its place to an end, for servers that do not send files by themselves."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._missing = length

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes of the part."""
        wanted = self._missing if size is None or size < 0 else min(size, self._missing)
        data = self._file.read(wanted) or b""
        self._missing -= len(data)
        return data

    def fileno(self) -> int:
        """Return the handle; its place is where the part begins."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def send_part(path: Path, *, media_type: str, digest: str, name: str = "") -> Response:
    """Return a file, or the range of it that this request names.

    Parameters
    ----------
    path : Path
    media_type : str
        As it was recognised, never as somebody called it.
    digest : str
        Of the content: its ETag.
    name : str
        The browser stores the file under this name and does not open it; without it, it is shown.

    Raises
    ------
    NotFound
        When the file is not in the folder.
    """
    try:
        size = path.stat().st_size
        etag = f'"{digest}"'
        unchanged = request.if_none_match.contains(digest)
        start, stop, status = 0, size, 200
        asked = request.range
        if asked is not None and not unchanged and request.headers.get("If-Range", etag) == etag:
            found = asked.range_for_length(size)
            if found is None:
                return _with_headers(Response(status=416, headers={"Content-Range": f"bytes */{size}"}), etag)
            start, stop, status = *found, 206
        if unchanged:
            return _with_headers(Response(status=304), etag)
        part = FilePart(path, start, stop - start)
    except OSError as error:
        raise NotFound(Message("This file is not in the folder of files. Please tell the organiser.")) from error
    answer = Response(wrap_file(request.environ, part), status, mimetype=media_type, direct_passthrough=True)  # type: ignore[arg-type]  # it is a file
    answer.headers["Content-Length"] = str(stop - start)
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    if name:
        answer.headers.set("Content-Disposition", "attachment", filename=name)
    return _with_headers(answer, etag)


def _with_headers(answer: Response, etag: str) -> Response:
    answer.headers["ETag"] = etag
    answer.headers["Accept-Ranges"] = "bytes"
    # Kept by the browser, and shown only after asking whether the person may still see it.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Security-Policy"] = _SANDBOX
    return answer
