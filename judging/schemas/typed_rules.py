"""Validate a change of a round's rules, and the consent to one."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from judging.errors import Message
from judging.schemas.strict_yaml import MAX_BYTES
from judging.schemas.typed_decisions import Typed

LONGEST_REASON = 500
_MOST_VALUES = 200
_LONGEST_VALUE = 1000


def _digest(description: str) -> fields.String:
    return fields.String(required=True, validate=validate.Length(max=100), metadata={"description": description})


class RulesChangeSchema(Schema):
    """Other rules for a round: either the whole text, or single values."""

    text = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MAX_BYTES),
        metadata={"description": "The complete definition as YAML; see `text` of the rules in force."},
    )
    values = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 200)),
        values=fields.String(validate=validate.Length(max=_LONGEST_VALUE)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=_MOST_VALUES),
        metadata={
            "description": "Path to new value, such as `shortlist.size` to `21`; criteria by their keys. An empty text "
            "removes the value."
        },
    )

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_more: Any) -> None:
        if (data.get("text") is None) == (data.get("values") is None):
            raise ValidationError(Message("Give either the whole text or single values."), "text")


class ProposedRulesSchema(RulesChangeSchema):
    """A change that is proposed to the chairs."""

    instead_of = _digest("`digest` of the rules in force from which the change was made.")
    reason = Typed(
        LONGEST_REASON, empty=Message("Say why; everyone who checks this competition will read it."), required=True
    )


class ConsentSchema(Schema):
    """The consent to a proposed version of the rules."""

    digest = _digest("Of the version that was read.")
