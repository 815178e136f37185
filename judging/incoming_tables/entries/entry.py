"""One score, judge, team, proposal or assignment of a file, with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from judging.errors import Message
from judging.incoming_tables.containers.cells import RawCell
from judging.incoming_tables.questions import Question


@dataclass(slots=True)
class FileEntry:
    """One score, or one judge, team, proposal or assignment, with its place.

    Attributes
    ----------
    sheet : str
        Empty when the file has only one.
    row : int
    column : str
        Where its score stands: ``score``, or the heading of a judge's or criterion's column.
    values : dict of str to str
        Field -> text.
    mark : RawCell or None
        The cell of the score.
    moment : RawCell or None
        The cell of the time.
    """

    sheet: str
    row: int
    column: str
    values: dict[str, str]
    mark: RawCell | None = None
    moment: RawCell | None = None


@dataclass(slots=True)
class Taken:
    """All entries of a file, and what was noticed on the way."""

    entries: list[FileEntry] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    n_empty: int = 0
    has_ranks: bool = False
