"""Judges in two columns, first name and last name: put together to one name."""

from __future__ import annotations

import re
from typing import Final

from judging.errors import Message
from judging.incoming_tables.entries.entry import Taken
from judging.incoming_tables.known import Known

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


def join_name_parts(taken: Taken, known: Known) -> None:
    """Replace given name and family name by one name: ``judge``, or ``name`` on a roster of judges.

    On a roster the order is the one in which somebody is found; else the given name comes first, in Chinese the family
    name.
    """
    target = "name" if known.kind == "judges" else "judge"
    example = ""
    for entry in taken.entries:
        given, family = entry.values.pop("given_name", ""), entry.values.pop("family_name", "")
        if not (given or family) or target in entry.values:
            continue
        name = _joined(given, family)
        if known.judges is not None and known.judges.find(name) is None:
            turned = f"{family} {given}".strip()
            name = turned if known.judges.find(turned) is not None else name
        entry.values[target] = name
        example = example or name
    if example:
        taken.notes.append(Message("names are put together from two columns, such as “{name}”", name=example[:60]))


def _joined(given: str, family: str) -> str:
    if _CHINESE.search(given) and _CHINESE.search(family):
        return f"{family}{given}"
    return f"{given} {family}".strip()
