"""The errors whose text is shown to users.

::

    JudgingError                 text for the user
    + InvalidInput(messages)     field -> complaints
    + NotSignedIn
    + NotAllowed
      - ConfirmationNeeded       by a second factor, a few minutes ago at most
      - SecondFactorMissing      the policy requires one
    + NotFound
    + Conflict                   closed, locked, stale
    + Unavailable                the database is busy, unreachable or full: try again
      - TooFast                  one person sends more than a person can
    + RubricError                every complaint with file, line, column
    + CalibrationError
      - NotLinked                names the linked sets
      - NotConverged             iterations, last change

No error here depends on HTTP: one table in ``judging.request`` maps them to status codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class Message(str):
    """An English sentence that can be translated where it is displayed.

    The string itself is the complete English text, so that logs, the command line and the core need no translations.
    With ``template`` and ``values`` a page translates it. Babel extracts the first argument.

    >>> Message("Round {round} is closed.", round="Grand Final")
    'Round Grand Final is closed.'
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> Message:
        """Fill in the named fields of the template."""
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template = template
        message.values = values
        return message


class Listed(str):
    """Names or words one after the other, as a value of a `Message`: each language joins them in its own way.

    The string itself is the English text. A page in Chinese sets ideographic commas between them.

    Parameters
    ----------
    texts : iterable of str
        Each may be a Message.
    most : int, optional
        How many are named; of the others, their number.
    unnamed : int, optional
        How many there are beside the texts.
    in_prose : bool, optional
        Whether a sentence goes on with them or ends with them, as with people: then the last follows an "and".

    >>> Listed(["P01", "P02", "P03"]), Listed(["P01", "P02", "P03"], most=2)
    ('P01, P02, P03', 'P01, P02 (+1)')
    >>> Listed(["Ann", "Ben", "Cem"], in_prose=True)
    'Ann, Ben and Cem'
    """

    __slots__ = ("in_prose", "texts", "unnamed")

    texts: tuple[str, ...]
    unnamed: int
    in_prose: bool

    def __new__(
        cls, texts: Iterable[str], *, most: int | None = None, unnamed: int = 0, in_prose: bool = False
    ) -> Listed:
        """Keep the texts that are named, and the number of the others."""
        given = tuple(texts)
        kept = given if most is None else given[:most]
        unnamed += len(given) - len(kept)
        last = " and " if in_prose and not unnamed else ", "
        named = last.join(filter(None, (", ".join(kept[:-1]), *kept[-1:])))
        listed = super().__new__(cls, f"{named} (+{unnamed})" if unnamed else named)
        listed.texts, listed.unnamed, listed.in_prose = kept, unnamed, in_prose
        return listed

    def __getnewargs_ex__(self) -> tuple[tuple[tuple[str, ...]], dict[str, Any]]:
        """Make a copy of the same texts: `str` would give the text itself, whose letters would be listed."""
        return (self.texts,), {"unnamed": self.unnamed, "in_prose": self.in_prose}


class JudgingError(Exception):
    """Base of every error whose text may be shown to the person who caused it.

    Parameters
    ----------
    message : Message or str, optional
        What cannot be done, whom it concerns by name, and what to do. The default is a general sentence of the class.
    """

    default = Message("This cannot be done.")

    def __init__(self, message: str | None = None) -> None:
        self.message: str = self.default if message is None else message
        super().__init__(self.message)


class InvalidInput(JudgingError):
    """Input that violates a rule, with the complaints for each field.

    Parameters
    ----------
    messages : mapping of str to sequence of str
        Field, row or path -> complaints; all of them, not only the first.
    """

    default = Message("Some values cannot be accepted.")

    def __init__(self, messages: Mapping[str, Sequence[str] | str], message: str | None = None) -> None:
        super().__init__(message)
        self.messages: dict[str, list[str]] = {
            field: [complaints] if isinstance(complaints, str) else list(complaints)
            for field, complaints in messages.items()
        }

    def __str__(self) -> str:
        """Return every complaint on a line of its own, after its field."""
        return "\n".join(f"{field}: {text}" for field, texts in self.messages.items() for text in texts)


class NotSignedIn(JudgingError):
    """Nobody is signed in, and the request needs a signed-in person."""

    default = Message("Please sign in first.")


class NotAllowed(JudgingError):
    """The signed-in person has no permission for this."""

    default = Message("You are signed in, but this is not open to you.")


class ConfirmationNeeded(NotAllowed):
    """What is asked for needs a fresh confirmation with the person's second factor."""

    default = Message("Please confirm with your second factor that it is you.")


class SecondFactorMissing(NotAllowed):
    """The policy of this installation requires a second factor of this person, who has none yet."""

    default = Message("Organisers and chairs need a second factor here. Add a passkey or an authenticator app first.")


class NotFound(JudgingError):
    """The requested object does not exist, or this person may not see it."""

    default = Message("There is no such page, or it is not open to you.")


class Conflict(JudgingError):
    """The state does not permit this: a round is closed, a scoresheet was saved elsewhere, a record is locked."""


class Unavailable(JudgingError):
    """This cannot be done at present, and trying again may help: the database is busy, unreachable or full."""

    default = Message("The service is busy. Nothing was stored; please try again in a few seconds.")
    retry_after_seconds = 3


class TooFast(Unavailable):
    """One person sends more than a person can; later requests are accepted again.

    Parameters
    ----------
    message : Message or str, optional
    retry_after_seconds : int
    """

    default = Message("You are saving faster than the service accepts. Nothing was stored; please wait a little.")

    def __init__(self, message: str | None = None, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class RubricError(JudgingError):
    """A rubric or competition file that is invalid.

    Parameters
    ----------
    complaints : sequence of str
        Each reads ``file:line:column: path: what is wrong, what would be right``.
    faults : sequence of (path, text)
        The same by path, for a page that has no file to point into; a text is a Message where it can be translated.
    """

    def __init__(self, complaints: Sequence[str] | str, *, faults: Sequence[tuple[str, str]] = ()) -> None:
        self.faults = tuple(faults)
        self.complaints: list[str] = [complaints] if isinstance(complaints, str) else list(complaints)
        super().__init__("\n".join(self.complaints))


class CalibrationError(JudgingError):
    """The scores cannot be calibrated with these settings."""


class NotLinked(CalibrationError):
    """The judges form linked sets that share no proposal, so the model cannot compare them.

    Parameters
    ----------
    text : Message or str
        What cannot be done, whom it concerns, what to do.
    linked_sets : sequence of sequence of str
        The judges of each linked set, largest set first.
    """

    def __init__(self, text: str, *, linked_sets: Sequence[Sequence[str]] = ()) -> None:
        self.linked_sets: tuple[tuple[str, ...], ...] = tuple(tuple(judges) for judges in linked_sets)
        super().__init__(text)


class NotConverged(CalibrationError):
    """An optimiser stopped without convergence.

    Parameters
    ----------
    what : str
        The model or step that was fitted.
    iterations : int
        Iterations done.
    last_change : float
        Change of the criterion in the last iteration.
    """

    def __init__(self, what: str, *, iterations: int, last_change: float) -> None:
        self.iterations = iterations
        self.last_change = last_change
        super().__init__(
            Message(
                "{what} did not converge: after {iterations} iterations the criterion still moved by {last_change}. "
                "No result is given. Check the scores for a judge or criterion with hardly any data, or choose the "
                "model `additive`.",
                what=what,
                iterations=iterations,
                last_change=f"{last_change:.3g}",
            )
        )
