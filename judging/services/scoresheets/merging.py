"""The three-way merge of a scoresheet: what a file was made from, what it has now, and what is stored by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CellChange:
    """A field that the file changes.

    Attributes
    ----------
    field : str
    before, in_file, stored : str
        As text: when the file was made, in the file, and stored now.
    """

    field: str
    before: str
    in_file: str
    stored: str

    @property
    def is_conflict(self) -> bool:
        """Return whether somebody has changed what is stored since the file was made, to something else."""
        return self.before != self.stored


def changes_of(
    fields: Sequence[str], before: Mapping[str, str], in_file: Mapping[str, str], stored: Mapping[str, str]
) -> list[CellChange]:
    """Return the fields that the file changes and that are not stored already; in the order of ``fields``.

    What the file leaves as it was is never stored again: a change made elsewhere since then remains.

    >>> changes_of(["a", "b"], {"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "3", "b": "1"})
    [CellChange(field='b', before='1', in_file='2', stored='1')]
    """
    found = []
    for field in fields:
        old, new, now = (_unified(values.get(field, "")) for values in (before, in_file, stored))
        if new not in (old, now):
            found.append(CellChange(field, old, new, now))
    return found


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
