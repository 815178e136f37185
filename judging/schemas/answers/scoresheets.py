"""A stored scoresheet as the API gives it."""

from marshmallow import Schema, fields


class SavedScoresheetSchema(Schema):
    """The newest version, in the shape of the schema that takes it, and what the server made of it."""

    version = fields.Integer(metadata={"description": "0 while nothing is stored."})
    state = fields.String(metadata={"description": "draft or submitted."})
    saved_at = fields.AwareDateTime(allow_none=True)
    total = fields.Float(allow_none=True, metadata={"description": "On 0..100; null while a criterion lacks a score."})
    is_open = fields.Boolean(metadata={"description": "Whether the scoresheet can still be written."})
    scores = fields.Dict(keys=fields.String(), values=fields.Float())
    comments = fields.Dict(keys=fields.String(), values=fields.String())
    comment = fields.String()
    justification = fields.String()
    language = fields.String(allow_none=True)
    confidence = fields.Integer(allow_none=True)
    identity_revealed = fields.Boolean()
