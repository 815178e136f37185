"""The code of conduct in the API."""

from marshmallow import Schema, fields


class ConductSchema(Schema):
    """A code of conduct, and whether the signed-in judge has accepted it."""

    text = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "By language."})
    digest = fields.String(metadata={"description": "SHA-256 of the text in all languages."})
    accepted_at = fields.AwareDateTime(allow_none=True)


class AcceptedConductSchema(Schema):
    """Which text the judge accepts."""

    digest = fields.String(required=True)
