"""New judges, teams and proposals of a file that are called like another one: perhaps they are the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from judging.errors import Message
from judging.incoming_tables.questions import listed
from judging.incoming_tables.texts.spelling import folded_script
from judging.schemas.roster_rows import FileRow


def same_name_notes(
    kind: str, rows: Iterable[FileRow], names: Mapping[str, str], *, column: str = "name"
) -> list[Message]:
    """Return a note about new keys whose name is that of another key.

    Parameters
    ----------
    kind : str
        ``judges``, ``teams`` or ``proposals``.
    rows : iterable of FileRow
    names : mapping of str to str
        Key -> name, of what is stored already.
    column : str
        Of the name in the rows.
    """
    by_name: dict[str, str] = {}
    for key, known in names.items():
        by_name.setdefault(_form(known), key)
    pairs = []
    for row in rows:
        name: Any = row.get(column)
        if name is None or row["key"] in names:
            continue
        other = by_name.setdefault(_form(name), row["key"])
        if other != row["key"]:
            pairs.append(f"{row['key']} = {other} ({name})")
    if not pairs:
        return []
    texts = {
        "judges": Message(
            "new judges have the name of another one: {names}. Are they the same person?", names=listed(pairs)
        ),
        "teams": Message(
            "new teams have the name of another one: {names}. Are they the same team?", names=listed(pairs)
        ),
        "proposals": Message(
            "new proposals have the title of another one: {names}. Are they the same proposal?", names=listed(pairs)
        ),
    }
    return [texts[kind]]


def _form(name: str) -> str:
    """Return a name without the differences of blanks, case, width and script."""
    return folded_script(name).replace(" ", "")
