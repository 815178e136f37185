"""Validate what hosts and organisers send about pitches: a move, a running order, a lot."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import Schema, fields, validate

from judging.errors import InvalidInput, Message
from judging.schemas.typed_decisions import Typed
from judging.schemas.typed_numbers import parse_number
from judging.schemas.whole_numbers import WholeNumber

MOVES = ("next", "pitch", "questions", "scoring", "pause", "resume", "back", "later", "leave_out", "take_in")
"""What a host can do; the last three name a proposal."""
LONGEST_SEED = 200
_MOST_PITCHES = 1000
_SEEN = Message("the number of the newest move that you have seen, from 0")


def _number() -> WholeNumber:
    return WholeNumber(
        required=True,
        validate=validate.Range(0, 2**31 - 1, error=_SEEN),
        error_messages={"invalid": _SEEN, "required": _SEEN, "null": _SEEN},
        metadata={"description": "Of the newest move that you have seen; with an older one nothing is done (409)."},
    )


class MoveSchema(Schema):
    """One move of the host."""

    action = fields.String(required=True, validate=validate.OneOf(MOVES, error=Message("Choose one of the values.")))
    number = _number()
    proposal = Typed(60, load_default="", metadata={"description": "Its key, for later, leave_out and take_in."})


class RunningOrderSchema(Schema):
    """The pitches that have not begun, in a new order."""

    order = fields.List(Typed(60), required=True, validate=validate.Length(max=_MOST_PITCHES))
    number = _number()


class LotSchema(Schema):
    """The seed of a lot, stated in the room before it is drawn."""

    seed = Typed(
        LONGEST_SEED,
        empty=Message("State the seed first: digits that were thrown or called out in the room."),
        required=True,
    )
    number = _number()


def load_places(typed: Mapping[str, str]) -> list[str]:
    """Return keys in the order of the places that were typed for them, such as ``{"P01": "2", "P02": "1"}``.

    Raises
    ------
    InvalidInput
        When a place is no number, or two are equal; the complaints are under the keys.
    """
    complaints: dict[str, Message] = {}
    places: dict[str, float] = {}
    for key, text in typed.items():
        number = parse_number(text)
        if number is None:
            complaints[key] = Message("Give a number; the smallest one comes first.")
        elif number in places.values():
            other = next(other for other, place in places.items() if place == number)
            complaints[key] = Message("{other} has the place {place} too.", other=other, place=text.strip())
        else:
            places[key] = number
    if complaints:
        raise InvalidInput(complaints)
    return sorted(places, key=lambda key: places[key])
