"""Everything that can go wrong in a way a person should read about.

::

    JudgingError                 text fit to show a user
    + InvalidInput(messages)     field -> complaints
    + NotSignedIn
    + NotAllowed
    + NotFound
    + Conflict                   closed, locked, stale
    + RubricError                every complaint with file, line, column
    + CalibrationError
      - NotLinked                names the linked sets
      - NotConverged             iterations, last change

No error here knows HTTP: one table at the edge maps them to status codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class JudgingError(Exception):
    """Base of every error whose text may be shown to the person who caused it."""


class InvalidInput(JudgingError):
    """Input that breaks a rule, with the complaints of each field.

    Parameters
    ----------
    messages : mapping of str to sequence of str
        Field, row or path -> complaints; all of them at once, not only the first.
    """

    def __init__(self, messages: Mapping[str, Sequence[str] | str]) -> None:
        self.messages: dict[str, list[str]] = {
            field: [complaints] if isinstance(complaints, str) else list(complaints)
            for field, complaints in messages.items()
        }
        super().__init__("\n".join(f"{field}: {text}" for field, texts in self.messages.items() for text in texts))


class NotSignedIn(JudgingError):
    """Nobody is signed in, and the request needs somebody."""


class NotAllowed(JudgingError):
    """The person who is signed in may not do this."""


class NotFound(JudgingError):
    """What was asked for does not exist, or is not this person's to see."""


class Conflict(JudgingError):
    """The state has moved on: a round closed, a scoresheet saved elsewhere, a record locked."""


class RubricError(JudgingError):
    """A rubric or competition file that cannot be used.

    Parameters
    ----------
    complaints : sequence of str
        Each reads ``file:line:column: path: what is wrong, what would be right``.
    """

    def __init__(self, complaints: Sequence[str] | str) -> None:
        self.complaints: list[str] = [complaints] if isinstance(complaints, str) else list(complaints)
        super().__init__("\n".join(self.complaints))


class CalibrationError(JudgingError):
    """The scores cannot be calibrated as asked."""


class NotLinked(CalibrationError):
    """Judges fall into linked sets that share no proposal, so the model cannot compare them.

    Parameters
    ----------
    text : str
        What cannot be done, who is involved, what to do.
    linked_sets : sequence of sequence of str
        The judges of each linked set, largest set first.
    """

    def __init__(self, text: str, *, linked_sets: Sequence[Sequence[str]] = ()) -> None:
        self.linked_sets: tuple[tuple[str, ...], ...] = tuple(tuple(judges) for judges in linked_sets)
        super().__init__(text)


class NotConverged(CalibrationError):
    """An optimiser stopped without an answer.

    Parameters
    ----------
    what : str
        The model or step that was being fitted.
    iterations : int
        Iterations done.
    last_change : float
        Change of the criterion in the last one.
    """

    def __init__(self, what: str, *, iterations: int, last_change: float) -> None:
        self.iterations = iterations
        self.last_change = last_change
        super().__init__(
            f"{what} did not converge: after {iterations} iterations the criterion still moved by {last_change:.3g}. "
            "No result is given. Check the scores for a judge or criterion with hardly any data, or choose the model "
            "`additive`."
        )
