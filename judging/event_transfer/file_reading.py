"""Read a transfer file: its manifest, then its parts piece by piece; all of it is checked before anything is stored."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from judging.errors import JudgingError
from judging.event_transfer.row_lines import MOST_BYTES
from judging.event_transfer.transfer_manifest import MANIFEST, Manifest, manifest_of

_PIECE = 1 << 16
_MOST_MANIFEST_BYTES = 20_000_000
_MOST_RATIO = 250
# Small parts may compress very well by chance; a zip bomb is large.
_RATIO_FROM = 1_000_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError)
_AGAIN = "Copy the file once more, or export the event again."


class ReceivedEvent:
    """A transfer file whose manifest was read; ``check`` comes before anything else."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, digest: str) -> None:
        self._archive = archive
        self.manifest = manifest
        self.digest = digest

    def check(self) -> None:
        """Read every part once.

        Raises
        ------
        JudgingError
            When a part is missing, unknown, larger than the manifest says, or has another digest.
        """
        for name, part in self.manifest.parts.items():
            digest, n_bytes = hashlib.sha256(), 0
            with _whole(name), self._archive.open(name) as stream:
                while piece := stream.read(_PIECE):
                    n_bytes += len(piece)
                    if n_bytes > part.n_bytes:
                        break
                    digest.update(piece)
            if n_bytes != part.n_bytes or digest.hexdigest() != part.digest:
                raise JudgingError(
                    f"{name}: damaged: {n_bytes} bytes with the SHA-256 {digest.hexdigest()}, and the manifest says "
                    f"{part.n_bytes} bytes with {part.digest}. {_AGAIN}"
                )

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a part; none when the file has no such part."""
        if name not in self.manifest.parts:
            return
        with _whole(name), self._archive.open(name) as stream:
            while line := stream.readline(MOST_BYTES):
                if not line.endswith(b"\n"):
                    raise JudgingError(f"{name}: a line is longer than {MOST_BYTES:,} bytes. {_AGAIN}")
                yield line

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece."""
        with _whole(name), self._archive.open(name) as stream:
            while piece := stream.read(_PIECE):
                yield piece


@contextmanager
def opened(path: Path) -> Iterator[ReceivedEvent]:
    """Yield a transfer file whose list of parts is in order.

    Raises
    ------
    JudgingError
        When it is no such file, or cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise JudgingError(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        with _archive_in(path, file) as archive:
            manifest = _manifest_in(archive)
            _require_parts(archive, manifest)
            yield ReceivedEvent(archive, manifest, digest)


def _archive_in(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise JudgingError(f"{path}: this is not a file of judging export-event, or it is incomplete.") from error


def _manifest_in(archive: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise JudgingError(f"{MANIFEST}: missing; this is not a file of judging export-event.")
    with _whole(MANIFEST), archive.open(MANIFEST) as stream:
        content = stream.read(_MOST_MANIFEST_BYTES)
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise JudgingError(f"{MANIFEST}: damaged: {error}. {_AGAIN}") from error
    return manifest_of(found)


def _require_parts(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Compare the parts with the manifest before any is read: names, sizes, and how much they would inflate to."""
    found = {info.filename: info for info in archive.infolist()}
    if len(found) != len(archive.infolist()):
        raise JudgingError(f"The file has two parts of the same name. {_AGAIN}")
    for name in sorted({MANIFEST, *manifest.parts} - set(found)):
        raise JudgingError(f"{name}: missing in the file. {_AGAIN}")
    for name in sorted(set(found) - {MANIFEST, *manifest.parts}):
        raise JudgingError(f"{name!r}: the manifest does not name this part. {_AGAIN}")
    for name, part in manifest.parts.items():
        info = found[name]
        if info.flag_bits & 1:
            raise JudgingError(f"{name}: encrypted; judging export-event encrypts nothing.")
        if info.file_size != part.n_bytes:
            raise JudgingError(f"{name}: {info.file_size} bytes, and the manifest says {part.n_bytes}. {_AGAIN}")
        if info.file_size > max(_RATIO_FROM, _MOST_RATIO * info.compress_size):
            raise JudgingError(f"{name}: it would inflate more than {_MOST_RATIO} times; no event does. {_AGAIN}")


@contextmanager
def _whole(name: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise JudgingError(f"{name}: damaged: {error}. {_AGAIN}") from error
    except OSError as error:
        raise JudgingError(f"{name} cannot be read: {error.strerror or error}.") from error
