"""Links to letters and the comments in them, in the API."""

from marshmallow import Schema, fields, validate


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class LetterLinkSchema(Schema):
    """A link that shows a letter to whoever has it."""

    proposal = fields.String(required=True)
    team = fields.String(required=True)
    email = fields.String(required=True)
    language = fields.String(required=True)
    address = fields.String(required=True)


class EndedLinksSchema(Schema):
    """How many links have ended."""

    ended = fields.Integer(required=True)


class LetterCommentSchema(Schema):
    """A judge's comment that may go into a letter; of which judge it is stays unsaid."""

    comment = fields.String(required=True, metadata=_description("Its name in a choice."))
    proposal = fields.String(required=True)
    criterion = fields.String(required=True, metadata=_description("Empty for the overall comment."))
    text = fields.String(required=True)
    is_sent = fields.Boolean(required=True, allow_none=True, metadata=_description("Null before somebody looked."))


class CommentChoicesSchema(Schema):
    """Which comments are sent and which are held back; those that are not named stay as they are."""

    choices = fields.Dict(
        keys=fields.String(validate=validate.Length(max=100)),
        values=fields.String(validate=validate.OneOf(("send", "hold"))),
        required=True,
        validate=validate.Length(max=5000),
        metadata=_description("Name of the comment to `send` or `hold`."),
    )
