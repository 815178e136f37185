"""The API's list of the audit log."""

from marshmallow import Schema, fields, validate

from judging.schemas.pages import NEXT, PageQuerySchema


class LogFilterSchema(Schema):
    """The filters of the log; all optional."""

    person = fields.String(
        load_default="", validate=validate.Length(max=100), metadata={"description": "Part of a name."}
    )
    about = fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata={"description": "Part of the object: key of a round, proposal or judge."},
    )
    kind = fields.String(load_default="", metadata={"description": "A kind of entries, for example `scores`."})
    begin = fields.AwareDateTime(load_default=None, allow_none=True, metadata={"description": "From this time on."})
    end = fields.AwareDateTime(load_default=None, allow_none=True, metadata={"description": "Before this time."})
    before = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "Only entries with a smaller number."},
    )


class LogQuerySchema(LogFilterSchema, PageQuerySchema):
    """The filters of the log, and which page."""


class LogFileSchema(LogFilterSchema):
    """The filters of the log, and the kind of file."""

    format = fields.String(load_default="csv", validate=validate.OneOf(("csv", "xlsx")))


class LogEntrySchema(Schema):
    """An entry of the audit log, as the signed-in person may see it."""

    number = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    is_person = fields.Boolean(
        required=True, metadata={"description": "false: the service, the command line, an upgrade."}
    )
    subject_name = fields.String(
        required=True, metadata={"description": "The present name of the person whom the subject means, or empty."}
    )
    detail = fields.Dict(required=True)
    address = fields.String(required=True, metadata={"description": "Empty for those who may not see it."})
    stored = fields.Dict(
        required=True, metadata={"description": "Stored rows and their SHA-256; empty for those who may not see them."}
    )
    hash = fields.String(required=True)


class LogPageSchema(Schema):
    """A page of the audit log, newest first."""

    entries = fields.List(fields.Nested(LogEntrySchema), required=True)
    next_before = fields.Integer(required=True, allow_none=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})
    head = fields.String(
        required=True, allow_none=True, metadata={"description": "The signed head of the log, for the reader to keep."}
    )


class FormerLogSchema(Schema):
    """An installation at which the competition was before."""

    installation = fields.String(required=True, metadata={"description": "Its public key."})
    head = fields.String(required=True, metadata={"description": "The signed head of its log then."})
    file_digest = fields.String(required=True, metadata={"description": "SHA-256 of the file that came from there."})
    exported_at = fields.AwareDateTime(required=True)
    imported_at = fields.AwareDateTime(required=True)


class FormerEntriesSchema(Schema):
    """A page of what former installations recorded, newest first, with their numbers and hashes."""

    entries = fields.List(fields.Nested(LogEntrySchema), required=True)
    next_before = fields.Integer(
        required=True, allow_none=True, metadata={"description": "For `before`; not the number of an entry."}
    )
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})
    logs = fields.List(fields.Nested(FormerLogSchema), required=True)
