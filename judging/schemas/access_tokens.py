"""Validate what a person asks for when making an access token; one schema for form and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from judging.errors import Message
from judging.schemas.typed_decisions import Typed, load
from judging.schemas.whole_numbers import WholeNumber

SCOPES = {
    "competitions": Message("Read the competitions and rounds that I have a role in."),
    "results": Message("Read rankings, runs, decisions and files; ask for calibrations and exports."),
    "scoresheets": Message("Read and write my own scoresheets."),
    "rosters": Message("Read and write people, teams, proposals and their files."),
    "rounds": Message("Read and steer rounds: assignments, progress, pitches, messages."),
    "webhooks": Message("Add, pause and remove webhooks, and read their log."),
    "log": Message("Read the audit log."),
}
"""Scope -> what a token with it may do, if its person may."""
MOST_DAYS = 366
LONGEST_NAME = 80
_SCOPES = Message("Choose at least one scope.")
_DAYS = Message("Give a whole number of days from 1 to {most}.", most=MOST_DAYS)


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a new token is to be."""

    name: str
    scopes: tuple[str, ...]
    days: int


class NewTokenSchema(Schema):
    """A new access token."""

    name = Typed(
        LONGEST_NAME,
        empty=Message("Name the program that is to use it."),
        required=True,
        error_messages={"required": Message("Name the program that is to use it.")},
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf(tuple(SCOPES))),
        required=True,
        validate=validate.Length(1, len(SCOPES), error=_SCOPES),
        error_messages={"required": _SCOPES},
    )
    days = WholeNumber(
        load_default=90,
        validate=validate.Range(1, MOST_DAYS, error=_DAYS),
        error_messages={"invalid": _DAYS},
        metadata={"description": "How long it is valid."},
    )


def load_new_token(typed: Mapping[str, Any]) -> NewToken:
    """Return what is asked for; InvalidInput with every complaint."""
    asked = load(NewTokenSchema, typed)
    chosen = tuple(scope for scope in SCOPES if scope in asked["scopes"])
    return NewToken(name=asked["name"], scopes=chosen, days=asked["days"])
