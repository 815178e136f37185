"""E-mail addresses, names and passwords that people enter."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields

from judging.errors import InvalidInput, Message
from judging.incoming_text import DIRECTION_CONTROLS, normalised, visible
from judging.schemas.cell_fields import TURNS_DIRECTION, KeyCell, folded, is_email
from judging.schemas.password_strength import is_guessable

MIN_PASSWORD = 12
MAX_PASSWORD = 1000
MAX_EMAIL = 254
MAX_NAME = 200

PROGRAMS = frozenset(
    {"command line", "the command line", "service", "the service", "sign-in page", "set-up link", "migration"}
)
"""Names under which the audit log records what no person did."""


def normal_email(text: str) -> str:
    """Return an address in its stored form: one spelling for each mailbox.

    >>> normal_email(" Judge.01@Example.ORG ")
    'judge.01@example.org'
    """
    return normalised(text, "NFKC", limit=MAX_EMAIL).strip().lower()


def mailbox_of(email: str) -> str:
    """Return the mailbox of an address in its stored form: what follows a plus sign is only a label in it.

    >>> mailbox_of("chair+hk@example.org"), mailbox_of("a.chair@googlemail.com")
    ('chair@example.org', 'achair@gmail.com')
    """
    name, _, host = email.rpartition("@")
    name = name.partition("+")[0] or name
    if host in ("gmail.com", "googlemail.com"):
        return f"{name.replace('.', '')}@gmail.com"
    return f"{name}@{host}"


def normal_password(text: str) -> str:
    """Return a password in the form that is hashed, independent of the keyboard."""
    return normalised(text, "NFKC", limit=MAX_PASSWORD)


def load_password(text: str, *, email: str, name: str, words: Sequence[str] = ()) -> str:
    """Return a password that is not easily guessed, or raise InvalidInput under ``new``.

    Parameters
    ----------
    text : str
    email, name : str
        Of the person.
    words : sequence of str
        What everybody knows about the event: its names, places and years.
    """
    password = normal_password(text)
    complaint: Message | None = None
    if len(password) < MIN_PASSWORD:
        complaint = Message("Use at least {count} characters. A short phrase is easy to remember.", count=MIN_PASSWORD)
    elif len(password) > MAX_PASSWORD:
        complaint = Message("Use at most {count} characters.", count=MAX_PASSWORD)
    elif is_guessable(password, (email, name, *words)):
        complaint = Message(
            "This password would be guessed quickly: it is common, or made of your name or of names, places and years "
            "of the event. Take a few words that have nothing to do with it."
        )
    if complaint:
        raise InvalidInput({"new": complaint})
    return password


def _is_email(value: str) -> None:
    if not is_email(value) or len(value) > MAX_EMAIL:
        raise ValidationError(Message("This is not an e-mail address."))


class EmailField(fields.String):
    """An e-mail address in its stored spelling."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return normal_email(super()._deserialize(value, attr, data, **kwargs))


class NameField(fields.String):
    """A name on one line, without control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = normalised(super()._deserialize(value, attr, data, **kwargs), limit=MAX_NAME)
        if DIRECTION_CONTROLS & set(text):
            raise ValidationError(TURNS_DIRECTION)
        name = " ".join("".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs")).split())
        if folded(name) in PROGRAMS:
            raise ValidationError(Message("This is the name of a part of the service in the audit log. Give another."))
        if not visible(name).strip() or len(name) > MAX_NAME:
            raise ValidationError(Message("Give a name of 1 to 200 characters."))
        return name


class InvitationSchema(Schema):
    """The person to invite."""

    email = EmailField(required=True, validate=_is_email)
    name = NameField(required=True)


def load_email(text: str) -> str:
    """Return an e-mail address in its stored spelling, or raise InvalidInput under ``value``."""
    return _load_value(EmailField(required=True, validate=_is_email), text)


def load_name(text: str) -> str:
    """Return a name, or raise InvalidInput under ``value``."""
    return _load_value(NameField(required=True), text)


def load_judge_key(text: str) -> str:
    """Return the key of a judge as a roster would have it, or raise InvalidInput under ``judge``."""
    return _load_value(KeyCell(longest=40, required=True), text, name="judge")


def _load_value(field: fields.Field[str], text: str, *, name: str = "value") -> str:
    try:
        return str(field.deserialize(text))
    except ValidationError as error:
        raise InvalidInput({name: list(error.messages)}) from None


def load_invitation(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the e-mail address and name of a person to invite, or raise InvalidInput."""
    try:
        loaded: dict[str, str] = InvitationSchema().load(data)
    except ValidationError as error:
        raise InvalidInput(error.messages_dict) from None
    return loaded
