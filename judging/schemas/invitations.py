"""E-mail addresses, names and passwords that people enter."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from marshmallow import Schema, ValidationError, fields

from judging.errors import InvalidInput, Message
from judging.incoming_text import DIRECTION_CONTROLS, normalised
from judging.schemas.cell_fields import TURNS_DIRECTION

MIN_PASSWORD = 12
MAX_PASSWORD = 1000
MAX_EMAIL = 254
MAX_NAME = 200

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
# From published lists of common passwords: those long enough to be accepted here, also when digits are added.
_COMMON_PASSWORDS = frozenset(
    {
        "abcdefghijkl",
        "abcd12345678",
        "adminadmin",
        "administrator",
        "changemechangeme",
        "correcthorsebatterystaple",
        "football",
        "hongkonghongkong",
        "iloveyou",
        "iloveyouiloveyou",
        "letmeinletmein",
        "monkeymonkey",
        "opendataopendata",
        "opendatachallenge",
        "passw0rd",
        "passw0rdpassw0rd",
        "password",
        "passwordpassword",
        "passwort",
        "princess",
        "q1w2e3r4t5y6",
        "qazwsxedcrfv",
        "qwerty",
        "qwertyqwerty",
        "qwertyuiop",
        "qwertyuiopasdf",
        "shanghaishanghai",
        "sunshine",
        "superman",
        "trustno1trustno1",
        "welcome",
        "welcomewelcome",
        "zaq12wsxcde3",
    }
)


def normal_email(text: str) -> str:
    """Return an address in its stored form: one spelling for each mailbox.

    >>> normal_email(" Judge.01@Example.ORG ")
    'judge.01@example.org'
    """
    return normalised(text, "NFKC", limit=MAX_EMAIL).strip().lower()


def normal_password(text: str) -> str:
    """Return a password in the form that is hashed, independent of the keyboard."""
    return normalised(text, "NFKC", limit=MAX_PASSWORD)


def load_password(text: str, *, email: str, name: str) -> str:
    """Return a valid password, or raise InvalidInput under ``new``."""
    password = normal_password(text)
    folded = password.casefold()
    without_digits = folded.strip("0123456789!?.,*# ")
    own_names = [part.casefold() for part in (email, email.partition("@")[0], name) if len(part) >= 4]
    complaint: Message | None = None
    if len(password) < MIN_PASSWORD:
        complaint = Message(
            "Use at least {count} characters. A few words in a row are easy to remember.", count=MIN_PASSWORD
        )
    elif len(password) > MAX_PASSWORD:
        complaint = Message("Use at most {count} characters.", count=MAX_PASSWORD)
    elif without_digits in own_names or folded in own_names:
        complaint = Message("Your own name or e-mail address is the first thing anyone would try.")
    elif folded in _COMMON_PASSWORDS or without_digits in _COMMON_PASSWORDS or len(set(folded)) < 4 or _is_run(folded):
        complaint = Message("This password is on the lists that are tried first. Please choose another.")
    if complaint:
        raise InvalidInput({"new": complaint})
    return password


def _is_run(text: str) -> bool:
    steps = {ord(second) - ord(first) for first, second in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _is_email(value: str) -> None:
    if not _EMAIL.fullmatch(value) or len(value) > MAX_EMAIL:
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
        if not 1 <= len(name) <= MAX_NAME:
            raise ValidationError(Message("Give a name of 1 to 200 characters."))
        return name


class InvitationSchema(Schema):
    """The person to invite."""

    email = EmailField(required=True, validate=_is_email)
    name = NameField(required=True)


def load_invitation(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the e-mail address and name of a person to invite, or raise InvalidInput."""
    try:
        loaded: dict[str, str] = InvitationSchema().load(data)
    except ValidationError as error:
        raise InvalidInput(error.messages_dict) from None
    return loaded
