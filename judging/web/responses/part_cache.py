"""Rendered parts in the memory of this process, bounded in bytes: the least recently used part is dropped first."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import Lock

MOST_BYTES = 64 * 1024 * 1024
"""Of one process. The ranking of 500 proposals, 200 on its page, takes about 400 KB."""

# What an entry takes beside its texts: its key, the objects around it.
_OVERHEAD = 2048
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a page, plain and as blocks of raw DEFLATE that refer to nothing outside the piece."""

    plain: bytes
    deflated: bytes

    @classmethod
    def of(cls, plain: bytes) -> Segment:
        """Compress a piece. The blocks end at a whole byte, so that other blocks can follow."""
        compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(plain, compressor.compress(plain) + compressor.flush(zlib.Z_SYNC_FLUSH))


@dataclass(frozen=True, slots=True)
class RememberedPart:
    """The rendered blocks of one page, for every reader with the same key.

    Attributes
    ----------
    blocks : tuple of str
        The small blocks: title, head, place, scripts.
    content : tuple of Segment
        The content; a token of the reader's session stands between two segments.
    """

    blocks: tuple[str, ...]
    content: tuple[Segment, ...]

    @property
    def n_bytes(self) -> int:
        """Return about how much memory the part takes."""
        return (
            _OVERHEAD
            + sum(4 * len(block) for block in self.blocks)
            + sum(len(segment.plain) + len(segment.deflated) for segment in self.content)
        )


class PartCache:
    """Parts by key; safe for threads.

    Parameters
    ----------
    most_bytes : int
        A part that alone takes more than an eighth of it is not stored.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._parts: OrderedDict[Hashable, RememberedPart] = OrderedDict()
        self._lock = Lock()
        self.n_bytes = 0

    def get(self, key: Hashable) -> RememberedPart | None:
        """Return the part of a key, if it is here."""
        with self._lock:
            part = self._parts.get(key)
            if part is not None:
                self._parts.move_to_end(key)
            return part

    def put(self, key: Hashable, part: RememberedPart) -> None:
        """Store a part, and drop others until all fit."""
        if part.n_bytes > self._most // 8:
            return
        with self._lock:
            replaced = self._parts.pop(key, None)
            self._parts[key] = part
            self.n_bytes += part.n_bytes - (0 if replaced is None else replaced.n_bytes)
            while self.n_bytes > self._most:
                _, dropped = self._parts.popitem(last=False)
                self.n_bytes -= dropped.n_bytes

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._parts.clear()
            self.n_bytes = 0

    def __len__(self) -> int:
        return len(self._parts)


def gzip_of(pieces: Sequence[bytes | Segment]) -> bytes:
    """Return the pieces of a page as one gzip member (RFC 1952); segments are not compressed again."""
    checksum, length, out = 0, 0, [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for piece in pieces:
        segment = piece if isinstance(piece, Segment) else Segment.of(piece)
        checksum = zlib.crc32(segment.plain, checksum)
        length += len(segment.plain)
        out.append(segment.deflated)
    # An empty block that says it is the last.
    out.append(b"\x03\x00")
    out.append(checksum.to_bytes(4, "little") + (length & 0xFFFFFFFF).to_bytes(4, "little"))
    return b"".join(out)
