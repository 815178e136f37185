"""What the worker must know of a request before its body has arrived.

Only gunicorn's own parser decides what a request is. The values here decide how long to wait and for how many bytes;
where they are wrong, gunicorn's parser meets the end of the data and refuses the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"
MOST_BYTES = 32_000
"""Longest head, all header fields together; nginx has the same limit."""


@dataclass(frozen=True, slots=True)
class Head:
    """The request line and four header fields.

    Attributes
    ----------
    path : str
        Without the query.
    length : int
        Bytes of the body; 0 when ``Content-Length`` is missing or no number.
    is_chunked : bool
        Whether there is a ``Transfer-Encoding``, so that the length is unknown.
    expects_continue : bool
        Whether the client waits for ``100 Continue`` before it sends the body.
    cookie, authorization, forwarded_for : str
        The header fields, joined when they are repeated.
    size : int
        Bytes of the head, with the empty line.
    """

    path: str
    length: int
    is_chunked: bool
    expects_continue: bool
    cookie: str
    authorization: str
    forwarded_for: str
    size: int


def parse_head(raw: bytes) -> Head:
    r"""Return what a head says.

    Parameters
    ----------
    raw : bytes
        Everything up to the empty line, which ends it.

    Examples
    --------
    >>> head = parse_head(b"POST /sign-in?next=/ HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
    >>> head.path, head.length, head.is_chunked
    ('/sign-in', 12, False)
    """
    line, *fields = raw.decode("latin-1").split("\r\n")
    words = line.split(" ")
    values: dict[str, list[str]] = {}
    for field in fields:
        name, _, value = field.partition(":")
        values.setdefault(name.strip().lower(), []).append(value.strip())
    return Head(
        path=_path(words[1]) if len(words) > 1 else "",
        length=max((int(text) for text in values.get("content-length", []) if _is_length(text)), default=0),
        is_chunked="transfer-encoding" in values,
        expects_continue="100-continue" in (value.lower() for value in values.get("expect", [])),
        cookie="; ".join(values.get("cookie", [])),
        authorization=next(iter(values.get("authorization", [])), ""),
        forwarded_for=",".join(values.get("x-forwarded-for", [])),
        size=len(raw),
    )


def _path(target: str) -> str:
    try:
        return urlsplit(target).path
    except ValueError:
        return ""


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
