"""Addresses of files on their own host: signed, valid for a while, and useful without a cookie."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

_SALT = "judging.files"
PICTURE_SECONDS = 600
"""An image or a PDF is fetched at once; its address is valid for this long, at most twice as long."""
VIDEO_SECONDS = 10_800
"""A video is fetched in parts while it is watched, with breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedFile:
    """One file that one person may fetch until a time.

    Attributes
    ----------
    page : str
        The address on the main host at which it was asked for, and can be asked for again.
    path : str
        Of the file in the folder of files.
    media_type, digest, name : str
        How it is sent; see `judging.file_parts.send_part`.
    person : int
        The key of the person's row: in the server's turns the request is theirs.
    until : int
        Seconds since 1970.
    """

    page: str
    path: str
    media_type: str
    digest: str
    name: str
    person: int | None
    until: int


def end_of_validity(now: float, *, seconds: int) -> int:
    """Return a time at least ``seconds`` and less than twice as far away.

    It is a multiple of ``seconds``: whoever asks again soon gets the same address, which the browser has kept.

    Examples
    --------
    >>> end_of_validity(1_000.0, seconds=600), end_of_validity(1_199.0, seconds=600)
    (1800, 1800)
    """
    return (int(now) // seconds + 2) * seconds


def token_of(granted: GrantedFile, secret_key: str) -> str:
    """Return the signed text that stands for a file in an address."""
    return _serializer(secret_key).dumps(asdict(granted))


def granted_in(token: str, secret_key: str) -> GrantedFile | None:
    """Return what a token stands for, whether or not its time is over; None when we have not signed it."""
    try:
        fields: dict[str, Any] = _serializer(secret_key).loads(token)
    except BadData:
        return None
    return GrantedFile(**fields)


def _serializer(secret_key: str) -> URLSafeSerializer:
    settings = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(secret_key, salt=_SALT, signer_kwargs=settings)
