"""What a letter is made of, and what it may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from judging.errors import Message
from judging.rubric import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of a message; each text is translated when the message is sent.

    Attributes
    ----------
    subject : Message
    paragraphs : tuple of Message
        Before the link.
    link_words : Message or None
        What the link says; None for a message without a link.
    closing : tuple of Message
        After the link.
    kept_line : str
        A line that the recipient keeps, in no language; before the link.
    body : str
        Paragraphs that were written before, in the recipient's language, with an empty line between; before the link.
    attachment : tuple of str and str or None
        Name and content of a JSON file.
    """

    subject: Message
    paragraphs: tuple[Message, ...]
    link_words: Message | None = None
    closing: tuple[Message, ...] = ()
    kept_line: str = ""
    body: str = ""
    attachment: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a letter may name.

    Attributes
    ----------
    competition : Text
        The name of the competition; empty when the message belongs to none.
    content : mapping
        The stored values of the message.
    link_until : str
        Until when the link is valid, as text with the time zone; empty without a link.
    """

    competition: Text
    content: Mapping[str, Any]
    link_until: str = ""


ONCE: Final = Message("The link signs you in once. Do not pass it on: whoever opens it acts in your name.")
