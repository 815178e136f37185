"""An appeal as it is typed, and how it is settled."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from judging.errors import Message
from judging.schemas.typed_decisions import Typed, proposal_key

OUTCOMES = ("stands", "changed")


class AppealSchema(Schema):
    """What a team asks."""

    proposal = proposal_key()
    asked_by = Typed(
        200,
        required=True,
        empty=Message("Say who asks for the team."),
        metadata={"description": "The name of whoever asks for the team."},
    )
    reason = Typed(2000, lines=True, required=True, empty=Message("Say in a few words what the team asks, and why."))


class AppealJudgeSchema(Schema):
    """The judge of a further scoresheet."""

    judge = Typed(40, required=True, empty=Message("Choose a judge."))


class OutcomeSchema(Schema):
    """How an appeal ends."""

    outcome = fields.String(
        required=True,
        validate=validate.OneOf(OUTCOMES),
        metadata={"description": "changed: a later release, signed by all required chairs, says so."},
    )
    reason = Typed(2000, lines=True, required=True, empty=Message("Say in a few words why."))
