"""Access tokens in the API's responses."""

from marshmallow import Schema, fields


class TokenSchema(Schema):
    """An access token of the signed-in person; its text is shown once, when it is made."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)


class MadeTokenSchema(TokenSchema):
    """A token that was made just now."""

    token = fields.String(required=True, metadata={"description": "Keep it now: it is stored nowhere."})
