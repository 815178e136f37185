"""Validate what is typed into a meeting: who is present, the agenda, notes; one schema for form and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from judging.errors import InvalidInput, Message
from judging.schemas.scoresheets import clean
from judging.schemas.typed_decisions import LONGEST_NAME, Typed, proposal_key
from judging.schemas.whole_numbers import WholeNumber

LONGEST_NOTE = 5000
MOST_PRESENT = 100

_NOBODY = Message("Name who is present, one a line.")


def _run(**kwargs: Any) -> WholeNumber:
    return WholeNumber(validate=validate.Range(min=1, max=2**31 - 1), **kwargs)


class PresentSchema(Schema):
    """Who is present at a meeting."""

    present = fields.List(
        Typed(LONGEST_NAME, empty=_NOBODY),
        required=True,
        validate=validate.Length(1, MOST_PRESENT, error=_NOBODY),
        metadata={"description": "Their names."},
    )


class OpenedMeetingSchema(PresentSchema):
    """A meeting to open."""

    agenda = fields.List(
        Typed(60),
        load_default=None,
        allow_none=True,
        metadata={"description": "Keys of proposals in the order of discussion; null for the usual order."},
    )
    run = _run(load_default=None, allow_none=True, metadata={"description": "Null for the newest one."})


class ClosedMeetingSchema(Schema):
    """A meeting to close."""

    undiscussed = fields.List(
        Typed(60),
        load_default=list,
        metadata={"description": "Keys of the proposals of which the caller knows that they were not discussed."},
    )


class MovedItemSchema(Schema):
    """A proposal that is moved on the agenda; one that is not on it is put at its end."""

    proposal = proposal_key()
    by = WholeNumber(
        load_default=0,
        validate=validate.Range(-1000, 1000),
        metadata={"description": "Places down; a negative number moves it up."},
    )


class TakenRunSchema(Schema):
    """The run with which a meeting goes on."""

    run = _run(required=True)


class NoteSchema(Schema):
    """A note of a meeting, on one proposal or on none."""

    proposal = Typed(60, load_default="")
    text = Typed(LONGEST_NOTE, empty=Message("Write the note first."), lines=True, required=True)


def load_present(text: str) -> list[str]:
    """Return the names of the people present, one a line."""
    names = [" ".join(line.split()) for line in clean(text, limit=MOST_PRESENT * (LONGEST_NAME + 1)).split("\n")]
    present = list(dict.fromkeys(name for name in names if name))
    if not present:
        raise InvalidInput({"present": _NOBODY})
    if len(present) > MOST_PRESENT or any(len(name) > LONGEST_NAME for name in present):
        raise InvalidInput(
            {
                "present": Message(
                    "At most {most} names of at most {n} characters each.", most=MOST_PRESENT, n=LONGEST_NAME
                )
            }
        )
    return present
