"""The folder of decks and videos: each file under the SHA-256 of its content, images of pages beside them.

Several machines may share the folder. A file appears under its name only when it is complete and on the disk, so two
machines that store the same content do not disturb each other.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from judging.errors import Message, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)
_STALE_SECONDS = 24 * 3600


def is_full(error: OSError) -> bool:
    """Return whether an error says that the disk or the quota is full."""
    return error.errno in _FULL


class NoRoom(Unavailable):
    """The disk of the files is full."""

    default = Message("The disk of the service is full. Nothing was stored; please tell whoever runs it.")
    retry_after_seconds = 60


class ReceivedFile:
    """An upload while it arrives: written straight to the disk, and gone when it is closed unless it was kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = tempfile.NamedTemporaryFile(dir=folder, prefix="upload-")  # noqa: SIM115 - closed by its owner
        self._hash = hashlib.sha256()
        self.n_bytes = 0

    @property
    def path(self) -> Path:
        """Return where it is until it is closed."""
        return Path(self._file.name)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Add bytes; raise NoRoom when the disk is full."""
        try:
            self._file.write(data)
        except OSError as error:
            if is_full(error):
                raise NoRoom from error
            raise
        self._hash.update(data)
        self.n_bytes += len(data)
        return len(data)

    def finish(self) -> None:
        """Write everything to the disk; raise NoRoom when it is full."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            if is_full(error):
                raise NoRoom from error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the place of the next read."""
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)

    def close(self) -> None:
        """Remove the upload; what was kept has a name of its own."""
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)


class FileStore:
    """The folder and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def arriving(self) -> Path:
        """Return the folder of uploads that are not complete."""
        return self.folder / "arriving"

    def path_of(self, digest: str) -> Path:
        """Return where the file with this content is, or would be."""
        return self.folder / "originals" / digest[:2] / digest

    def pages_of(self, digest: str) -> Path:
        """Return the folder with the images of the pages of a deck."""
        return self.folder / "pages" / digest[:2] / digest

    def receive(self) -> ReceivedFile:
        """Begin an upload."""
        return ReceivedFile(self.arriving)

    def require_room(self, n_bytes: int, least_free_bytes: int) -> None:
        """Raise NoRoom when the disk would have less than ``least_free_bytes`` after an upload of ``n_bytes``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free - n_bytes < least_free_bytes:
            raise NoRoom

    def keep(self, received: ReceivedFile) -> None:
        """Give an upload its lasting name."""
        received.finish()
        target = self.path_of(received.digest)
        if target.exists():
            # A new time: the cleaning leaves it alone until its row is stored.
            os.utime(target)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        received.path.chmod(0o600)
        try:
            # Not a rename: the upload removes its own name when it is closed.
            os.link(received.path, target)
        except FileExistsError:
            return
        _sync_folder(target.parent)

    def keep_file(self, path: Path) -> ReceivedFile:
        """Return a file of this machine as an upload, for the command line; the caller closes it."""
        received = self.receive()
        try:
            with path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    received.write(chunk)
        except BaseException:
            received.close()
            raise
        received.finish()
        return received

    @contextmanager
    def rendering(self, digest: str) -> Iterator[Path]:
        """Yield a new folder that becomes the pages of a deck when the block ends without an error."""
        self.arriving.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.arriving, prefix="pages-", ignore_cleanup_errors=True) as made:
            yield Path(made)
            target = self.pages_of(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            old = Path(made).with_suffix(".old")
            if target.exists():
                target.rename(old)
            Path(made).rename(target)
            shutil.rmtree(old, ignore_errors=True)

    def digests(self) -> set[str]:
        """Return the digests of all files and pages in the folder."""
        return {path.name for part in ("originals", "pages") for path in (self.folder / part).glob("??/*")}

    def clean(self, keep: Collection[str]) -> int:
        """Delete what is a day old and not in ``keep``, and uploads that were left behind; return the freed bytes."""
        freed, latest = 0, time.time() - _STALE_SECONDS
        left = list(self.arriving.glob("*")) if self.arriving.exists() else []
        unused = [
            path
            for part in ("originals", "pages")
            for path in (self.folder / part).glob("??/*")
            if path.name not in keep
        ]
        for path in (*left, *unused):
            try:
                if path.stat().st_mtime > latest:
                    continue
                freed += _size_of(path)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            except FileNotFoundError:
                # Another machine has cleaned it.
                continue
        return freed

    def copy_missing(self, source: Path, digests: Collection[str]) -> tuple[int, list[str]]:
        """Copy what is missing here from a folder of copies; return how many, and what is in neither."""
        n_copied, missing = 0, []
        for digest in sorted(digests):
            if self.path_of(digest).exists():
                continue
            copy = source / digest
            if not copy.is_file():
                missing.append(digest)
                continue
            received = self.keep_file(copy)
            try:
                if received.digest != digest:
                    missing.append(digest)
                    continue
                self.keep(received)
            finally:
                received.close()
            n_copied += 1
        return n_copied, missing

    def copy_out(self, target: Path, digests: Collection[str]) -> list[str]:
        """Copy originals into a folder that lacks them; return those that are missing here."""
        missing = []
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)
        for digest in sorted(digests):
            if (target / digest).exists():
                continue
            if not self.path_of(digest).exists():
                missing.append(digest)
                continue
            partial = target / f".{digest}.partial"
            shutil.copyfile(self.path_of(digest), partial)
            partial.chmod(0o600)
            partial.replace(target / digest)
        return missing


def _size_of(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    # A file with two names frees nothing with the first of them.
    return path.stat().st_size if path.stat().st_nlink == 1 else 0


def _sync_folder(folder: Path) -> None:
    handle: Any = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
