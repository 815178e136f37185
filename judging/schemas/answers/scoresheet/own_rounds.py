"""A judge's own work in a round, in the API."""

from marshmallow import Schema, fields


def _description(description: str) -> dict[str, str]:
    return {"description": description}


def _texts(**metadata: str) -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.String(), metadata=metadata)


class OwnScoresheetSchema(Schema):
    """One assignment of the judge with the state of its scoresheet."""

    proposal = fields.String(required=True)
    title = fields.String(required=True)
    language = fields.String(allow_none=True, metadata=_description("Of the proposal."))
    team = fields.String(allow_none=True, metadata=_description("Null where the rules hide teams from judges."))
    state = fields.String(
        required=True,
        metadata={"enum": ["not-started", "started", "submitted", "reopened", "recused", "abstained"]},
    )
    version = fields.Integer(required=True, metadata=_description("To send as `base_version`; 0 before the first."))
    saved_at = fields.AwareDateTime(format="iso", allow_none=True)
    total = fields.Float(allow_none=True, metadata=_description("0 to 100; null while a score is missing."))


class OwnRoundSchema(Schema):
    """What a judge has to score in a round."""

    is_open = fields.Boolean(required=True)
    closes_at = fields.AwareDateTime(format="iso", allow_none=True)
    n_waiting = fields.Integer(required=True, metadata=_description("Scoresheets that are not submitted."))
    scoresheets = fields.List(fields.Nested(OwnScoresheetSchema), required=True)


class LevelSchema(Schema):
    """A described value of a scale."""

    value = fields.Float(required=True)
    title = _texts()
    description = _texts()


class BriefingCriterionSchema(Schema):
    """A criterion as judges read it."""

    key = fields.String(required=True)
    name = _texts()
    description = _texts()
    weight = fields.Float(metadata=_description("Percent of the total."))
    minimum = fields.Float()
    maximum = fields.Float()
    step = fields.Float()
    justify_ends = fields.Boolean(metadata=_description("Whether the ends of the scale need a comment."))
    levels = fields.List(fields.Nested(LevelSchema))


class BriefingSchema(Schema):
    """The briefing of a round and its rubric. The code of conduct is at `conduct`."""

    name = _texts(description="By language.")
    briefing = _texts()
    criteria = fields.List(fields.Nested(BriefingCriterionSchema), required=True)
