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


class PracticeDifferenceSchema(Schema):
    """A submitted score of a practice proposal beside the agreed one, in the units of the scale."""

    proposal = fields.String()
    criterion = fields.String(attribute="criterion.key")
    given = fields.Float()
    agreed = fields.Float()
    points = fields.Float(metadata={"description": "Given minus agreed, on 0..100."})


class PractisedJudgeSchema(Schema):
    """One judge's submitted practice."""

    judge = fields.String(attribute="key")
    name = fields.String()
    n_submitted = fields.Integer()
    mean = fields.Float(allow_none=True, metadata={"description": "Mean of `points`; - is stricter than agreed."})
    distance = fields.Float(allow_none=True, metadata={"description": "Mean of `points` without their sign."})
    differences = fields.List(fields.Nested(PracticeDifferenceSchema))


class PracticePanelSchema(Schema):
    """The practice of a panel."""

    n_proposals = fields.Integer()
    n_agreed = fields.Integer(metadata={"description": "Practice proposals with agreed scores."})
    judges = fields.List(fields.Nested(PractisedJudgeSchema))


class PracticeComparisonSchema(Schema):
    """A judge's submitted practice beside the agreed scores and the panel."""

    n_others = fields.Integer(metadata={"description": "Other judges who have submitted this proposal."})
    criteria = fields.List(fields.Nested(ComparedCriterionSchema))
