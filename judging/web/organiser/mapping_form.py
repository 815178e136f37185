"""The form of the mapping step: what was recognised as fields to adjust, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from judging.incoming_tables.containers.encodings import ENCODING_NAMES, ENCODINGS
from judging.incoming_tables.mapping import BY_HEADING, TableMapping
from judging.incoming_tables.texts.synonyms import FIELDS
from judging.schemas.mapping_files import mapping_of
from judging.services.imports.shown import ShownTable

_MOST_COLUMNS = 200
_PEOPLE = ("judge", "criterion", "proposal")


def mapping_from_form(form: MultiDict[str, str], kind: str) -> TableMapping | None:
    """Return what a person has adjusted, None when the form has no mapping.

    The columns count only while sheet and heading rows are those that the person saw them under.
    """
    if kind not in FIELDS or "was" not in form:
        return None
    answers = {
        name.removeprefix("answer-"): value[:300]
        for name, value in form.items()
        if name.startswith("answer-") and value
    }
    place: dict[str, Any] = {
        "sheet": form.get("sheet", ""),
        "heading_rows": [_row(form.get("heading_first", "")), _row(form.get("heading_last", ""))],
        "encoding": form.get("encoding", "") if form.get("encoding", "") in ENCODINGS else "",
    }
    was = _json(form.get("was", ""))
    is_same = {name: was.get(name) for name in place} == place
    first, last = place["heading_rows"]
    values: dict[str, Any] = {
        "kind": kind,
        "encoding": place["encoding"],
        "answers": answers,
        "heading_rows": [first, max(first, last)],
    }
    if place["sheet"]:
        # Several sheets that belong together are one choice.
        values["sheets"] = place["sheet"].split("\t")
    if is_same:
        values["columns"] = [
            {"heading": form.get(f"heading-{number}", "")[:300], **_json(form.get(f"column-{number}", ""))}
            for number in range(_MOST_COLUMNS)
            if f"column-{number}" in form
        ]
    elif place["heading_rows"] == was.get("heading_rows"):
        # Another sheet has its headings elsewhere.
        values["heading_rows"] = [0, 0]
    mapping = mapping_of(values)
    return replace(mapping, answers=answers)


def choices_of(table: ShownTable, column: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a column can be: the value of the choice, the field, and what its heading stands for."""
    own = {name: column[name] for name in ("use", *_PEOPLE, "slot") if name in column}
    choices: list[tuple[str, str, str]] = [(_value(own), own["use"], _of(own))]
    plain = [{"use": name} for name in ("leave out", *FIELDS[table.kind])]
    if table.kind == "scores":
        plain += [{"use": "score", name: BY_HEADING} for name in _PEOPLE]
    choices += [(_value(use), str(use["use"]), _of(use)) for use in plain if use != own]
    return choices


def was_value(table: ShownTable) -> str:
    """Return under what sheet, heading rows and encoding the columns are shown."""
    mapping = table.mapping
    return json.dumps(
        {
            "sheet": "\t".join(mapping.get("sheets", ())),
            "heading_rows": mapping["heading_rows"],
            "encoding": mapping.get("encoding", ""),
        },
        ensure_ascii=False,
    )


def encodings() -> list[tuple[str, str]]:
    """Return the encodings that can be chosen, with their names."""
    return [(name, ENCODING_NAMES[name]) for name in ENCODINGS]


def _of(use: Mapping[str, Any]) -> str:
    named = [str(use[name]) for name in _PEOPLE if use.get(name)]
    if named == [BY_HEADING]:
        return next(f"*{name}" for name in _PEOPLE if use.get(name))
    return ", ".join(named) or (str(use["slot"]) if use.get("slot") else "")


def _value(use: Mapping[str, Any]) -> str:
    return json.dumps(use, ensure_ascii=False, sort_keys=True)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text[:2000])
    except ValueError:
        return {"use": "leave out"}
    if not isinstance(value, dict):
        return {"use": "leave out"}
    return {
        name: value[name] for name in ("use", *_PEOPLE, "slot", "sheet", "heading_rows", "encoding") if name in value
    }


def _row(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0
