"""The API's request and answer about a confirmation with a second factor."""

from marshmallow import Schema, fields, validate


class CodeSchema(Schema):
    """What a person reads from an authenticator app, or a recovery code."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=40))


class ConfirmedSessionSchema(Schema):
    """How the session was confirmed, and when."""

    confirmed_by = fields.String(required=True, metadata={"enum": ["code", "recovery_code"]})
    at = fields.AwareDateTime(required=True)
