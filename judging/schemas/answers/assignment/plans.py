"""The API's bodies and answers about plans of assignments."""

from marshmallow import Schema, fields, validate

from judging.schemas.whole_numbers import WholeNumber

_PANELS = ("all", "present", "chosen")
_READINGS = "Judges of each proposal."
_ACROSS = "Proposals of each city, at least, that a judge of another city scores too."
_PANEL = "Every active judge, those with an assignment in the round, or those of `judges`."
_MOST = 10_000


class PlanQuerySchema(Schema):
    """What a plan is to be."""

    readings = fields.Integer(required=True, validate=validate.Range(1, _MOST), metadata={"description": _READINGS})
    cross_city = fields.Integer(load_default=0, validate=validate.Range(0, _MOST), metadata={"description": _ACROSS})
    panel = fields.String(load_default="all", validate=validate.OneOf(_PANELS), metadata={"description": _PANEL})
    judges = fields.List(fields.String(), load_default=list, validate=validate.Length(max=1000))


class ApplyPlanSchema(PlanQuerySchema):
    """A plan that was looked at."""

    readings = WholeNumber(required=True, validate=validate.Range(1, _MOST), metadata={"description": _READINGS})
    cross_city = WholeNumber(load_default=0, validate=validate.Range(0, _MOST), metadata={"description": _ACROSS})
    digest = fields.String(required=True, metadata={"description": "Of the plan as GET has shown it."})


class PlannedPairSchema(Schema):
    """A proposal and a judge."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)


class ReadAcrossSchema(Schema):
    """How many proposals of a city are scored by another city too."""

    n_across = fields.Integer(required=True)
    n_all = fields.Integer(required=True)


class PlanSchema(Schema):
    """A plan, and what it changes."""

    new = fields.List(fields.Nested(PlannedPairSchema), required=True)
    taken_back = fields.List(fields.Nested(PlannedPairSchema), required=True)
    n_kept = fields.Integer(required=True)
    read_across = fields.Dict(keys=fields.String(), values=fields.Nested(ReadAcrossSchema), required=True)
    digest = fields.String(required=True, metadata={"description": "Of the changes: send it to apply them."})
