"""The API's bodies and answers about the people of a competition."""

from marshmallow import Schema, fields, validate

from judging.schemas.pages import NEXT

_ROLES = ("judge", "chair", "organiser", "auditor")


class MemberRoleSchema(Schema):
    """A role of a person in the competition."""

    role = fields.String(required=True, metadata={"enum": list(_ROLES)})
    city = fields.String(required=True, allow_none=True, metadata={"description": "Of a chair who speaks for one."})


class MemberSchema(Schema):
    """A person with a role in the competition."""

    number = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    roles = fields.List(fields.Nested(MemberRoleSchema), required=True)
    judge = fields.String(required=True, allow_none=True, metadata={"description": "Key on the roster of judges."})
    has_signed_in = fields.Boolean(required=True)


class MembersPageSchema(Schema):
    """A page of the people of a competition, by number."""

    entries = fields.List(fields.Nested(MemberSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})


class InviteSchema(Schema):
    """Whom an organiser gives which role."""

    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(_ROLES))
    city = fields.String(load_default="", metadata={"description": "Key of the city of a chair or of a new judge."})
    judge = fields.String(load_default="", metadata={"description": "Key on the roster of judges."})


class InvitedSchema(Schema):
    """What became of an invitation."""

    number = fields.Integer(required=True)
    channel = fields.String(
        required=True, metadata={"description": "`mail`: the link is sent; `hand`: it is in `link`; empty: no link."}
    )
    link = fields.String(required=True, metadata={"description": "Shown once, to be handed over; otherwise empty."})
    message = fields.String(required=True, metadata={"description": "Why there is no link, for example: it waits."})


class InvitationsSchema(Schema):
    """Who was invited by one request."""

    invited = fields.List(fields.Integer(), required=True, metadata={"description": "Numbers of the people."})
