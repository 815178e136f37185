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
    may_confirm = fields.Boolean(
        required=True, metadata={"description": "Whether neither of both people brought the other in."}
    )
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


class OriginSchema(Schema):
    """A scoresheet that counts and is not simply the judge's own."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)
    version = fields.Integer(required=True)
    is_entered = fields.Boolean(
        required=True, metadata={"description": "Whether somebody else than the judge has entered it."}
    )
    entered_by = fields.String(required=True, allow_none=True, metadata={"description": "null: the command line."})
    confirmed_by = fields.String(required=True, allow_none=True)
    from_paper = fields.Boolean(required=True, metadata={"description": "Whether both typed it from paper."})
    handed_over_by = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Who handed over the sign-in link of the session in which it was saved."},
    )
