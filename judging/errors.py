"""Everything this project raises on purpose.

::

    JudgingError                 text fit to show a user
    + InvalidInput(messages)     field -> complaints          422
    + NotSignedIn / NotAllowed                                401 / 403
    + NotFound                                                404
    + Conflict                   closed, locked, stale        409
    + RubricError                file, line, column           stops the start
    + CalibrationError
      - NotLinked                names the linked sets        409
      - NotConverged             iterations, last change      500, logged

No error knows HTTP: one table at the edge maps classes to status codes. A message says what cannot be done, who is
involved by name, and what to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class Message(str):
    """An English sentence that can still be translated at the edge.

    The string itself is the finished English text, so that logs, the command line and the core need no translations;
    ``template`` and ``values`` let a page say it in the reader's language. Babel extracts the first argument.

    >>> Message("Round {round} is closed.", round="Grand Final")
    'Round Grand Final is closed.'
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Message":
        """Fill the template's named fields."""
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template = template
        message.values = values
        return message


class JudgingError(Exception):
    """Something a user can be told about."""

    default = Message("This cannot be done.")

    def __init__(self, message: Message | str | None = None) -> None:
        self.message: str = self.default if message is None else message
        super().__init__(self.message)


class InvalidInput(JudgingError):
    """Untrusted input was refused. Nothing of it was stored.

    Attributes
    ----------
    messages : mapping of a place (a field, ``row 7, column score``) to complaints about it
    """

    default = Message("Some values cannot be accepted.")

    def __init__(self, messages: Mapping[str, Sequence[str]], message: Message | str | None = None) -> None:
        super().__init__(message)
        self.messages: dict[str, list[str]] = {place: list(complaints) for place, complaints in messages.items()}

    def __str__(self) -> str:
        """Return every complaint, one a line, place first."""
        return "\n".join(f"{place}: {text}" for place, texts in self.messages.items() for text in texts)


class NotSignedIn(JudgingError):
    """Nobody is signed in, or no longer."""

    default = Message("Please sign in first.")


class NotAllowed(JudgingError):
    """Signed in, but this is for other people."""

    default = Message("You are signed in, but this is not open to you.")


class NotFound(JudgingError):
    """No such thing, or none that this person may know of."""

    default = Message("There is no such page, or it is not open to you.")


class Conflict(JudgingError):
    """The state of things forbids it: closed, locked, or changed meanwhile."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint about a file, with its place."""

    file: str
    line: int
    column: int
    path: str
    text: str

    def __str__(self) -> str:
        """Return ``file:line:column: path: what is wrong, what would be right``."""
        place = f"{self.file}:{self.line}:{self.column}: "
        return f"{place}{self.path}: {self.text}" if self.path else f"{place}{self.text}"


class RubricError(JudgingError):
    """A rubric or competition file cannot be used. Carries all of its problems at once, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class CalibrationError(JudgingError):
    """The scores do not allow what was asked of them."""


class NotLinked(CalibrationError):
    """Judges are not all joined by chains of shared proposals.

    Attributes
    ----------
    linked_sets : tuple of tuples of judge names
    """

    def __init__(self, message: Message | str, linked_sets: Iterable[Iterable[str]] = ()) -> None:
        super().__init__(message)
        self.linked_sets = tuple(tuple(names) for names in linked_sets)


class NotConverged(CalibrationError):
    """An iteration stopped without an answer.

    Attributes
    ----------
    iterations : int
    last_change : float
        Of the criterion, in its own units.
    """

    def __init__(self, message: Message | str, *, iterations: int, last_change: float) -> None:
        super().__init__(message)
        self.iterations = iterations
        self.last_change = last_change
