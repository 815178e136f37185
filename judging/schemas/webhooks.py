"""Validate a webhook that somebody adds: its address and its events; one schema for form and API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, fields, validate

from judging.errors import InvalidInput, Message
from judging.schemas.typed_decisions import load

RELEASED = "results.released"
EVENTS = {
    "round.opened": Message("A round is opened."),
    "round.closed": Message("A round is closed."),
    "round.reopened": Message("A round is reopened."),
    RELEASED: Message("Results are released."),
}
"""Event -> what happens."""
TEST = "webhook.test"
"""The event that somebody asks for in order to try a webhook."""
LONGEST_ADDRESS = 500
_ADDRESS = Message("Give an address that begins with https:// and has no user name and no part after #.")
_EVENTS = Message("Choose at least one event.")
_PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """What a new webhook is to be."""

    address: str
    events: tuple[str, ...]


class NewWebhookSchema(Schema):
    """A new webhook."""

    address = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_ADDRESS, error=_ADDRESS),
        error_messages={"required": _ADDRESS},
        metadata={"description": "Where messages are sent: an https address."},
    )
    events = fields.List(
        fields.String(validate=validate.OneOf(tuple(EVENTS))),
        required=True,
        validate=validate.Length(1, len(EVENTS), error=_EVENTS),
        error_messages={"required": _EVENTS},
    )


def load_new_webhook(typed: Mapping[str, Any], *, may_be_private: bool) -> NewWebhook:
    """Return what is asked for; InvalidInput with every complaint.

    Parameters
    ----------
    typed : mapping
    may_be_private : bool
        Whether the installation allows receivers in private networks, which need no https.
    """
    asked = load(NewWebhookSchema, typed)
    address = asked["address"].strip()
    if not is_address(address, may_be_private=may_be_private):
        raise InvalidInput({"address": _ADDRESS})
    return NewWebhook(address=address, events=tuple(event for event in EVENTS if event in asked["events"]))


def is_address(address: str, *, may_be_private: bool) -> bool:
    """Return whether a text is an address to which messages may be sent, as far as its form says.

    >>> [is_address(text, may_be_private=False) for text in ("https://a.example/b?c=1", "http://a.example", "https://u@a")]
    [True, False, False]
    """
    if not _PLAIN.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        is_port_good = parts.port != 0
    except ValueError:
        return False
    schemes = ("https", "http") if may_be_private else ("https",)
    return (
        parts.scheme in schemes
        and bool(parts.hostname)
        and is_port_good
        and "@" not in parts.netloc
        and "#" not in address
        and "\\" not in address
    )
