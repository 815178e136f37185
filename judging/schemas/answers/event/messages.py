"""The API's responses about e-mail messages."""

from marshmallow import Schema, fields

from judging.schemas.pages import NEXT


class MessageSchema(Schema):
    """An e-mail message to one person or team."""

    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Of the person or team it is for."})
    recipient = fields.String(required=True, metadata={"description": "The e-mail address."})
    state = fields.String(
        required=True,
        metadata={
            "enum": ["queued", "sending", "sent", "failed", "uncertain", "bounced", "delayed"],
            "description": "uncertain: the connection ended before the mail server answered; perhaps it was sent. "
            "bounced, delayed: it was sent, and a mail server has reported later that it did not arrive.",
        },
    )
    attempts = fields.Integer(required=True)
    problem = fields.String(
        allow_none=True, metadata={"description": "Why the last attempt failed, or what was reported later."}
    )
    created_at = fields.AwareDateTime(required=True)
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    returned_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When a report of a mail server was read."}
    )


class MessagesPageSchema(Schema):
    """A page of the messages, newest first."""

    entries = fields.List(fields.Nested(MessageSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})
