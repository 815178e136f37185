"""Videos: whether a file is an MP4 or a WebM that browsers play. Only the container is read, never a picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from judging.errors import InvalidInput, Message
from judging.media.media_limits import MediaLimits

MP4, WEBM = "video/mp4", "video/webm"
_MOST_BOXES: Final = 10_000
_CONTAINERS: Final = (b"trak", b"mdia", b"minf", b"stbl")
_PLAYED: Final = (b"avc1", b"avc3", b"av01", b"vp08", b"vp09")
_HEVC: Final = (b"hvc1", b"hev1", b"dvh1", b"dvhe")
_PREFERRED: Final = Message("Export it as MP4 with H.264 pictures.")


def check_video(path: Path, media_type: str, limits: MediaLimits) -> None:
    """Raise InvalidInput unless the file is whole and encoded so that browsers play it."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if media_type == MP4:
            _check_mp4(file, size, limits)
        else:
            _check_webm(file, size)


def _check_mp4(file: BinaryIO, size: int, limits: MediaLimits) -> None:
    found: dict[bytes, tuple[int, int]] = {}
    for kind, start, end in _boxes(file, 0, size):
        found.setdefault(kind, (start, end))
    if b"moov" not in found:
        raise _refuse(Message("Its index is missing: the recording or the upload was cut off. Export the video again."))
    if b"mdat" not in found and b"moof" not in found:
        raise _refuse(Message("It has no pictures. Export the video again."))
    start, end = found[b"moov"]
    if end - start > limits.max_index_bytes:
        raise _refuse(Message("Its index is too large. {preferred}", preferred=_PREFERRED))
    codecs = set(_codecs(file, start, end))
    if codecs & set(_PLAYED):
        return
    if codecs & set(_HEVC):
        raise _refuse(Message("Its pictures are encoded as HEVC, which many browsers do not play. Export it as H.264."))
    raise _refuse(Message("It has no pictures that browsers play. {preferred}", preferred=_PREFERRED))


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each box, and where its content begins and ends."""
    place = start
    for _ in range(_MOST_BOXES):
        if place >= end:
            return
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            raise _cut_off()
        length, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if length == 1 and len(head) == 16:
            length, header = struct.unpack(">Q", head[8:])[0], 16
        elif length == 0:
            length = end - place
        if length < header or place + length > end:
            raise _cut_off()
        yield kind, place + header, place + length
        place += length
    raise _refuse(Message("It is cut into too many parts. {preferred}", preferred=_PREFERRED))


def _codecs(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    for kind, first, last in _boxes(file, start, end):
        if kind in _CONTAINERS:
            yield from _codecs(file, first, last)
        elif kind == b"stsd":
            file.seek(first)
            content = file.read(min(last - first, 16))
            if len(content) == 16:
                yield content[12:16]


def _check_webm(file: BinaryIO, size: int) -> None:
    head = file.read(4096)
    document = head.find(b"\x42\x82")
    kind = head[document + 3 : document + 3 + (head[document + 2] & 0x7F)] if 0 < document < 64 else b""
    if kind.rstrip(b"\0") != b"webm":
        raise _refuse(Message("It is a Matroska video. {preferred}", preferred=_PREFERRED))
    if b"\x18\x53\x80\x67" not in head or size < 1000:
        raise _cut_off()


def _cut_off() -> InvalidInput:
    return _refuse(Message("The video is damaged or cut off. Export it again."))


def _refuse(message: Message) -> InvalidInput:
    return InvalidInput({Message("file"): [message]})
