"""A line in the log while a disk of the service is nearly full, before saves are refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog

from judging.services.health import free_bytes

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DiskWatch:
    """Folders whose disks must have room, and how much."""

    folders: tuple[Path, ...] = ()
    least_free_bytes: int = 0

    def look(self) -> None:
        """Log each folder with less room; an alarm on this line comes before the pages refuse anything."""
        for folder in self.folders:
            free = free_bytes(folder)
            if free is not None and free < self.least_free_bytes:
                least = self.least_free_bytes // 1_000_000
                log.error("disk is nearly full", folder=str(folder), free_megabytes=free // 1_000_000, least=least)
