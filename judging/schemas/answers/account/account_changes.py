"""The API's responses about appointments and changes of accounts."""

from marshmallow import Schema, fields


class AccountChangeSchema(Schema):
    """A change of an account that waits for confirmation."""

    number = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"enum": ["appointment", "address", "name"]})
    name = fields.String(required=True, metadata={"description": "Of the person whose account it is."})
    email = fields.String(required=True)
    role = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    new_value = fields.String(allow_none=True, metadata={"description": "The proposed address or name."})
    asked_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    may_confirm = fields.Boolean(required=True, metadata={"description": "Whether you may be the second person."})
