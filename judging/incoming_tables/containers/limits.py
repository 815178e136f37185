"""Limits of uploaded tables, and the error for a file that exceeds them."""

from __future__ import annotations

from dataclasses import dataclass

from judging.errors import InvalidInput, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of an uploaded file.

    Attributes
    ----------
    max_bytes : int
        Size of the file as uploaded.
    max_parts, max_part_bytes, max_inflated_bytes : int
        Of a workbook's zip archive, once inflated.
    max_ratio : int
        Inflated to packed size of any part over a megabyte.
    max_rows, max_columns, max_cells : int
        Of one table, and the cells of all tables together.
    max_shared_texts : int
        Entries of the table of shared texts.
    max_other_elements : int
        XML elements that are neither rows, cells nor their texts: defined names, styles, merged cells and the like. A
        reader of workbooks builds an object of each.
    max_tag_bytes : int
        Of an XML tag, or of a text without any tag: all attributes of one element, possibly 300,000, are parsed at
        once.
    max_characters : int
        Of all texts together: a million cells may share one long text, so that the file is small.
    max_seconds, max_memory_bytes : int
        Processor time and address space of the process that reads a workbook.
    """

    max_bytes: int = 10_000_000
    max_parts: int = 300
    max_part_bytes: int = 60_000_000
    max_inflated_bytes: int = 100_000_000
    max_ratio: int = 150
    max_rows: int = 100_000
    max_columns: int = 100
    max_cells: int = 1_000_000
    max_shared_texts: int = 200_000
    max_other_elements: int = 50_000
    max_tag_bytes: int = 300_000
    max_characters: int = 20_000_000
    max_seconds: int = 20
    max_memory_bytes: int = 1_000_000_000


def refuse(message: Message, place: str = "file") -> InvalidInput:
    """Return the error for one place of an uploaded file, to be raised."""
    return InvalidInput({place: [message]})
