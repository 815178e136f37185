"""The API's responses about letters to teams."""

from marshmallow import Schema, fields


class LetterMessageSchema(Schema):
    """One message with a letter, to one address."""

    recipient = fields.String(required=True)
    is_of_team = fields.Boolean(required=True, metadata={"description": "Whether the roster has this address now."})
    state = fields.String(required=True, metadata={"description": "As of messages."})
    message = fields.Integer(required=True)
    problem = fields.String(required=True, allow_none=True)


class TeamLetterSchema(Schema):
    """Where the letter to one team is."""

    proposal = fields.String(required=True)
    team = fields.String(required=True)
    email = fields.String(
        required=True,
        metadata={"description": "Of the roster, several with a comma and a blank between; empty without one."},
    )
    language = fields.String(required=True)
    text = fields.String(required=True)
    has_link = fields.Boolean(required=True, metadata={"description": "Whether a link shows it."})
    state = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "enum": ["queued", "sending", "sent", "failed", "uncertain", "bounced", "delayed", None],
            "description": "Of the newest message with the letter; null before the first.",
        },
    )
    recipient = fields.String(required=True, allow_none=True, metadata={"description": "Where that message goes."})
    message = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Its number, to send it again with."}
    )
    problem = fields.String(required=True, allow_none=True)
    messages = fields.List(
        fields.Nested(LetterMessageSchema), required=True, metadata={"description": "To each address it went to."}
    )


class TeamLettersSchema(Schema):
    """The letters of the release in force."""

    release = fields.Integer(required=True, allow_none=True)
    policy_allows = fields.Boolean(required=True, metadata={"description": "Whether the rules send letters."})
    made_at = fields.AwareDateTime(required=True, allow_none=True)
    root = fields.String(required=True, metadata={"description": "Over the digests of all letters; empty before."})
    letters = fields.List(fields.Nested(TeamLetterSchema), required=True)


class MailedSchema(Schema):
    """What became of a request to send the letters."""

    queued = fields.Integer(required=True)
    before = fields.Integer(required=True, metadata={"description": "Went to the same address before."})
    without_address = fields.Integer(required=True)
