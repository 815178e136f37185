"""Write a transfer file: part by part, under another name until it is complete, for its owner only."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from judging.errors import JudgingError
from judging.event_transfer.transfer_manifest import MANIFEST, Manifest, Part
from judging.media.file_store import NoRoom, is_full

_PIECE = 1 << 20


class TransferFile:
    """A file that is being written; it gets its name with ``finish``, and is gone without it."""

    def __init__(self, target: Path) -> None:
        if target.exists():
            raise JudgingError(f"{target} exists already; give the name of a new file.")
        self.target = target
        self._partial = target.with_name(f".{target.name}.partial")
        with _named(target):
            # A file that an earlier process left behind; private from the first byte.
            self._partial.unlink(missing_ok=True)
            handle = os.open(self._partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w+b")
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self.parts: dict[str, Part] = {}

    def __enter__(self) -> TransferFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ValueError, OSError):
            self._archive.close()
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Add a part of lines; return how many."""
        n_lines, n_bytes, digest = 0, 0, hashlib.sha256()
        with _named(self.target), self._archive.open(_info(name, is_stored=False), "w", force_zip64=True) as part:
            for line in lines:
                part.write(line)
                digest.update(line)
                n_lines, n_bytes = n_lines + 1, n_bytes + len(line)
        self.parts[name] = Part(n_bytes, digest.hexdigest())
        return n_lines

    def add_file(self, name: str, path: Path) -> Part:
        """Add a file as it is."""
        n_bytes, digest = 0, hashlib.sha256()
        with (
            path.open("rb") as source,
            _named(self.target),
            self._archive.open(_info(name, is_stored=True), "w", force_zip64=True) as part,
        ):
            while piece := source.read(_PIECE):
                part.write(piece)
                digest.update(piece)
                n_bytes += len(piece)
        self.parts[name] = Part(n_bytes, digest.hexdigest())
        return self.parts[name]

    def complete(self, manifest: Manifest) -> str:
        """Add the manifest and write everything to the disk; return the SHA-256 of the file."""
        with _named(self.target):
            content = json.dumps(manifest.to_dict(), ensure_ascii=False, indent=1, sort_keys=True)
            self._archive.writestr(_info(MANIFEST, is_stored=False), content + "\n")
            self._archive.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.seek(0)
            return hashlib.file_digest(self._file, "sha256").hexdigest()

    def finish(self) -> None:
        """Give the file its name, in one step, unless another has got it meanwhile."""
        with _named(self.target):
            os.link(self._partial, self.target)
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextmanager
def _named(target: Path) -> Iterator[None]:
    """Turn what the disk says into a sentence."""
    try:
        yield
    except FileExistsError as error:
        raise JudgingError(f"{target} exists already; give the name of a new file.") from error
    except OSError as error:
        if is_full(error):
            raise NoRoom from error
        raise JudgingError(f"{target} cannot be written: {error.strerror}.") from error


def _info(name: str, *, is_stored: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    # Decks and videos are compressed already.
    info.compress_type = zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
