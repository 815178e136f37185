"""The API's responses about the texts of e-mails."""

from marshmallow import Schema, fields


class MailTextInUseSchema(Schema):
    """The text of one kind of e-mail in one language."""

    kind = fields.String(required=True)
    language = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "Paragraphs with an empty line between."})
    placeholders = fields.List(fields.String(), required=True, metadata={"description": "Written in braces."})
    version = fields.Integer(required=True, metadata={"description": "0 before anybody wrote one."})
    is_standard = fields.Boolean(required=True)
    saved_at = fields.AwareDateTime(required=True, allow_none=True)
    saved_by = fields.String(required=True, metadata={"description": "Name; empty before the first version."})
