"""The API's answers about the rules of a round and their changes."""

from marshmallow import Schema, fields

from judging.schemas.answers.result.releases import SignedSchema


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class RulesVersionSchema(Schema):
    """One version of a round's rules."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["proposed", "sealed", "withdrawn"]})
    digest = fields.String(required=True)
    reason = fields.String()
    proposed_at = fields.AwareDateTime(format="iso")
    sealed_at = fields.AwareDateTime(format="iso", allow_none=True)
    consents = fields.List(fields.Nested(SignedSchema))
    waiting_for = fields.List(fields.String(), metadata=_description("Cities whose consent is missing."))


class RulesSchema(Schema):
    """The rules in force and all versions, newest first."""

    digest = fields.String(required=True)
    definition = fields.Dict(required=True)
    text = fields.String(required=True, metadata=_description("The same as YAML, to change and propose."))
    versions = fields.List(fields.Nested(RulesVersionSchema), required=True)


class RuleDifferenceSchema(Schema):
    """One value of the rules that a change changes; null where there is none."""

    path = fields.String(required=True, metadata=_description("For example `shortlist.size`."))
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class RankMoveSchema(Schema):
    """A proposal whose rank would be another one."""

    proposal = fields.String(required=True)
    before = fields.Integer(required=True)
    after = fields.Integer(required=True)


class EffectSchema(Schema):
    """The results that other rules would give from the present scores."""

    problem = fields.String(metadata=_description("Why nothing can be compared; empty when it can."))
    entering = fields.List(fields.String(), metadata=_description("Proposals that would enter the shortlist."))
    leaving = fields.List(fields.String())
    moves = fields.List(fields.Nested(RankMoveSchema), metadata=_description("The largest changes of rank."))
    n_moved = fields.Integer()
    incomplete = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=_description("Criterion to submitted scoresheets without a score that the new rules require."),
    )


class RulesEffectSchema(Schema):
    """What a change of the rules changes; the effect is null while it is not computed for the present scores."""

    digest = fields.String(required=True, metadata=_description("Of the changed rules."))
    changes = fields.List(fields.Nested(RuleDifferenceSchema), required=True)
    effect = fields.Nested(EffectSchema, required=True, allow_none=True)
