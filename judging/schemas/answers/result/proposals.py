"""The API's answer about one proposal of a round."""

from marshmallow import Schema, fields


class GivenScoresheetSchema(Schema):
    """One judge's scoresheet for the proposal; of a draft only the state is told."""

    judge = fields.String(required=True)
    city = fields.String(required=True)
    state = fields.String(
        required=True, metadata={"enum": ["submitted", "draft", "empty", "recused", "abstained", "withdrawn"]}
    )
    reason = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    saved_at = fields.AwareDateTime(required=True, allow_none=True)
    scores = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    total = fields.Float(required=True, allow_none=True, metadata={"description": "On 0..100."})
    comment = fields.String(required=True)
    comments = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    chair_note = fields.String(required=True, metadata={"description": "For chairs and auditors; empty for others."})
    justification = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    confidence = fields.Integer(required=True, allow_none=True)
    identity_revealed = fields.Boolean(required=True)


class WholeProposalSchema(Schema):
    """A proposal of a round with the scoresheets of all its judges."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    team = fields.String(required=True)
    city = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    deck_url = fields.String(required=True, allow_none=True)
    video_url = fields.String(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    scoresheets = fields.List(fields.Nested(GivenScoresheetSchema), required=True)
