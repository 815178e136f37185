"""What people type about themselves: e-mail addresses, names, passwords."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from marshmallow import Schema, ValidationError, fields

from judging.errors import InvalidInput, Message
from judging.incoming_text import normalised

MIN_PASSWORD = 12
MAX_PASSWORD = 1000
MAX_EMAIL = 254
MAX_NAME = 200

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
# Of the well-known lists, those long enough to be typed here; a digit or two after them does not help.
_COMMONEST = frozenset(
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
    """Return an address as it is stored: one spelling for one mailbox.

    >>> normal_email(" Judge.01@Example.ORG ")
    'judge.01@example.org'
    """
    return normalised(text, "NFKC", limit=MAX_EMAIL).strip().lower()


def normal_password(text: str) -> str:
    """Return a password as it is hashed: the same whichever keyboard typed it."""
    return normalised(text, "NFKC", limit=MAX_PASSWORD)


def load_password(text: str, *, email: str, name: str) -> str:
    """Return a password fit to be hashed, or raise InvalidInput under ``new``."""
    password = normal_password(text)
    folded = password.casefold()
    bare = folded.strip("0123456789!?.,*# ")
    own = [part.casefold() for part in (email, email.partition("@")[0], name) if len(part) >= 4]
    complaint: Message | None = None
    if len(password) < MIN_PASSWORD:
        complaint = Message(
            "Use at least {count} characters. A few words in a row are easy to remember.", count=MIN_PASSWORD
        )
    elif len(password) > MAX_PASSWORD:
        complaint = Message("Use at most {count} characters.", count=MAX_PASSWORD)
    elif bare in own or folded in own:
        complaint = Message("Your own name or e-mail address is the first thing anyone would try.")
    elif folded in _COMMONEST or bare in _COMMONEST or len(set(folded)) < 4 or _is_run(folded):
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
    """A name on one line, without characters that no one can see."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = normalised(super()._deserialize(value, attr, data, **kwargs), limit=MAX_NAME)
        name = " ".join("".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs")).split())
        if not 1 <= len(name) <= MAX_NAME:
            raise ValidationError(Message("Give a name of 1 to 200 characters."))
        return name


class InvitationSchema(Schema):
    """Whom to invite."""

    email = EmailField(required=True, validate=_is_email)
    name = NameField(required=True)


def load_invitation(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the e-mail and name of someone to invite, or raise InvalidInput."""
    try:
        loaded: dict[str, str] = InvitationSchema().load(data)
    except ValidationError as error:
        raise InvalidInput(error.messages_dict) from None
    return loaded
