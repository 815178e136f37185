"""The API's answers about entries that were posted and files that were imported."""

from __future__ import annotations

from marshmallow import Schema, fields


class ImportChangeSchema(Schema):
    """A stored value that is replaced."""

    key = fields.String(required=True)
    field = fields.String(required=True, attribute="column")
    before = fields.String(required=True)
    after = fields.String(required=True)


class ImportOutcomeSchema(Schema):
    """What came of one kind of rows."""

    kind = fields.String(required=True)
    n_new = fields.Integer(required=True)
    n_changed = fields.Integer(required=True)
    n_unchanged = fields.Integer(required=True)
    changes = fields.List(
        fields.Nested(ImportChangeSchema), required=True, metadata={"description": "The first 200 changes."}
    )
    notes = fields.List(fields.String(), required=True)


class RefusedValueSchema(Schema):
    """A value that cannot be stored."""

    list = fields.String(required=True, metadata={"description": "`teams` or `proposals`."})
    index = fields.Integer(required=True, metadata={"description": "Of the row in that list, from 0."})
    key = fields.String(required=True)
    field = fields.String(required=True)
    value = fields.String(required=True)
    message = fields.String(required=True, metadata={"description": "What is wrong, and what would be right."})


class EntriesAnswerSchema(Schema):
    """What was stored, or would be."""

    is_stored = fields.Boolean(required=True)
    added = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Kind of rows: keys that are new."},
    )
    outcomes = fields.List(fields.Nested(ImportOutcomeSchema), required=True)
    refused = fields.List(
        fields.Nested(RefusedValueSchema),
        required=True,
        metadata={"description": "Only of a preview: while there is one, nothing can be stored."},
    )


class ImportQuestionSchema(Schema):
    """Something about a file that its sender must answer in `mapping.answers`, under `name`."""

    name = fields.String(required=True)
    text = fields.String(required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ImportComplaintSchema(Schema):
    """What has to be corrected at one place of a file."""

    place = fields.String(required=True)
    messages = fields.List(fields.String(), required=True)


class ReadTableSchema(Schema):
    """How one table of a file was read."""

    kind = fields.String(required=True)
    n_rows = fields.Integer(required=True)
    mapping = fields.Dict(required=True, metadata={"description": "Send it, changed, to have the file read so."})
    questions = fields.List(fields.Nested(ImportQuestionSchema), required=True)
    notes = fields.List(fields.String(), required=True)


class ImportAnswerSchema(Schema):
    """What came of the import of a file."""

    is_stored = fields.Boolean(required=True)
    outcomes = fields.List(fields.Nested(ImportOutcomeSchema), required=True)
    complaints = fields.List(fields.Nested(ImportComplaintSchema), required=True)
    tables = fields.List(fields.Nested(ReadTableSchema), required=True)
