"""The columns of a candidate table: their headings, samples of their cells, and which plain field each one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from judging.errors import Message
from judging.incoming_tables.cells import TEXT, Cell, letters_of
from judging.incoming_tables.headings import bracketed, fields_of, is_numbering, is_total, plain
from judging.incoming_tables.known import Known, Names
from judging.incoming_tables.mapping import LEFT_OUT, Question, Use
from judging.incoming_tables.number_texts import read_number
from judging.incoming_tables.spelling import folded_script
from judging.incoming_tables.synonyms import FIELDS

_NUMBERS: Final = frozenset(("number", "either", "percent"))
_SAYS_KEY: Final = frozenset(["id", "no", "number", "code", "key", "编号", "号", "代号", "代码"])
_MOST: Final = 0.8
_ANONYMOUS: Final = frozenset(("anonymous", "匿名", "匿名用户", "anonymous user"))


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a candidate table: its number, heading, and the first cells below."""

    number: int
    heading: str
    cells: Sequence[Cell]

    @property
    def name(self) -> str:
        """Return how a person finds it."""
        return f"{letters_of(self.number)} ({self.heading[:40]})" if self.heading else letters_of(self.number)

    @cached_property
    def share_of_numbers(self) -> float:
        """Return the share of cells that are numbers, among those that are not missing."""
        read = [read_number(cell).kind for cell in self.cells]
        given = [kind for kind in read if kind != "missing"]
        return sum(kind in _NUMBERS for kind in given) / len(given) if given else 0.0

    @property
    def is_numeric(self) -> bool:
        """Return whether most cells are numbers."""
        return self.share_of_numbers >= _MOST

    @property
    def is_anonymous(self) -> bool:
        """Return whether every cell says that somebody is not named, as Microsoft Forms writes it."""
        return bool(self.cells) and all(folded_script(cell.text) in _ANONYMOUS for cell in self.cells)

    @property
    def has_no_value(self) -> bool:
        """Return whether every cell is empty or marked as missing."""
        return all(read_number(cell).kind == "missing" for cell in self.cells)

    @property
    def is_empty(self) -> bool:
        """Return whether there is no cell below the heading."""
        return not self.cells

    def share_of(self, names: Names | None) -> float:
        """Return the share of cells that name something of the roster."""
        if names is None or not self.cells:
            return 0.0
        return sum(names.find(cell.text) is not None for cell in self.cells) / len(self.cells)


@dataclass
class Assigned:
    """What the columns of a candidate table are.

    Attributes
    ----------
    uses : dict of int to Use
        By the number of the column; columns that are missing here are left out.
    missing : tuple of str
        Required fields that no column has.
    """

    uses: dict[int, Use] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    missing: tuple[str, ...] = ()

    @property
    def fields(self) -> set[str]:
        """Return the fields that have a column."""
        return {use.field for use in self.uses.values() if use.field}

    @property
    def n_scores(self) -> int:
        """Return the number of columns with scores."""
        return sum(use.field == "score" for use in self.uses.values())

    @property
    def n_repeated(self) -> int:
        """Return how many columns of scores say that they are the same as another one."""
        scores = [use for use in self.uses.values() if use.field == "score"]
        return len(scores) - len(set(scores))


def given_columns(columns: Sequence[Column], known: Known) -> tuple[dict[str, Column], list[str]]:
    """Return the columns that a person named by their heading, and the fields whose heading is missing or repeated."""
    found: dict[str, Column] = {}
    wrong = []
    for name, heading in known.headings.items():
        same = [column for column in columns if column.heading == heading] or [
            column for column in columns if plain(column.heading) == plain(heading)
        ]
        if len(same) == 1:
            found[name] = same[0]
        else:
            wrong.append(name)
    return found, wrong


def candidates(kind: str, columns: Iterable[Column], names: Iterable[str]) -> dict[str, dict[int, list[Column]]]:
    """Return, by field and certainty, the columns whose heading names it; 0 is the most certain."""
    found: dict[str, dict[int, list[Column]]] = {name: {} for name in names}
    for column in columns:
        for name, tier in fields_of(kind, column.heading) or fields_of(kind, bracketed(column.heading)):
            if name in found and not (name == "judge" and column.is_anonymous):
                found[name].setdefault(tier, []).append(column)
    return found


def choose(name: str, same: Sequence[Column], names: Names | None, answer: str | None) -> Column | Question:
    """Return the one of several columns that is meant, or the question which."""
    if len(same) == 1:
        return same[0]
    by_letters = {letters_of(column.number): column for column in same}
    if answer in by_letters:
        return by_letters[answer]
    if names is not None:
        shares = sorted(
            ((column.share_of(names), -column.number, column) for column in same), key=lambda item: item[:2]
        )
        if shares[-1][0] >= _MOST and shares[-1][0] > shares[-2][0]:
            return shares[-1][2]
    if name in ("proposal", "judge", "key"):
        keyed = [column for column in same if _SAYS_KEY & set(plain(column.heading).split()) or _ends_as_key(column)]
        if len(keyed) == 1:
            return keyed[0]
    filled = [column for column in same if not column.is_empty]
    if len(filled) == 1:
        return filled[0]
    if name in ("comment", "scored_at", "category"):
        # They are optional: of several that are equally likely none is used.
        return same[0] if name == "comment" else filled[-1] if filled else same[0]
    return Question(
        name=f"column-{name}",
        text=Message(
            "Columns {columns} could each be the {field}: which one is it?",
            columns=", ".join(column.name for column in same),
            field=name,
        ),
        answers={letters: Message("column {column}", column=column.name) for letters, column in by_letters.items()},
    )


def _ends_as_key(column: Column) -> bool:
    return plain(column.heading).endswith(("编号", "号", "代号", "代码"))


def assign_plain(
    columns: Sequence[Column], known: Known, answers: Mapping[str, str], required: Sequence[str]
) -> Assigned:
    """Return the uses of a table with one row for each judge, team, proposal or assignment."""
    assigned = Assigned()
    given, wrong = given_columns(columns, known)
    for name, column in given.items():
        assigned.uses[column.number] = Use(name)
    names_of = {"judge": known.judges, "proposal": known.proposals}
    free = [column for column in columns if column.number not in assigned.uses]
    tiers = candidates(known.kind, free, (name for name in FIELDS[known.kind] if name not in given))
    # All fields choose among the most certain headings first: `Name` is a title only when no column is called title.
    for tier in range(6):
        for name, of_field in tiers.items():
            same = [column for column in of_field.get(tier, ()) if column.number not in assigned.uses]
            if not same or name in assigned.fields:
                continue
            chosen = choose(name, same, names_of.get(name), answers.get(f"column-{name}"))
            if isinstance(chosen, Question):
                assigned.questions.append(chosen)
                for column in same:
                    assigned.uses.setdefault(column.number, LEFT_OUT)
                assigned.uses[same[0].number] = Use(name)
            else:
                assigned.uses[chosen.number] = Use(name)
    assigned.missing = tuple(name for name in (*required, *wrong) if name not in assigned.fields)
    return assigned


def is_left_out(column: Column) -> bool:
    """Return whether a column is known for what it is, and no column of scores: totals, ranks, numbering."""
    return is_total(column.heading) or is_numbering(column.heading)


def column_of(number: int, heading: str, cells: Iterable[Cell | None]) -> Column:
    """Return a column; headings of number cells lose nothing by being texts."""
    return Column(number, heading, [cell for cell in cells if cell is not None and (cell.text or cell.kind != TEXT)])
