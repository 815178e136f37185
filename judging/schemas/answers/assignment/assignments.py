"""The API's answers about the assignments of a round."""

from marshmallow import Schema, fields

from judging.schemas.whole_numbers import WholeNumberInText


class AssignmentSchema(Schema):
    """What a judge is to score."""

    judge = fields.String(required=True)
    proposal = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["active", "recused", "withdrawn"]})
    is_pinned = fields.Boolean(required=True, metadata={"description": "No plan takes it back."})
    is_banned = fields.Boolean(required=True, metadata={"description": "No plan makes it again."})
    reason = fields.String(required=True)


class TakenBackSchema(Schema):
    """What came of taking back."""

    taken_back = fields.Integer(required=True)


class PrecisionPointSchema(Schema):
    """The forecast of a balanced plan."""

    n_judges = fields.Integer(required=True)
    readings = fields.Integer(required=True)
    largest_load = fields.Integer(required=True, metadata={"description": "The most scoresheets of a judge."})
    difference_error = fields.Float(
        required=True, metadata={"description": "Standard error of a difference, points on 0..100."}
    )
    reliability = fields.Float(required=True)


class PrecisionQuerySchema(Schema):
    """For how many; without a number, those of the rosters."""

    proposals = WholeNumberInText(load_default=None, allow_none=True)
    judges = WholeNumberInText(load_default=None, allow_none=True)
