"""The scores of a round as a tidy table, in the API's responses."""

from marshmallow import Schema, fields


class RatingSchema(Schema):
    """One score of a scoresheet that counts."""

    proposal = fields.String(required=True)
    proposal_city = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    judge = fields.String(required=True, metadata={"description": "The judge's key; no name."})
    judge_city = fields.String(required=True)
    criterion = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "On the criterion's own scale; higher is better."})
    scored_at = fields.AwareDateTime(required=True)


class RatingCriterionSchema(Schema):
    """A criterion with what is needed to bring its scores to 0..100 and to add them up."""

    key = fields.String(required=True)
    weight = fields.Float(required=True, metadata={"description": "A share; all weights add up to 1."})
    minimum = fields.Float(required=True)
    maximum = fields.Float(required=True)
    step = fields.Float(required=True)


class RatingsSchema(Schema):
    """Every score that counts, ordered by proposal, judge and criterion."""

    criteria = fields.List(fields.Nested(RatingCriterionSchema), required=True)
    ratings = fields.List(fields.Nested(RatingSchema), required=True)
