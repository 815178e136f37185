"""The API's bodies and answers about single rows of the rosters."""

from marshmallow import Schema, fields, validate

from judging.schemas.pages import NEXT

_VALUES = "Field to text, as in a file. A field that is missing or empty is emptied."


class RosterValuesSchema(Schema):
    """The values of a judge, a team or a proposal."""

    key = fields.String(load_default="", metadata={"description": "Of a new row; the next one is proposed without it."})
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata={"description": _VALUES})
    newest_change = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 10**12),
        metadata={"description": "As read with the values; then nobody else's change is overwritten."},
    )


class RosterChangeSchema(Schema):
    """One change of a row."""

    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True, allow_none=True, metadata={"description": "null: the command line."})
    action = fields.String(required=True)
    changes = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "Field: before, after."}
    )
    reason = fields.String(required=True)
    file = fields.String(required=True)


class RosterRowSchema(Schema):
    """A judge, a team or a proposal, and what was changed."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
    takes_part = fields.Boolean(required=True)
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    newest_change = fields.Integer(required=True)
    history = fields.List(fields.Nested(RosterChangeSchema), required=True)


class LeavingAnswerSchema(Schema):
    """What happened to the scoresheets of a judge who left."""

    staying = fields.List(fields.String(), required=True, metadata={"description": "Submitted: they count."})
    moving = fields.List(fields.String(), required=True, metadata={"description": "Taken over by the replacement."})
    falling_back = fields.List(fields.String(), required=True, metadata={"description": "Free for another judge."})


class ListedRowSchema(Schema):
    """A judge, a team or a proposal of a list."""

    key = fields.String(required=True)
    takes_part = fields.Boolean(required=True)
    values = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class RosterPageSchema(Schema):
    """A page of a roster, by key."""

    entries = fields.List(fields.Nested(ListedRowSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})
