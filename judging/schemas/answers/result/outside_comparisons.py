"""The API's responses about results of other methods."""

from marshmallow import Schema, fields

from judging.schemas.outside_comparisons import DIRECTIONS


class OutsideComparisonSchema(Schema):
    """A result of another method that somebody brought for comparison; it decides nothing."""

    number = fields.Integer(required=True)
    method = fields.String(required=True)
    direction = fields.String(required=True, metadata={"enum": list(DIRECTIONS), "description": "What is better."})
    note = fields.String(required=True)
    brought_by = fields.String(required=True, metadata={"description": "Name of the person."})
    brought_at = fields.AwareDateTime(required=True)
    taken_back_at = fields.AwareDateTime(required=True, allow_none=True)
    digest = fields.String(required=True, metadata={"description": "SHA-256 of what was brought."})
    n_values = fields.Integer(required=True)
    run = fields.Integer(required=True, allow_none=True, metadata={"description": "The run that it is compared with."})
    tau = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Kendall's tau-b of its order with that of the run, for proposals that have both."},
    )
    n_compared = fields.Integer(required=True)
    n_same_seats = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Selected proposals of the run that are among its first, in plain order."},
    )


class OutsideProposalSchema(Schema):
    """One proposal by the other method and by the run."""

    proposal = fields.String(required=True)
    value = fields.Float(required=True)
    standard_error = fields.Float(required=True, allow_none=True)
    rank = fields.Integer(required=True)
    run_rank = fields.Integer(required=True, allow_none=True)


class WholeOutsideComparisonSchema(OutsideComparisonSchema):
    """A result of another method with its values."""

    proposals = fields.List(fields.Nested(OutsideProposalSchema), required=True)
