"""Complaints about a table: one for each cause, with the number of rows and the first three places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from judging.errors import InvalidInput, Listed, Message
from judging.incoming_tables.field_words import word_of

MOST_PLACES: Final = 3
LONGEST: Final = 300
# So many rows are written into the corrected file; the number of further ones is said.
MOST_ROWS: Final = 100_000
HOW_READ: Final = Message("how the file was read")


@dataclass(slots=True)
class _Cause:
    """All complaints of one cause in one column of one sheet."""

    sheet: str
    column: str
    texts: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    n: int = 0
    last_row: int = 0


@dataclass(slots=True)
class Complaints:
    """Complaints of one file, collected so that all are reported at once.

    ``words`` has, by sheet and field, what the file calls a column; the empty sheet stands for all of them.
    """

    causes: dict[tuple[str, str, str], _Cause] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)
    by_row: dict[tuple[str, int], list[tuple[str, str]]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, sheet: str, row: int, column: str, text: str) -> None:
        """Add one complaint with its place; those of the same sentence about the same column are one cause."""
        template = text.template if isinstance(text, Message) else str(text)
        cause = self.causes.setdefault((sheet, column, template), _Cause(sheet, column))
        # A row is counted once, however many of its cells are wrong in the same way.
        is_again, cause.last_row = cause.last_row == row, row
        cause.n += not is_again
        place = (sheet, row)
        if place in self.by_row or len(self.by_row) < MOST_ROWS:
            self.by_row.setdefault(place, []).append((column, _short(text)))
        if is_again:
            return
        if len(cause.rows) < MOST_PLACES or row < cause.rows[-1]:
            at = next((index for index, other in enumerate(cause.rows) if row < other), len(cause.rows))
            cause.rows.insert(at, row)
            cause.texts.insert(at, text)
            del cause.rows[MOST_PLACES:], cause.texts[MOST_PLACES:]

    def add_header(self, sheet: str, texts: Iterable[str]) -> None:
        """Add complaints about the headings of a sheet."""
        place = Message("sheet {sheet}, headings", sheet=sheet) if sheet else Message("headings")
        self.headings.setdefault(place, []).extend(texts)

    def has(self, sheet: str, row: int, column: str) -> bool:
        """Return whether there is a complaint about a cell: what follows from it is no cause of its own."""
        return any(own == column for own, _ in self.by_row.get((sheet, row), ()))

    def word_for(self, sheet: str, column: str) -> str:
        """Return what a reader calls a column: its heading in the file, otherwise the word of the pages."""
        return self.words.get((sheet, column)) or self.words.get(("", column)) or word_of(column)

    def texts_by_row(self) -> dict[tuple[str, int], list[str]]:
        """Return what is wrong with each row, each complaint after its column."""
        return {
            (sheet, row): [
                Message("{column}: {text}", column=self.word_for(sheet, column), text=text) for column, text in texts
            ]
            for (sheet, row), texts in self.by_row.items()
        }

    def __bool__(self) -> bool:
        """Return whether there is a complaint."""
        return bool(self.causes or self.headings)

    def copy(self) -> Complaints:
        """Return the same complaints, to which others can be added."""
        return Complaints(
            {
                key: _Cause(cause.sheet, cause.column, list(cause.texts), list(cause.rows), cause.n)
                for key, cause in self.causes.items()
            },
            {place: list(texts) for place, texts in self.headings.items()},
            {place: list(texts) for place, texts in self.by_row.items()},
            dict(self.words),
        )

    def take_in(self, other: Complaints, sheet: str) -> None:
        """Add the complaints about one sheet of several."""
        for place, texts in other.headings.items():
            headings = Message("sheet {sheet}, headings", sheet=sheet) if sheet and place == "headings" else place
            self.headings.setdefault(headings, []).extend(texts)
        for (name, column, template), cause in other.causes.items():
            title = name or sheet
            self.causes[title, column, template] = _Cause(title, column, list(cause.texts), list(cause.rows), cause.n)
        for (name, row), of_row in other.by_row.items():
            self.by_row.setdefault((name or sheet, row), []).extend(of_row)
        self.words |= {(name or sheet, column): word for (name, column), word in other.words.items()}

    def messages(self) -> dict[str, list[str]]:
        """Return the complaints by place, in the order of the file: one for each cause, at its first place."""
        found = {place: list(texts) for place, texts in self.headings.items()}
        for cause in sorted(self.causes.values(), key=lambda cause: (cause.sheet, cause.rows[0], cause.column)):
            first = place_of(cause.sheet, cause.rows[0], self.word_for(cause.sheet, cause.column))
            found.setdefault(first, []).append(_short(cause.texts[0]))
            if cause.n > 1:
                found[first].append(_others(cause))
        return found

    def raise_if_any(self, message: str | None = None, how_read: Iterable[str] = ()) -> None:
        """Raise InvalidInput if there are complaints."""
        if not self:
            return
        messages = self.messages()
        told = list(how_read)
        if told:
            messages[HOW_READ] = told
        raise InvalidInput(messages, message)


def place_of(sheet: str, row: int, column: str) -> Message:
    """Return the name of a cell for a complaint."""
    if sheet:
        return Message("sheet {sheet}, row {row}, column {column}", sheet=sheet, row=row, column=column)
    return Message("row {row}, column {column}", row=row, column=column)


def _others(cause: _Cause) -> Message:
    """Return where else the same is wrong."""
    rows = Listed(str(row) for row in cause.rows[1:])
    if cause.n <= MOST_PLACES:
        return Message("the same in row {rows}", rows=rows)
    return Message("the same in row {rows} and {n} more", rows=rows, n=cause.n - MOST_PLACES)


def _short(text: str) -> str:
    """Return a complaint that is not longer than a person reads."""
    if len(text) <= LONGEST:
        return text
    if isinstance(text, Message):
        values = {
            name: value if len(str(value)) <= 60 else f"{str(value)[:59]}…" for name, value in text.values.items()
        }
        return Message(text.template, **values)
    return f"{text[: LONGEST - 1]}…"
