"""The upload of a judge's own workbook in the API."""

from marshmallow import Schema, fields, validate

from judging.schemas.entries import PreviewSchema


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class MergeQuerySchema(PreviewSchema):
    """What is done with an uploaded workbook."""

    keep = fields.String(
        load_default="",
        validate=validate.OneOf(("", "file", "stored")),
        metadata=_description("Where a field was changed elsewhere too: what counts. Empty: nothing is stored then."),
    )


class CellChangeSchema(Schema):
    """A field that the workbook changes, as text."""

    field = fields.String(required=True, metadata=_description("For example `score-need` or `comment`."))
    before = fields.String(required=True, metadata=_description("When the workbook was made."))
    in_file = fields.String(required=True)
    stored = fields.String(required=True, metadata=_description("Now."))
    is_conflict = fields.Boolean(required=True, metadata=_description("Whether it was changed elsewhere too."))


class MergedRowSchema(Schema):
    """What the workbook changes in one scoresheet."""

    proposal = fields.String(required=True)
    changes = fields.List(fields.Nested(CellChangeSchema), required=True)
    refused = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata=_description("Field to complaints about a value that is not stored."),
    )


class MergeSchema(Schema):
    """What came of an uploaded workbook, or would come of it."""

    saved = fields.List(fields.String(), required=True, metadata=_description("Proposals with a new draft."))
    left_out = fields.List(
        fields.String(), required=True, metadata=_description("Rows of proposals that are not the judge's any more.")
    )
    rows = fields.List(fields.Nested(MergedRowSchema), required=True)
