"""How a file was read, in words: shown before anything is stored, and with every complaint."""

from __future__ import annotations

from judging.errors import Listed, Message
from judging.incoming_tables.containers.cells import Book, RawSheet, letters_of
from judging.incoming_tables.containers.encodings import ENCODING_NAMES
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import SHAPES, TableMapping, Use
from judging.incoming_tables.shapes.recognising import Recognised
from judging.incoming_tables.texts.synonyms import FIELDS

_MOST_COLUMNS = 12
_SEPARATORS = {",": Message("comma"), ";": Message("semicolon"), "\t": Message("tab"), "|": Message("bar")}


def describe(book: Book, recognised: Recognised, known: Known) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Return how the file was read, and what deserves a note because it is not plain."""
    mapping = recognised.mapping
    how = [_place(book, mapping)]
    if book.encoding is not None and book.encoding.encoding not in ("utf-8", "utf-16") and book.encoding.sample:
        # What was decoded is shown as text: counts would look right however wrong the names are.
        how.append(Message("first names as they are read: {sample}", sample=book.encoding.sample))
    if known.kind == "scores" and mapping.columns:
        how.append(Message("form: {shape}", shape=SHAPES[mapping.shape]))
    if mapping.columns:
        how.append(Message("columns: {columns}", columns=_columns(mapping)))
    if left := _left_out(mapping):
        how.append(Message("columns left out: {columns}", columns=Listed(left)))
    if mapping.sheet_is == "judge":
        how.append(Message("the judge is the title of each sheet"))
    elif mapping.sheet_is == "criterion":
        how.append(Message("the criterion is the title of each sheet"))
    elif mapping.sheet_is == "title":
        judges = ", ".join(constant.get("judge", "") for constant in recognised.constants.values())
        how.append(Message("the judge is named above the table: {judges}", judges=judges))
    elif mapping.sheet_is == "proposal":
        how.append(Message("the proposal is the title of each sheet"))
    elif mapping.sheet_is == "title of proposal":
        proposals = ", ".join(constant.get("proposal", "") for constant in recognised.constants.values())
        how.append(Message("the proposal is named above the table: {proposals}", proposals=proposals))
    elif mapping.sheet_is == "file":
        judges = ", ".join(constant.get("judge", "") for constant in recognised.constants.values())
        how.append(Message("the judge is named by the file: {judges}", judges=judges))
    notes = [] if is_plain(book, recognised, known) else list(how)
    notes += _of_sheets(recognised)
    if book.container == "xlsb":
        notes += _formula_zeros(recognised)
    if recognised.left_out:
        notes.append(Message("sheets left out: {sheets}", sheets=Listed(recognised.left_out[:10])))
    return tuple(how), tuple(notes)


def is_plain(book: Book, recognised: Recognised, known: Known) -> bool:
    """Return whether nothing was recognised: our own headings in the first row, and nothing left out."""
    mapping = recognised.mapping
    if mapping.sheet_is:
        return False
    if mapping.heading_rows not in ((1, 1), (2, 2) if book.separator else (1, 1)) or mapping.shape not in (
        "list",
        "long",
    ):
        return False
    if book.encoding is not None and book.encoding.encoding not in ("utf-8", "utf-16"):
        return False
    given = {heading: name for name, heading in known.headings.items()}
    return all(
        (
            column.use.field
            == (given.get(column.heading) or "_".join(column.heading.casefold().replace("-", " ").split()))
        )
        for column in mapping.columns
        if column.use.field
    ) and not (set(given.values()) == set() and _left_out(mapping))


def use_in_words(use: Use) -> Message:
    """Return what a column is, in words."""
    if not use.field:
        return Message("left out")
    names = [name for name in (use.judge, use.proposal, use.criterion) if name]
    if use.slot:
        return Message("{field} {number}", field=use.field, number=use.slot)
    if names:
        return Message("{field} of {names}", field=use.field, names=Listed(names))
    return Message(use.field)


def _place(book: Book, mapping: TableMapping) -> Message:
    first, last = mapping.heading_rows
    rows = str(first) if first == last else f"{first}-{last}"
    if book.encoding is not None:
        return Message(
            "text file in {encoding}, columns separated by {separator}, headings in row {rows}",
            encoding=ENCODING_NAMES[book.encoding.encoding],
            separator=_SEPARATORS.get(book.separator, book.separator),
            rows=rows,
        )
    return Message(
        "workbook .{container}, sheet {sheets}, headings in row {rows}",
        container=book.container,
        sheets=Listed(mapping.sheets) or "-",
        rows=rows,
    )


def _columns(mapping: TableMapping) -> str:
    used = [(number, column) for number, column in enumerate(mapping.columns, 1) if column.use.field]
    shown = [
        f"{letters_of(number)} ({column.heading.replace(chr(10), ' ')[:30]}) = {use_in_words(column.use)}"
        for number, column in used[:_MOST_COLUMNS]
    ]
    return Listed(shown, unnamed=len(used) - len(shown))


def _left_out(mapping: TableMapping) -> list[str]:
    return [
        f"{letters_of(number)} ({column.heading.replace(chr(10), ' ')[:30]})" if column.heading else letters_of(number)
        for number, column in enumerate(mapping.columns, 1)
        if not column.use.field
    ][:20]


def _of_sheets(recognised: Recognised) -> list[Message]:
    notes = []
    for candidate in recognised.candidates:
        sheet: RawSheet = candidate.sheet
        last = candidate.heading_rows[1]
        hidden_rows = sorted(row.number for row in sheet.rows if row.number in sheet.hidden_rows and row.number > last)
        hidden = sorted(
            letters_of(column.number)
            for column in candidate.columns
            if column.number in sheet.hidden_columns and column.heading
        )
        if hidden_rows:
            rows = ", ".join(map(str, hidden_rows[:5])) + (" …" if len(hidden_rows) > 5 else "")
            notes.append(Message("{n} hidden rows are read like the others: row {rows}", n=len(hidden_rows), rows=rows))
        if hidden:
            notes.append(Message("hidden columns are read like the others: {columns}", columns=Listed(hidden)))
        if sheet.n_formulas:
            notes.append(Message("{n} cells hold formulas; the values stored beside them are read", n=sheet.n_formulas))
    return notes


def _formula_zeros(recognised: Recognised) -> list[Message]:
    """Return a note about scores of 0: an .xlsb stores 0 beside a formula that was never computed."""
    rows = [
        row
        for candidate in recognised.candidates
        for row, column in candidate.sheet.formula_zeros
        if row > candidate.heading_rows[1]
        and (use := candidate.assigned.uses.get(column)) is not None
        and use.field == "score"
    ]
    if not rows:
        return []
    return [
        Message(
            "{n} scores are 0 and come from formulas (row {rows}): an .xlsb also shows 0 for a formula that was never "
            "computed. Check them, or save the workbook as .xlsx.",
            n=len(rows),
            rows=Listed(map(str, sorted(set(rows))[:5])),
        )
    ]


def field_names(kind: str) -> tuple[str, ...]:
    """Return the fields that rows of a kind have."""
    return tuple(FIELDS[kind])
