"""How a table is to be understood: its sheet, its heading rows, what each column is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from judging.errors import InvalidInput, Listed, Message
from judging.incoming_tables.texts.headings import plain
from judging.incoming_tables.texts.synonyms import FIELDS

_LONGEST_HEADING: Final = 40

SHAPES: Final[dict[str, Message]] = {
    "list": Message("one row for each entry"),
    "long": Message("a score in each row"),
    "judges": Message("a column for each judge"),
    "criteria": Message("a column for each criterion"),
    "judges and criteria": Message("a column for each judge and criterion"),
    "proposals": Message("a column for each proposal"),
    "slots": Message("judges and scores side by side in each row"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What a column is.

    Attributes
    ----------
    field : str
        A field of the kind of rows; empty when the column is left out.
    judge, criterion, proposal : str
        To what every cell of the column belongs, where the heading says it.
    slot : int
        The number of ``Judge 1, Score 1``; 0 for other columns.
    """

    field: str = ""
    judge: str = ""
    criterion: str = ""
    proposal: str = ""
    slot: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the values that are set."""
        names = ("judge", "criterion", "proposal", "slot")
        return {"use": self.field or "leave out", **{name: value for name in names if (value := getattr(self, name))}}


LEFT_OUT: Final = Use()
BY_HEADING: Final = "*"
"""In place of a judge, criterion or proposal: the one that the heading of the column names."""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column by its heading, and what it is."""

    heading: str
    use: Use


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How a table is understood.

    Attributes
    ----------
    kind : str
        A key of ``synonyms.FIELDS``.
    sheets : tuple of str
        More than one when each belongs to a judge or a criterion.
    heading_rows : (first, last)
        Of the first sheet; 0 where they are to be found.
    columns : tuple of ColumnUse
        Of columns A, B, C and so on.
    sheet_is : str
        ``judge``, ``proposal`` or ``criterion`` when the title of a sheet names it; ``title`` or ``title of proposal``
        when a line above the table names the judge or the proposal; ``file`` when the name of the file names the judge;
        else empty.
    encoding : str
        Of a text file.
    answers : mapping of str to str
        To questions, by name.
    """

    kind: str
    sheets: tuple[str, ...] = ()
    heading_rows: tuple[int, int] = (0, 0)
    columns: tuple[ColumnUse, ...] = ()
    sheet_is: str = ""
    encoding: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        """Return the shape, a key of SHAPES."""
        if self.kind != "scores":
            return "list"
        scores = [column.use for column in self.columns if column.use.field == "score"]
        if any(use.slot for use in scores):
            return "slots"
        if any(use.proposal for use in scores):
            return "proposals"
        if any(use.judge for use in scores):
            return "judges and criteria" if any(use.criterion for use in scores) else "judges"
        return "criteria" if any(use.criterion for use in scores) else "long"

    def to_dict(self) -> dict[str, Any]:
        """Return the mapping as plain values, for a YAML file or the database."""
        first, last = self.heading_rows
        return {
            "kind": self.kind,
            **({"sheets": list(self.sheets)} if self.sheets else {}),
            "heading_rows": [first, last],
            **({"sheet_is": self.sheet_is} if self.sheet_is else {}),
            **({"encoding": self.encoding} if self.encoding else {}),
            "columns": [{"heading": column.heading, **column.use.to_dict()} for column in self.columns],
            **({"answers": dict(self.answers)} if self.answers else {}),
        }


def mapping_from_dict(values: Mapping[str, Any]) -> TableMapping:
    """Return a mapping from plain values that ``schemas.mapping_files`` or this module has written.

    Raises
    ------
    InvalidInput
        When a column is used for something that rows of this kind do not have.
    """
    kind = str(values["kind"])
    complaints = {}
    columns = []
    for number, column in enumerate(values.get("columns", ()), 1):
        field_name = "" if column["use"] == "leave out" else str(column["use"])
        if field_name and field_name not in FIELDS[kind]:
            complaints[f"columns[{number}].use"] = Message(
                "`{use}` is not a column of {kind}; known: {known}",
                use=field_name[:60],
                kind=kind,
                known=Listed((*FIELDS[kind], "leave out")),
            )
        use = Use(
            field_name,
            str(column.get("judge", "")),
            str(column.get("criterion", "")),
            str(column.get("proposal", "")),
            int(column.get("slot", 0)),
        )
        columns.append(ColumnUse(str(column["heading"]), use))
    if complaints:
        raise InvalidInput(complaints)
    first, last = values.get("heading_rows", (0, 0))
    return TableMapping(
        kind=kind,
        sheets=tuple(str(name) for name in values.get("sheets", ())),
        heading_rows=(int(first), int(last)),
        columns=tuple(columns),
        sheet_is=str(values.get("sheet_is", "")),
        encoding=str(values.get("encoding", "")),
        answers={str(name): str(answer) for name, answer in values.get("answers", {}).items()},
    )


def headings_of(mapping: TableMapping) -> dict[str, str]:
    """Return the heading of each field in a file, as far as one column has it.

    A heading of the template, which says the same in all languages, is left out: the page has a word for it.
    """
    found: dict[str, list[str]] = {}
    for column in mapping.columns:
        use = column.use
        if use.field and not (use.judge or use.criterion or use.proposal or use.slot):
            found.setdefault(use.field, []).append(column.heading)
    return {
        field: " ".join(headings[0].split())[:_LONGEST_HEADING]
        for field, headings in found.items()
        if len(headings) == 1 and headings[0].strip() and not _is_of_template(field, headings[0])
    }


def _is_of_template(field: str, heading: str) -> bool:
    first, *others = heading.split("\n")
    return bool(others) and plain(first) == plain(field)
