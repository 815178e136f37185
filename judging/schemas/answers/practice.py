"""The comparison of a practice proposal in the API."""

from marshmallow import Schema, fields


class ComparedCriterionSchema(Schema):
    """One criterion, in the units of its scale."""

    criterion = fields.String()
    own = fields.Float()
    agreed = fields.Float(allow_none=True, metadata={"description": "The organisers' score; null without one."})
    reason = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "By language tag."})
    panel = fields.Float(
        allow_none=True, metadata={"description": "Median of the other judges; null with fewer than four."}
    )


class PracticeComparisonSchema(Schema):
    """A judge's submitted practice beside the agreed scores and the panel."""

    n_others = fields.Integer(metadata={"description": "Other judges who have submitted this proposal."})
    criteria = fields.List(fields.Nested(ComparedCriterionSchema))
