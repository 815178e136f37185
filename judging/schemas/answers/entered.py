"""The API's answers about scores that somebody else than the judge has entered."""

from marshmallow import Schema, fields, validate


class EnteredSheetSchema(Schema):
    """A scoresheet that waits for a second person."""

    judge = fields.String(required=True)
    proposal = fields.String(required=True)
    entered_by = fields.String(required=True, allow_none=True, metadata={"description": "null: the command line."})
    entered_from = fields.String(
        required=True, allow_none=True, metadata={"description": "The name of the file; null for older sheets."}
    )
    is_own = fields.Boolean(required=True, metadata={"description": "Whether the signed-in person has entered it."})
    scores = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class EnteredSchema(Schema):
    """What waits for a second person."""

    digest = fields.String(required=True, metadata={"description": "To be sent with the confirmation."})
    sheets = fields.List(fields.Nested(EnteredSheetSchema), required=True)


class ConfirmationSchema(Schema):
    """The confirmation of what was shown."""

    digest = fields.String(required=True, validate=validate.Length(max=64))


class ConfirmedSchema(Schema):
    """What came of it."""

    confirmed = fields.Integer(required=True)
