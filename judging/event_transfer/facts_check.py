"""Compare the facts of a transfer file with the log of the installation that it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table

from judging import tables
from judging.errors import JudgingError
from judging.event_transfer.declared_tables import MOVED
from judging.services.audit.chain import hash_of
from judging.services.audit.stored_rows import APPEND_ONLY, NOT_COVERED
from judging.tables.row_digests import digest_of_row, digest_of_sheet, key_of

CHECKED = frozenset(APPEND_ONLY) & frozenset(MOVED) - frozenset(NOT_COVERED)
"""Facts: their rows never change after the entry that recorded them."""


class BoundFacts:
    """What the entries of a log say about the facts of an event; each fact is compared once."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}

    def read(self, entry: Mapping[str, Any]) -> None:
        """Check the hash of an entry, and note which facts it recorded.

        Raises
        ------
        JudgingError
            When its content was changed after it was written.
        """
        row = tables.AuditEntry(**entry)
        if hash_of(row) != row.hash:
            raise JudgingError(
                f"log.jsonl: entry {row.id} does not have its hash: it was changed after it was written. Nothing was "
                "imported."
            )
        for key, digest in (row.stored or {}).items():
            if digest is not None and key.partition(" ")[0] in CHECKED:
                self._digests[key] = digest

    def compare(self, table: Table, values: Mapping[str, Any], lines: Iterable[tuple[str, float | None, str]]) -> None:
        """Raise JudgingError when a fact is not as it was recorded; ``lines`` are the scores of a scoresheet."""
        if table.name not in CHECKED:
            return
        key = key_of(table, values)
        found = digest_of_sheet(table, values, lines) if table.name == "scoresheet" else digest_of_row(table, values)
        if self._digests.pop(key, found) != found:
            raise JudgingError(
                f"rows/{table.name}.jsonl: {key} is not as the log of its installation recorded it. Nothing was "
                "imported."
            )

    def require_all_seen(self) -> None:
        """Raise JudgingError when a fact is missing that the log recorded."""
        if self._digests:
            raise JudgingError(
                f"{next(iter(self._digests))} and {len(self._digests) - 1} more rows are missing, which the log "
                "recorded. Nothing was imported."
            )
