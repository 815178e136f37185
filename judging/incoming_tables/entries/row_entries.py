"""The entries of one row: one for each score in it, in whatever shape the table is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers import cells as kinds
from judging.incoming_tables.containers.cells import RawCell, letters_of
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.mapping import Use
from judging.incoming_tables.texts.number_texts import is_missing

_TIMES: Final = "scored_at"
# Fields whose cells are texts: a date there is a text that Excel has changed.
_FORMULA: Final = re.compile(r"[=+@-][\w.|' ]*[(!|]")
_ID_LIKE: Final = frozenset(
    ("proposal", "judge", "key", "team", "name", "title", "team_name", "criterion", "given_name", "family_name")
)


def entries_of_row(
    number: int,
    used: Mapping[int, RawCell],
    uses: Mapping[int, Use],
    headings: Mapping[int, str],
    constants: Mapping[str, str],
    complaints: Complaints,
    name: str,
    taken: Taken,
) -> Iterator[FileEntry]:
    """Yield the entries of one row.

    Parameters
    ----------
    number : int
        Of the row.
    used, uses, headings : mapping by column
        Its cells in columns with a use, the uses, and the headings.
    constants : mapping of str to str
        What every row of the sheet belongs to.
    complaints : Complaints
    name : str
        Of the sheet, empty when there is only one.
    taken : Taken
        Whose count of empty slots is raised.
    """
    shared = dict(constants)
    moment = None
    scores: list[tuple[int, Use]] = [(column, use) for column, use in uses.items() if use.field == "score"]
    is_wide = any(use.judge or use.criterion or use.proposal or use.slot for _, use in scores)
    comments: dict[tuple[str, str, str, int], str] = {}
    slots: dict[int, dict[str, str]] = {}
    for column, cell in used.items():
        use = uses[column]
        if use.field == "score":
            continue
        if use.field == _TIMES:
            moment = cell
            continue
        text = _text(cell, use, number, complaints, name)
        if text is None:
            continue
        if use.slot:
            slots.setdefault(use.slot, {})[use.field] = text
        elif use.field == "comment" and (use.judge or use.criterion or use.proposal):
            comments[use.judge, use.criterion, use.proposal, 0] = text
        else:
            shared[use.field] = text
    if not scores:
        yield FileEntry(name, number, "", shared, None, moment)
        return
    given = 0
    overall = shared.pop("comment", None) if is_wide and not all(use.slot for _, use in scores) else None
    for column, use in scores:
        score = used.get(column)
        own = {**shared, **slots.get(use.slot, {})}
        own |= {key: value for key in ("judge", "criterion", "proposal") if (value := getattr(use, key))}
        comment = comments.get((use.judge, use.criterion, use.proposal, 0))
        if comment is not None:
            own["comment"] = comment
        if score is None and is_wide and not comment:
            if use.slot and "judge" in slots.get(use.slot, {}):
                taken.n_empty += 1
            continue
        given += 1
        label = "score" if not is_wide else headings.get(column, "").partition("\n")[0][:40] or letters_of(column)
        yield FileEntry(name, number, label, own, score, moment)
    if overall is not None or (given == 0 and is_wide):
        # The comment on the whole sheet, or a proposal that nobody has scored.
        values = dict(shared)
        if overall is not None:
            values["comment"] = overall
        first = scores[0][1]
        if given == 0:
            values |= {key: value for key in ("judge", "proposal") if (value := getattr(first, key))}
        if overall is None or ("judge" in values and "proposal" in values):
            yield FileEntry(name, number, "comment" if overall is not None else "", values, None, moment)


def _text(cell: RawCell, use: Use, number: int, complaints: Complaints, name: str) -> str | None:
    """Return the text of a cell that is no score and no time; None when it is missing or was complained about."""
    if cell.kind == kinds.NO_VALUE:
        complaints.add(name, number, use.field, no_stored_value())
        return None
    if cell.kind == kinds.ERROR:
        if cell.text != "#N/A":
            complaints.add(name, number, use.field, Message("The cell shows the error {error}.", error=cell.text))
        return None
    if cell.kind in (kinds.DATE, kinds.TIME) and use.field in _ID_LIKE:
        complaints.add(
            name,
            number,
            use.field,
            Message(
                "This is the date {date}: Excel has made it of what was typed. Make the column text and retype it.",
                date=cell.text,
            ),
        )
        return None
    if use.field in _ID_LIKE and _FORMULA.match(cell.text):
        complaints.add(
            name,
            number,
            use.field,
            Message("`{text}` is a formula, not a name: type what it shows", text=cell.text[:60]),
        )
        return None
    if use.field in ("judge", "proposal") and is_missing(cell.text):
        return None
    return cell.text


def no_stored_value() -> Message:
    """Return the complaint about a formula that was never computed."""
    return Message(
        "The formula has no stored value. Open the workbook in Excel or LibreOffice, save it there, and use that copy."
    )
